import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';
import { filesOf, folderOf } from '../support/folder.js';
import { readTestdata } from '../support/testdata.js';
import { WalWriter } from '../support/wal-writer.js';
import { insert } from '../support/workload.js';

const SCHEMAS = 'docs/schema';
const LABS = readdirSync('testdata/lab').map((version) => `testdata/lab/${version}`);
/** Answers have the same form whatever the version, but for records and pg_control. */
const ENDS = [LABS[0], LABS.at(-1)!];
const FAULTS = ['truncated-at-page', 'truncated-mid-page', 'zero-tail'].map(
  (fault) => `testdata/faults/15/${fault}`,
);
const ROWS = 'testdata/rows/18';
const BACKUP = ['--backup', `${ROWS}/base.tar.gz`];

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
for (const file of readdirSync(SCHEMAS)) {
  ajv.addSchema(JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8')));
}

/** A pg_control that its checksum does not fit. */
function damagedControl(): string {
  const bytes = readTestdata('testdata/lab/17/pg_control');
  bytes[100] ^= 1;
  return join(folderOf({ pg_control: bytes }), 'pg_control');
}

/** An archive with a gap, a damaged and a `.partial` file, one that is given twice, and one that cannot be read. */
function poorArchive(): string {
  const lab = 'testdata/lab/17';
  const segment = (number: number): Buffer => readTestdata(`${lab}/00000001000000000000000${number}.gz`);
  const damaged = segment(4);
  damaged.fill(0xff, 0x100, 0x200);
  return folderOf({
    'a/000000010000000000000002': segment(2),
    'b/000000010000000000000002': segment(2),
    '000000010000000000000004': damaged,
    '000000010000000000000005.partial': segment(5),
    '000000010000000000000006.gz': Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff]),
    '000000010000000000000007': Buffer.alloc(16 * 1024 * 1024),
  });
}

/** WAL that ends before a transaction does. */
function unendedWal(): string {
  const writer = new WalWriter({ version: 17 });
  writer.append(insert(600));
  return folderOf(filesOf(writer.segments));
}

/** What stands for such files in the commands below. */
const POOR = '(a poor archive)';
const DAMAGED = '(a damaged pg_control)';
const UNENDED = '(WAL that ends before a transaction)';
const NEW = '(a new folder)';
const made: Record<string, () => string> = {
  [POOR]: poorArchive,
  [DAMAGED]: damagedControl,
  [UNENDED]: unendedWal,
  [NEW]: () => folderOf({}),
};

/** The schema, and commands whose output is to be as it says. */
const CASES: [schema: string, commands: string[][]][] = [
  [
    'find-commit',
    [
      ...ENDS.map((lab) => ['find-commit', '--rel', '16386', lab]),
      ...FAULTS.map((folder) => ['find-commit', '--rel', '16386', folder]),
      ['find-commit', ...BACKUP, '--table', 't_trunc', '--database', 'ventas_db', ROWS],
      ['find-commit', '--rel', '16386', POOR],
      ['find-commit', '--rel', '1', 'testdata/lab/17'],
      ['find-commit', '--rel', '16386', UNENDED],
    ],
  ],
  [
    'incidents',
    [
      ...ENDS.map((lab) => ['incidents', '--min-rows', '1', '--all', lab]),
      ['incidents', ...BACKUP, '--min-rows', '1', '--all', ROWS],
      ['incidents', '--min-rows', '1', POOR],
    ],
  ],
  [
    'archive',
    [
      ...[...ENDS, ...FAULTS, 'testdata/formats', ROWS, POOR].map((folder) => ['archive', folder]),
      ['archive', '--quick', POOR],
      ['archive', 'testdata/two-timelines'],
    ],
  ],
  [
    'report',
    [
      ...[...ENDS, ...FAULTS, POOR, UNENDED].map((folder) => ['report', folder]),
      ['report', ...BACKUP, ROWS],
      ['report', '--since', '2026-11-22 10:13:38 UTC', 'testdata/lab/17'],
      ['report', 'testdata/two-timelines'],
    ],
  ],
  [
    'archive-at',
    [
      ...['2026-11-22 10:13:38', '2000-01-01 00:00:00', '2030-01-01 00:00:00'].flatMap((time) =>
        ['testdata/lab/17', POOR].map((folder) => ['archive', '--utc', '--at', time, folder]),
      ),
      ['archive', '--at', '2026-03-08 02:00:02 UTC', 'testdata/clock'],
    ],
  ],
  [
    'plan',
    [
      ...ENDS.map((lab) => ['plan', '--backup', `${lab}/backup_label`, '--latest', lab]),
      ...[
        ['--name', 'test_pirt', '--timeline', '1'],
        ['--before-delete', '--rel', '16386'],
        ['--time', '2026-11-22 10:13'],
        ['--xid', '4000000000'],
        ['--immediate'],
      ].map((target) => ['plan', '--backup', 'testdata/lab/17/backup_label', ...target, 'testdata/lab/17']),
      ['plan', '--backup', 'testdata/lab/17/backup_label', '--latest', POOR],
      ['plan', '--backup', 'testdata/lab/16/backup_label', '--latest', 'testdata/lab/17'],
      ['plan', '--backup', 'testdata/lab/17/backup_label', '--latest', 'testdata/lab/17', 'testdata/lab/18'],
    ],
  ],
  [
    'rows',
    [
      ...[['--deleted-by', 'last'], ['--as-of', 'latest'], ['--history']].flatMap((question) =>
        ['ventas.inventarios', '"Tabla Rara"'].map((table) => [
          ...['rows', ...BACKUP, '--table', table, '--database', 'ventas_db', ...question, ROWS],
        ]),
      ),
      [
        ...['rows', '--rel', '16386', '--columns', 'id int4, producto text', '--deleted-by', 'last'],
        'testdata/lab/17/000000010000000000000004.gz',
      ],
    ],
  ],
  [
    'changes',
    [
      ['changes', ...BACKUP, ROWS],
      ['changes', ROWS],
    ],
  ],
  [
    'undo',
    [
      ['undo', '--json', '--xid', '809', ...BACKUP, ROWS],
      ['undo', '--json', '--since', '2026-11-22 10:13:48 UTC', ...BACKUP, ROWS],
      ['undo', '--json', '--xid', '742', 'testdata/lab/17'],
    ],
  ],
  ['facts', [...[...ENDS, ...FAULTS, POOR].map((folder) => ['facts', '-o', NEW, folder])]],
  [
    'dump',
    [
      ...LABS.map((lab) => ['dump', '-n', '300', '-p', lab, '000000010000000000000003']),
      ['dump', ...BACKUP, '-n', '300', '-p', ROWS, '000000010000000000000003'],
    ],
  ],
  [
    'control',
    [
      ...LABS.map((lab) => ['control', `${lab}/pg_control`]),
      ...['10', '11', '12'].map((version) => ['control', `testdata/control/${version}/pg_control`]),
      ['control', DAMAGED],
    ],
  ],
];

describe.each(CASES)('JSON of %s', (schema, commands) => {
  it.each(commands.map((command) => [command.join(' '), command]))('%s', async (_, command) => {
    const { stdout, stderr } = await runCli([...command.map((arg) => made[arg]?.() ?? arg), '--json']);
    expect(stdout, stderr).not.toBe('');
    for (const text of ['dump', 'changes'].includes(schema) ? stdout.trimEnd().split('\n') : [stdout]) {
      ajv.validate(`${schema}.json`, JSON.parse(text));
      expect(ajv.errors ?? []).toEqual([]);
    }
  });
});

it('every schema is tested', () => {
  const tested = CASES.map(([schema]) => `${schema}.json`);
  // facts-tables.json is of Parquet files: test/questions/facts/schema.test.ts
  expect([...tested, 'common.json', 'facts-tables.json'].sort()).toEqual(readdirSync(SCHEMAS).sort());
});
