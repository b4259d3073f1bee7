import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { before, steps } from '../support/changes-workload.js';
import { runCli } from '../support/cli.js';
import {
  asDecoded,
  beginDecoding,
  decodedChanges,
  disagreements,
  inOrderOfWal,
  KEEP_OLD_ROWS,
} from '../support/decoded-changes.js';
import { everyTypeSql, OBJECTS, typedColumns } from '../support/every-type.js';
import { parseChanges } from '../support/folded-changes.js';
import { describeServers } from '../support/postgres.js';
import { TestServer } from '../support/server.js';

const SETTINGS = ['wal_level = logical', "wal_keep_size = '512MB'", 'max_prepared_transactions = 5'];
const DATABASES = ['postgres', 'types'];

describeServers('changes agree with logical decoding on', (postgres) => {
  let server: TestServer;
  let hasDecoding: boolean;
  let backup: string;

  beforeAll(() => {
    server = new TestServer(postgres, SETTINGS);
    const { version } = server;
    server.sql('create database types');
    for (const database of DATABASES) server.sql(KEEP_OLD_ROWS, database);
    server.sql(before(version));
    server.sql(OBJECTS, 'types');
    hasDecoding = DATABASES.every((database) => beginDecoding(server, database));
    if (!hasDecoding) return;
    backup = server.baseBackup('backup', () => {});
    const hasLz4 = server.sql(
      "select 'lz4' = any (enumvals) from pg_settings where name = 'default_toast_compression'",
    );
    for (const step of steps(version, hasLz4 === 't\n')) server.sql(step);
    const hasXml = server.tried("select '<a/>'::xml", 'types') !== '';
    server.sql(everyTypeSql(typedColumns(version, hasXml), 'every'), 'types');
    server.sql('update every set c0 = not c0; delete from every where c0', 'types');
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** What is told differently of a database, changes being taken in one order. */
  async function differences(database: string, order: string): Promise<string[]> {
    const truth = decodedChanges(server, database);
    expect(truth.length).toBeGreaterThan(100);
    const args = ['--order', order, '--database', database, '--backup', backup, join(server.data, 'pg_wal')];
    const { stdout } = await runCli(['changes', ...args]);
    const told = asDecoded(parseChanges(Buffer.from(stdout, 'latin1').toString('utf8')));
    return disagreements(order === 'lsn' ? inOrderOfWal(truth) : truth, told);
  }

  it('in each change of each transaction', async ({ skip }) => {
    if (!hasDecoding) skip('the server has no test_decoding');
    expect(await differences('postgres', 'commit')).toEqual([]);
  });

  it('in values of every type', async ({ skip }) => {
    if (!hasDecoding) skip('the server has no test_decoding');
    expect(await differences('types', 'commit')).toEqual([]);
  });

  it('in the order of the WAL', async ({ skip }) => {
    if (!hasDecoding) skip('the server has no test_decoding');
    expect(await differences('postgres', 'lsn')).toEqual([]);
  });
});
