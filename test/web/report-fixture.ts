import type { IncidentJson, RelationName, ReportJson, RestorePointJson } from '../../src/index.js';

/** What a made-up report has. */
export interface Made {
  steps?: number;
  stepSeconds?: number;
  incidents?: number;
  rmgrs?: number;
  relations?: number;
  checkpoints?: number;
  name?: RelationName;
  label?: string;
  message?: string;
  restorePoint?: string;
}

const RMGRS = [
  ...[
    'Heap',
    'Btree',
    'XLOG',
    'Heap2',
    'Transaction',
    'Gin',
    'Storage',
    'Standby',
    'CLOG',
    'Database',
    'Tablespace',
  ],
  ...['MultiXact', 'RelMap', 'Hash', 'Gist', 'Sequence', 'SPGist', 'BRIN', 'CommitTs', 'ReplicationOrigin'],
  ...['Generic', 'LogicalMessage'],
];
const KINDS = ['INSERT', 'UPDATE', 'DELETE'];
const START = Date.parse('2026-03-01T22:00:00Z');
const SEGMENT = 16 * 1024 * 1024;

const lsn = (bytes: number): string =>
  `${Math.floor(bytes / 2 ** 32)
    .toString(16)
    .toUpperCase()}/${(bytes % 2 ** 32).toString(16).toUpperCase().padStart(8, '0')}`;
const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0');
const segment = (timeline: number, number: number): string =>
  hex(timeline) + hex(Math.floor(number / 256)) + hex(number % 256);

/** The same numbers each time. */
function numbers(): () => number {
  let state = 20_260_301;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

/** A report of a busy night as walscan could have made it: two timelines, a hole, backups, an incident at half past one. */
export function madeReport(made: Made = {}): ReportJson {
  const { steps = 96, stepSeconds = 300, incidents: incidentCount = 3, rmgrs: rmgrCount = 12 } = made;
  const { relations: relationCount = 14, checkpoints: checkpointCount = 24 } = made;
  const next = numbers();
  const iso = (step: number): string =>
    `${new Date(START + step * stepSeconds * 1000).toISOString().slice(0, -1)}123Z`;
  const series = (size: number) =>
    Array.from({ length: steps }, (_, i) => {
      const wave = 1 + Math.sin(i / 9) + (i === Math.floor(steps * 0.43) ? 6 : 0);
      return Math.floor(size * wave * (0.6 + 0.8 * next()));
    });
  const names = RMGRS.slice(0, rmgrCount);
  const bytes = names.map((rmgr, i) => ({ rmgr, values: series(4_000_000 / (i + 1) ** 1.8) }));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const imageBytes = series(2_500_000);
  const rmgrs = bytes.map(({ rmgr, values }, i) => {
    const volume = {
      records: Math.ceil(sum(values) / 80),
      recordBytes: sum(values),
      imageBytes: i === 0 ? sum(imageBytes) : 0,
    };
    const part = (one: number, k: number) => (k === 2 ? one - 2 * Math.floor(one / 3) : Math.floor(one / 3));
    const kinds = KINDS.map((kind, k) => ({
      kind,
      records: part(volume.records, k),
      recordBytes: part(volume.recordBytes, k),
      imageBytes: part(volume.imageBytes, k),
    }));
    return { rmgr, ...volume, kinds };
  });
  const relation = (i: number): string => `1663/16384/${16_400 + i * 3}`;
  const nameOf = (i: number): RelationName =>
    made.name ?? {
      database: 'shop',
      schema: 'public',
      name:
        ['orders', 'order_lines', 'customers', 'stock', 'invoices', 'audit_log'][i % 6] +
        (i > 5 ? `_${i}` : ''),
    };
  const incidents = Array.from({ length: incidentCount }, (_, i): IncidentJson => {
    const kind = (['rows', 'drop-or-truncate', 'drop-column'] as const)[i % 3];
    const xid = 90_412 - i * 17;
    return {
      time: iso(Math.max(0, steps * 0.435 - i * (steps / Math.max(incidentCount * 3, 9)))),
      xid,
      lsn: lsn(0x2_4300_0680 - i * 4096),
      timelines: [2],
      kind,
      relation: relation(i),
      name: nameOf(i),
      rows: kind === 'rows' ? { deleted: 128_417 - i, updated: i === 0 ? 0 : 12 } : null,
      columns: kind === 'drop-column' ? ['discount'] : null,
      files: kind === 'rows' ? null : 3,
      database: null,
      databaseName: null,
      stopLsn: null,
      command: `walscan find-commit --rel ${relation(i)} /backups/main/archive`,
      rowsCommand:
        kind === 'rows'
          ? `walscan rows --rel ${relation(i)} --backup /backups/main/base --deleted-by ${xid} /backups/main/archive`
          : null,
      undoCommand:
        kind === 'rows'
          ? `walscan undo --xid ${xid} --backup /backups/main/base /backups/main/archive`
          : null,
    };
  });
  const volume = (size: number) => ({
    records: Math.floor(size / 90),
    recordBytes: Math.floor(size * 0.7),
    imageBytes: Math.floor(size * 0.3),
  });
  const head = {
    postgres: 17,
    systemIdentifier: '7712428432655361900',
    timelines: [1, 2],
    startLsn: '2/20000000',
    endLsn: '2/5A3C1D20',
  };
  const first = 0x220;
  const forkLsn = '2/3C000138';
  const restorePoints: RestorePointJson[] = [
    {
      name: made.restorePoint ?? 'before release 4.2',
      lsn: '2/2A000060',
      timeline: 1,
      time: iso(steps * 0.2),
    },
  ];
  const missing = { timeline: 2, first: segment(2, 0x248), last: segment(2, 0x249), count: 2 };
  const backup = (
    name: string,
    start: number,
    timeline: number,
  ): ReportJson['archive']['backups'][number] => ({
    tool: null,
    name: null,
    type: null,
    parent: null,
    startTime: null,
    stopTime: iso(0),
    size: null,
    storedSize: null,
    problem: null,
    startLsn: lsn(start),
    endLsn: lsn(start + 4096),
    timeline,
    label: name,
    files: [`/backups/main/${name}/backup_label`],
    state: 'complete',
    firstSegment: segment(timeline, Math.floor(start / SEGMENT)),
    lastSegment: segment(timeline, Math.floor(start / SEGMENT)),
    missing: [],
    verified: null,
  });
  const run = (
    timeline: number,
    from: number,
    to: number,
  ): ReportJson['archive']['wal'][number]['runs'][number] => ({
    first: segment(timeline, from),
    last: segment(timeline, to),
    count: to - from + 1,
    startLsn: lsn(from * SEGMENT),
    endLsn: lsn((to + 1) * SEGMENT),
    records: 412_345,
    commits: 8_211,
    firstCommitTime: iso(0),
    lastCommitTime: iso(steps),
    lastRecordEnd: lsn((to + 1) * SEGMENT),
    full: true,
  });
  const holeProblem = {
    code: 'missing-segments' as const,
    message:
      made.message ??
      `timeline 2 lacks ${missing.first} to ${missing.last}: no recovery gets past them, look for them on the server`,
    lsn: null,
    file: null,
  };
  const label = made.label ?? 'nightly 2026-03-01';
  return {
    walscan: '0.1.0',
    leftOut: [],
    made: iso(steps + 1),
    archive: {
      ...head,
      segmentSize: SEGMENT,
      quick: false,
      complete: false,
      wal: [
        {
          ...{ timeline: 1, parent: null, switchLsn: null, reason: null, toldBy: null },
          ...{ runs: [run(1, first, 0x241)], missing: [], expired: [] },
        },
        {
          ...{
            timeline: 2,
            parent: 1,
            switchLsn: forkLsn,
            reason: 'before 2026-03-01 22:40:00+00',
            toldBy: 'history',
          },
          ...{ runs: [run(2, 0x23c, 0x247), run(2, 0x24a, 0x259)], missing: [missing], expired: [] },
        },
      ],
      backups: [backup(label, 0x2_2100_0028, 1), backup('weekly', 0x2_4c00_0028, 2)],
      foreign: [],
      duplicates: [],
      partial: [],
      notArchived: [segment(2, 0x259)],
      unused: [],
      problems: [
        holeProblem,
        {
          code: 'damaged-wal',
          message: `${segment(1, 0x231)}: incorrect record checksum`,
          lsn: '2/31004A10',
          file: segment(1, 0x231),
        },
      ],
    },
    incidents: { ...head, segments: 58, backup: null, incidents, older: 0, problems: [holeProblem] },
    wal: {
      ...head,
      segments: 58,
      since: null,
      until: null,
      rmgrs,
      overTime: {
        start: new Date(START).toISOString(),
        stepSeconds,
        steps,
        bytes,
        imageBytes,
        records: series(90_000),
        commits: series(900),
        aborts: series(12),
        checkpoints: Array.from({ length: steps }, (_, i) => (i % 6 === 0 ? 1 : 0)),
        elsewhere: null,
      },
      relations: {
        largest: Array.from({ length: relationCount }, (_, i) => ({
          relation: relation(i),
          name: i === 3 ? null : nameOf(i),
          owner: null,
          ...volume(90_000_000 / (i + 1)),
        })),
        exact: true,
        others: { relations: 211, ...volume(11_000_000) },
        none: volume(2_000_000),
      },
      transactions: {
        largest: Array.from({ length: relationCount }, (_, i) => ({
          xid: 90_412 - i * 17,
          timeline: 2,
          state: (['committed', 'aborted', 'prepared', 'open'] as const)[i % 4],
          lsn: i % 4 === 3 ? null : lsn(0x2_4300_0680 - i * 4096),
          time: i % 4 === 3 ? null : iso(i),
          ...volume(70_000_000 / (i + 1)),
        })),
        others: { transactions: 81_034, ...volume(30_000_000) },
        none: volume(9_000_000),
      },
      images: {
        count: 61_233,
        bytes: sum(imageBytes),
        compressed: { count: 0, bytes: 0 },
        uncompressedBytes: sum(imageBytes),
        share: 0.31,
        hints: ['checkpoint_timeout', 'wal_compression'],
      },
      checkpoints: Array.from({ length: checkpointCount }, (_, i) => ({
        lsn: lsn(0x2_5900_0060 - i * 2 * SEGMENT),
        redoLsn: lsn(0x2_5900_0028 - i * 2 * SEGMENT),
        timeline: 2,
        time: iso(steps - 1 - (i * steps) / (checkpointCount + 1)),
        kind: 'online',
        after: volume(20_000_000 * (0.4 + next())),
      })),
      olderCheckpoints: 0,
      restorePoints,
      moreRestorePoints: 0,
      clockSteps: [{ lsn: '2/50000100', timeline: 2, from: iso(steps * 0.7), to: iso(steps * 0.68) }],
      moreClockSteps: 0,
      nearest: null,
      reach: [
        {
          ...{ backup: label, startLsn: '2/21000028', timeline: 1 },
          timelines: [
            { timeline: 2, lsn: '2/48000000', time: iso(steps * 0.6), complete: false },
            { timeline: 1, lsn: '2/42000000', time: iso(steps * 0.5), complete: true },
          ],
        },
        {
          ...{ backup: 'weekly', startLsn: '2/4C000028', timeline: 2 },
          timelines: [{ timeline: 2, lsn: '2/5A3C1D20', time: iso(steps), complete: true }],
        },
      ],
      problems: [holeProblem],
    },
  };
}
