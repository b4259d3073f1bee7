import { gzipSync } from 'node:zlib';
import { archiveJson } from '../../../src/questions/archive/json.js';
import { archiveText } from '../../../src/questions/archive/text.js';
import { findCommitJson } from '../../../src/questions/find-commit/json.js';
import { findCommitText } from '../../../src/questions/find-commit/text.js';
import { incidentsJson } from '../../../src/questions/incidents/json.js';
import { incidentsText } from '../../../src/questions/incidents/text.js';
import { momentJson } from '../../../src/questions/moment/json.js';
import { momentText } from '../../../src/questions/moment/text.js';
import type { PlanTarget } from '../../../src/questions/plan/ask.js';
import { planJson } from '../../../src/questions/plan/json.js';
import { planText } from '../../../src/questions/plan/text.js';
import {
  examineArchive,
  findCommit,
  findIncidents,
  findMoment,
  planRecovery,
  recoverRows,
} from '../../../src/questions/portable.js';
import type { RowsQuestion } from '../../../src/questions/rows/ask.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { rowsJson } from '../../../src/questions/rows/json.js';
import type { SourceFolder } from '../../../src/sources/byte-source.js';
import type { NamedBytes } from '../../../src/sources/input.js';
import { decodeText, encodeText } from '../../../src/text/encoding.js';
import { UTC } from '../../../src/text/timezone.js';
import { readTestdata } from '../../support/testdata.js';
import { encodeRecord, type RecordInput, WalWriter } from '../../support/wal-writer.js';
import * as work from '../../support/workload.js';
import { backupOf, TABLES } from '../backup.js';
import type { Input } from '../input.js';
import type { Random } from '../random.js';
import { check, type Target } from '../target.js';
import { branchedWalOf, VERSIONS, walOf, walSeeds } from '../wal.js';

const T0 = 800_000_000_000_000n;

/** What sessions do, with what comes of it in the WAL; one after the other they make up a stretch of it. */
const SCENES: readonly RecordInput[][] = [
  [
    work.insert(700),
    work.insert(700, { offset: 2 }),
    work.commit(700, T0),
    work.remove(701),
    work.commit(701, T0 + 1n),
  ],
  [work.createFile(710, work.rel(17_000)), work.nameFile(710, work.rel(17_000), 't'), work.commit(710, T0)],
  [work.insert(720), work.assign(720, [721]), work.remove(721), work.abort(720, T0, { subxacts: [721] })],
  [
    work.pageImage(600, work.TABLE),
    work.update(730),
    work.copyRows(730, [3, 4], { initPage: true }),
    work.commit(730, T0),
  ],
  [work.remove(740), work.prepare(740, T0), work.commit(740, T0, { prepared: true, dropped: [work.TABLE] })],
  [work.markDatabase(16384), work.dropDatabase(750, 16384), work.commit(750, T0)],
  [
    work.refile(760, work.rel(16390), 'r'),
    work.emptyFile(760, work.rel(16390)),
    work.commit(760, T0, { dropped: [work.TABLE] }),
  ],
  [work.onlineCheckpoint(), work.runningXacts(770), work.endOfRecovery(), work.shutdownCheckpoint()],
  [
    work.insert(780, { flags: work.IS_SPECULATIVE }),
    work.confirm(780),
    work.lock(780),
    work.switchSegment(),
    work.commit(780, T0),
  ],
];

const sceneSeeds = (...settings: number[]): Input[] =>
  VERSIONS.flatMap((version) =>
    [...SCENES, SCENES.flat()].map((scene) => [
      Uint8Array.of(version - 10, ...settings),
      ...scene.map((record) => encodeRecord(record, 0n, version)),
    ]),
  );

/** Settings of which the last two say whether segments are whole, and after how many records a timeline branches off. */
const overWal = (
  name: string,
  run: (files: NamedBytes[], settings: Uint8Array) => Promise<unknown>,
): Target => ({
  name,
  seeds: (random) => [...sceneSeeds(0, 0, random.below(2), random.below(3)), ...walSeeds(random, 20)],
  run(input) {
    // most of them cut off after their last page: whole ones take longer
    const [[, , , isWhole, branchAt = 0] = new Uint8Array(0)] = input;
    if (branchAt === 0) {
      const { segments, settings } = walOf(input, isWhole === 1);
      return run(segments, settings);
    }
    const { segments, history, settings } = branchedWalOf(input, branchAt - 1, isWhole === 1);
    return run([...segments, history], settings);
  },
});

const RELATIONS = ['16386', '1663/16384/16386', '17000', '1259', '16390', '16384'];
const relationOf = (byte = 0): string => RELATIONS[byte % RELATIONS.length];

const findCommitTarget = overWal('find-commit', async (segments, [which, how = 0]) => {
  const relation = relationOf(which);
  const result = await findCommit(segments, { relation });
  const json = JSON.stringify(findCommitJson(result));
  findCommitText(result, relation, UTC);
  if ((how & 1) === 0) return;
  const other = JSON.stringify(findCommitJson(await findCommit(segments.toReversed(), { relation })));
  check(json === other, 'given in another order, segments say something else');
});

const incidentsTarget = overWal('incidents', async (segments, [minRows = 1, how = 0]) => {
  const result = await findIncidents(segments, { minRows, all: (how & 1) === 1 });
  JSON.stringify(incidentsJson(result));
  incidentsText(result, UTC);
});

const momentTarget = overWal('moment', async (segments, [how = 0, a = 0]) => {
  const found = await findMoment(segments, { time: T0 + BigInt(a), quick: (how & 1) === 1 });
  JSON.stringify(momentJson(found));
  momentText(found, UTC);
});

const examineTarget = overWal('archive-wal', async (segments) => {
  const report = await examineArchive(segments);
  JSON.stringify(archiveJson(report));
  archiveText(report, UTC);
});

const QUESTIONS: readonly RowsQuestion[] = [
  { kind: 'as-of', target: { kind: 'latest' } },
  { kind: 'deleted-by', xid: 'last' },
  { kind: 'history' },
  { kind: 'deleted-by', xid: 701 },
  { kind: 'as-of', target: { kind: 'time', time: T0, inclusive: true } },
];
const COLUMNS = [
  'id int4',
  'id int4, producto text, stock int4, fecha_hora timestamp',
  'a name, b oid',
  'a text[], b jsonb',
];

const rowsTarget = overWal('rows-wal', async (segments, [which = 0, how = 0]) => {
  const rows = await recoverRows(segments, {
    relation: { relNumber: Number(relationOf(which).split('/').at(-1)) },
    columns: COLUMNS[how % COLUMNS.length],
    question: QUESTIONS[(how >> 2) % QUESTIONS.length],
    timezone: UTC,
  });
  try {
    for (const line of rowsJson(rows)) JSON.stringify(line);
    for (const format of ['copy', 'csv', 'table', 'sql'] as const)
      for (const _ of formatRows(rows, format, true));
  } finally {
    rows.close();
  }
});

const TARGETS: readonly PlanTarget[] = [
  { kind: 'latest' },
  { kind: 'immediate' },
  { kind: 'before-delete', relation: '16386' },
  { kind: 'time', time: T0, inclusive: true },
  { kind: 'xid', xid: 701, inclusive: false },
  { kind: 'lsn', lsn: 0x100100n, inclusive: true },
  { kind: 'name', name: 'antes' },
];

const LABEL = `START WAL LOCATION: 0/100028 (file 000000010000000000000001)
CHECKPOINT LOCATION: 0/100028
BACKUP METHOD: streamed
BACKUP FROM: primary
START TIME: 2026-11-22 10:13:51 UTC
LABEL: x
START TIMELINE: 1
`;

const planTarget = overWal('plan', async (segments, [which = 0, how = 0]) => {
  const planned = await planRecovery(segments, {
    backup: { name: 'backup_label', bytes: encodeText(LABEL) },
    target: TARGETS[which % TARGETS.length],
    timeline: ([undefined, 'latest', 'current', 1] as const)[how % 4],
  });
  JSON.stringify(planJson(planned));
  planText(planned, UTC);
});

/** A file of an archive: its name, a line feed, its bytes. */
function fileOf(part: Uint8Array): NamedBytes {
  const end = part.indexOf(0x0a);
  return end < 0
    ? { name: decodeText(part), bytes: new Uint8Array(0) }
    : { name: decodeText(part.subarray(0, end)), bytes: part.subarray(end + 1) };
}

const partOf = (name: string, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([encodeText(`${name}\n`), bytes]);

const ARCHIVE_WORDS = [
  ...[
    '.gz',
    '.partial',
    '.history',
    '.backup',
    '.ready',
    '.done',
    '00000002',
    '000000010000000000000001',
    '/',
  ],
  ...['backup_label', 'backup_manifest', '.zst', '.lz4', '.tar', '\n'],
];

/** An archive of any files under any names. */
const archiveTarget: Target = {
  name: 'archive',
  words: ARCHIVE_WORDS,
  seeds: () => {
    const writer = new WalWriter({ version: 17, timeline: 1 });
    for (const record of SCENES.flat()) writer.append(record);
    const segments = writer.segments.map(({ name, bytes }) => partOf(name, bytes.subarray(0, 8192)));
    const branch = segments.map((part) => {
      const copy = part.slice();
      copy.set(encodeText('00000002'));
      return copy;
    });
    const history = partOf('00000002.history', encodeText('1\t0/100100\tno reason\n'));
    const [first] = writer.segments;
    const backupHistory = '000000010000000000000002.00000028.backup';
    return [
      segments,
      [...segments, history, ...branch],
      [partOf('backup_label', encodeText(LABEL)), ...segments],
      [
        partOf(backupHistory, readTestdata(`testdata/lab/18/${backupHistory}.gz`)),
        partOf(`${first.name}.gz`, gzipSync(first.bytes.subarray(0, 8192))),
      ],
      [partOf('archive_status/000000010000000000000001.ready', new Uint8Array(0)), ...segments],
    ];
  },
  async run(parts) {
    const report = await examineArchive(parts.map(fileOf));
    JSON.stringify(archiveJson(report));
    archiveText(report, UTC);
  },
};

/** Places in a backup or the WAL after it, and what is put there: enough to begin with. */
function backupSeeds(random: Random, choices: number): Input[] {
  return Array.from({ length: 40 }, (_, i) => [
    Uint8Array.of(i % choices, i >> 2),
    ...Array.from({ length: random.below(i > choices ? 3 : 1) }, () =>
      Uint8Array.from({ length: 6 }, () => random.below(256)),
    ),
  ]);
}

/** Over a base backup, pages, catalogs, small files and WAL of which are changed. */
const overBackup = (
  name: string,
  run: (backup: SourceFolder, wal: NamedBytes[], settings: Uint8Array) => Promise<unknown>,
): Target => ({
  name,
  seeds: (random) => backupSeeds(random, TABLES.length),
  async run([settings = new Uint8Array(0), ...changes]) {
    const { backup, wal } = await backupOf(changes);
    await run(backup, wal, settings);
  },
});

const backupRowsTarget = overBackup('rows', async (backup, wal, [which = 0, how = 0]) => {
  const rows = await recoverRows(wal, {
    backup,
    table: TABLES[which % TABLES.length],
    database: 'ventas_db',
    question: QUESTIONS[how % QUESTIONS.length],
    timezone: UTC,
  });
  try {
    for (const line of rowsJson(rows)) JSON.stringify(line);
    for (const _ of formatRows(rows, 'copy', true));
  } finally {
    rows.close();
  }
});

const namesTarget = overBackup('names', async (backup, wal, [which = 0, how = 0]) => {
  const table = { database: 'ventas_db', table: TABLES[which % TABLES.length] };
  if (how & 1) JSON.stringify(incidentsJson(await findIncidents(wal, { backup, minRows: 1, all: true })));
  else JSON.stringify(findCommitJson(await findCommit(wal, { backup, table })));
});

const backupPlanTarget = overBackup('plan-backup', async (backup, wal, [which = 0]) => {
  const planned = await planRecovery(wal, { backup, target: TARGETS[which % TARGETS.length] });
  JSON.stringify(planJson(planned));
  planText(planned, UTC);
});

export const questionTargets: readonly Target[] = [
  ...[findCommitTarget, incidentsTarget, momentTarget, examineTarget, rowsTarget, planTarget, archiveTarget],
  ...[backupRowsTarget, namesTarget, backupPlanTarget],
];
