import {
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseControlFile } from '../../src/cluster/control-file.js';
import { findCommit, recoverRows } from '../../src/node/questions.js';
import type { RowsQuestion } from '../../src/questions/rows/ask.js';
import { formatRows } from '../../src/questions/rows/format.js';
import { UTC } from '../../src/text/timezone.js';
import { crc32c } from '../../src/wal/crc32c.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { baseBackup, SMALL_SEGMENTS } from '../support/pitr-lab.js';
import {
  Cluster,
  column,
  copyFiles,
  describeServers,
  makeFolders,
  serverFolder,
  touchFiles,
} from '../support/postgres.js';

/** Where pg_control has the checksum of all before it. */
function placeOfCrc(control: Buffer): number {
  for (let at = 0; at < 512; at += 4) {
    if (control.readUInt32LE(at) === crc32c(control.subarray(0, at))) return at;
  }
  throw new Error('pg_control has no checksum');
}

/**
 * A trial restore was promoted, and its WAL lies beside that of the server it came from, which went on: backups of
 * the first timeline from after the fork.
 */
describeServers('backups of the timeline that a promoted server left, of', (postgres) => {
  let root: string;
  let wal: string;
  let late: string;
  let cold: string;
  const truth = { late: '', cold: '', end: '' };
  let afterwards = '';

  beforeAll(async () => {
    root = serverFolder();
    wal = join(root, 'wal');
    late = join(root, 'late');
    cold = join(root, 'cold');
    makeFolders(wal);
    const primary = Cluster.create(
      postgres,
      join(root, 'primary'),
      ['autovacuum = off', 'wal_keep_size = 64'],
      SMALL_SEGMENTS,
    );
    primary.start();
    await primary.query('create table items (id int4, note text)');
    await primary.query("insert into items select g, 'n' || g from generate_series(1, 20) g");
    primary.stop();

    const trial = new Cluster(postgres, join(root, 'trial'));
    copyFiles(primary.data, trial.data);
    touchFiles(join(trial.data, 'standby.signal'));
    trial.start();
    await trial.query('select pg_promote()');
    for (let i = 0; i < 4; i++) {
      await trial.query('insert into items values (1000)');
      await trial.query('select pg_switch_wal()');
    }
    trial.stop();

    primary.start();
    let client = await primary.connect();
    await busyWork(client);
    await baseBackup(primary, client, late, async () => {});
    truth.late = await itemsOf(client);
    await client.query('delete from items where id <= 7');
    await client.end();
    primary.stop();
    copyFiles(primary.data, cold);
    primary.start();
    client = await primary.connect();
    truth.cold = await itemsOf(client);
    await client.query("insert into items values (77, 'afterwards')");
    truth.end = await itemsOf(client);
    [afterwards] = await column(client, 'select pg_current_wal_insert_lsn()');
    await client.query('select pg_switch_wal()');
    await client.end();
    primary.stop();
    // the segment that both have: as the first one filled it
    for (const { data } of [trial, primary]) copyFiles(`${data}/pg_wal/.`, wal);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function busyWork(client: pg.Client): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await client.query(`insert into items select ${100 + i}, 'went on'`);
      await client.query('select pg_switch_wal()');
    }
  }

  const itemsOf = async (client: pg.Client): Promise<string> =>
    (
      await column(client, "select id || E'\\t' || coalesce(note, '\\N') || E'\\n' from items order by ctid")
    ).join('');

  async function recover(backup: string, question: RowsQuestion): Promise<string> {
    const rows = await recoverRows([wal], {
      ...{ backup, table: 'items', database: 'postgres', question, timezone: UTC },
    });
    try {
      expect(rows.problems).toEqual([]);
      return [...formatRows(rows, 'copy', false)].join('');
    } finally {
      rows.close();
    }
  }

  it('has the WAL of both timelines', () => {
    const names = readdirSync(wal);
    expect(names).toContain('00000002.history');
    expect(names.filter((name) => /^00000002[0-9A-F]{16}$/.test(name)).length).toBeGreaterThan(3);
  });

  it('rows come from the timeline of the backup', async () => {
    const latest: RowsQuestion = { kind: 'as-of', target: { kind: 'latest' } };
    expect(await recover(late, latest)).toBe(truth.end);
    expect(await recover(cold, latest)).toBe(truth.end);
    const deleted = await recover(late, { kind: 'deleted-by', xid: 'last' });
    expect(deleted).toBe(truth.late.split('\n').slice(0, 7).join('\n').concat('\n'));
    const lsn = parseLsn(afterwards)!;
    expect(await recover(cold, { kind: 'as-of', target: { kind: 'lsn', lsn, inclusive: false } })).toBe(
      truth.end,
    );
  });

  it('names do, too', async () => {
    const result = await findCommit([wal], {
      table: { table: 'items', database: 'postgres' },
      backup: late,
    });
    expect(result.problems).toEqual([]);
    expect(result.relations.map(({ timeline, name }) => [timeline, name?.name])).toEqual([[1, 'items']]);
  });

  it('a folder of a server that was shut down does not tell of what was before', async () => {
    const control = parseControlFile(readFileSync(join(cold, 'global', 'pg_control')));
    const before = control.checkPointCopy.redo - 1n;
    const question: RowsQuestion = { kind: 'as-of', target: { kind: 'lsn', lsn: before, inclusive: false } };
    await expect(recover(cold, question)).rejects.toMatchObject({ code: 'target-before-backup' });
    const at: RowsQuestion = {
      kind: 'as-of',
      target: { kind: 'lsn', lsn: before + 1n, inclusive: false },
    };
    expect(await recover(cold, at)).toBe(truth.cold);
  });

  it('links to what was left on the server are passed over, but for tablespaces', async () => {
    const latest: RowsQuestion = { kind: 'as-of', target: { kind: 'latest' } };
    const link = join(late, 'pg_wal');
    if (existsSync(link)) rmSync(link, { recursive: true });
    symlinkSync('/nowhere/wal', link);
    expect(await recover(late, latest)).toBe(truth.end);
    const tablespace = join(late, 'pg_tblspc', '99999');
    symlinkSync('/nowhere/tablespace', tablespace);
    await expect(recover(late, latest)).rejects.toThrow(
      `cannot read ${tablespace}: it is a link to what is not there`,
    );
    unlinkSync(tablespace);
  });

  it('another size of the files of relations is refused', async () => {
    const path = join(cold, 'global', 'pg_control');
    const original = readFileSync(path);
    // blocks of 8192 bytes, 131072 in a file (RELSEG_SIZE): half as many
    const sizes = original.indexOf(Buffer.from([0x00, 0x20, 0, 0, 0x00, 0x00, 0x02, 0x00]));
    expect(sizes).toBeGreaterThan(0);
    const other = Buffer.from(original);
    other.writeUInt32LE(65_536, sizes + 4);
    const crcAt = placeOfCrc(original);
    other.writeUInt32LE(crc32c(other.subarray(0, crcAt)), crcAt);
    writeFileSync(path, other);
    const latest: RowsQuestion = { kind: 'as-of', target: { kind: 'latest' } };
    await expect(recover(cold, latest)).rejects.toMatchObject({ code: 'unsupported-segment-size' });
    writeFileSync(path, original);
  });
});
