import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { IncidentsJson } from '../../../src/questions/incidents/json.js';
import { type CliResult, runCli } from '../../support/cli.js';
import { SMALL_SEGMENTS } from '../../support/pitr-lab.js';
import { describeServers } from '../../support/postgres.js';
import { TestServer } from '../../support/server.js';

const XID = 'select pg_current_xact_id()';

/** The lines of a COPY in the order of their first column. */
function sorted(copy: string): string {
  const byId = (a: string, b: string): number => Number.parseInt(a, 10) - Number.parseInt(b, 10);
  return `${copy.trimEnd().split('\n').sort(byId).join('\n')}\n`;
}

describeServers('what became of a transaction that deleted nothing, on', (postgres) => {
  let server: TestServer;
  let source: string[];
  let wal: string;
  let copy = '';
  const xids = new Map<string, number>();

  /** Does something in a transaction, which begins with telling its id. */
  const run = (what: string, work: string, end = 'commit'): void => {
    xids.set(what, Number(server.sql(`begin; ${XID}; ${work}; ${end};`).split('\n')[0]));
  };

  beforeAll(async () => {
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"], SMALL_SEGMENTS);
    server.sql(`create table t (id int4, price numeric, note text); create table other (id int4);
      insert into t select g, g * 1.5, 'n' || g from generate_series(1, 30) g; insert into other values (1)`);
    const backup = server.baseBackup('backup', () => {});
    run('aborted', 'delete from t', 'rollback');
    run('elsewhere', 'delete from other');
    copy = server.sql('copy (select * from t order by id) to stdout');
    run('updated', 'update t set price = 0');
    run('some', 'update t set price = 1 where id <= 10; delete from t where id > 28');
    server.sql('insert into t values (31, 46.5, $$n31$$)');
    xids.set(
      'sub',
      Number(
        server
          .sql(`begin; ${XID}; savepoint a; insert into other values (2);
      select xmin from other where id = 2; delete from t where id = 27; release a; commit;`)
          .split('\n')[1],
      ),
    );
    xids.set('top', xids.get('sub')! - 1);
    run('dropped', 'alter table t drop column price, drop column note');
    run('nothing', 'select 1');
    run('undropped', 'alter table other drop column id', 'rollback');
    await server.crashIn(`begin; delete from t; ${XID};`, (xid) => xids.set('crashed', Number(xid)));
    server.sql('insert into t values (100); select pg_switch_wal(); checkpoint;');
    // the last id that is given out, which no record tells but its own
    run('last', 'insert into other values (3)');
    wal = join(server.root, 'wal');
    cpSync(join(server.data, 'pg_wal'), wal, { recursive: true });
    rmSync(join(wal, 'archive_status'), { recursive: true });
    source = ['--table', 't', '--database', 'postgres', '--backup', backup];
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  const deletedBy = (what: string | number): Promise<CliResult> =>
    runCli(['rows', ...source, '--deleted-by', String(xids.get(String(what)) ?? what), wal]);

  /** The command that is offered, and what it prints as COPY does, in the order of the first column. */
  async function offered({ stderr }: CliResult): Promise<string> {
    const [, args] = /: walscan (rows .*)\n$/.exec(stderr)!;
    const { stdout, code } = await runCli([...args.split(' '), '--format', 'copy']);
    expect(code).toBe(0);
    return sorted(stdout);
  }

  it('is that it was rolled back', async () => {
    const found = await deletedBy('aborted');
    expect([found.code, found.stdout]).toEqual([1, '']);
    expect(found.stderr).toMatch(
      new RegExp(
        `^walscan: transaction ${xids.get('aborted')} was rolled back at 0/.*: it changed nothing\n`,
      ),
    );
    expect(await offered(found)).toBe(copy);
  });

  it('is that a crash cut it off', async () => {
    const found = await deletedBy('crashed');
    expect([found.code, found.stdout]).toEqual([1, '']);
    expect(found.stderr).toMatch(
      new RegExp(
        `^walscan: transaction ${xids.get('crashed')} never ended: a restart, as after a crash, cut it off`,
      ),
    );
    expect((await offered(found)).split('\n')).toHaveLength(29);
  });

  it('is that it is still to come, or never was', async () => {
    const { stderr, stdout, code } = await deletedBy(99_999);
    expect([code, stdout]).toEqual([3, '']);
    const [, next] =
      /^walscan: transaction 99999 has no record .* is (\d+): it ran later, or never; check the id, or give the WAL that follows\n$/.exec(
        stderr,
      )!;
    expect(Number(next)).toBe(xids.get('last')! + 1);
  });

  it('is that it ran before the backup', async () => {
    const { stderr, code } = await deletedBy(10);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^walscan: transaction 10 has no record in the WAL given and is older/);
  });

  it('is that it is a part of another one', async () => {
    const { stderr, code } = await deletedBy('sub');
    expect(code).toBe(3);
    expect(stderr).toContain(
      `is a subtransaction of ${xids.get('top')} and ends with that: ask --deleted-by ${xids.get('top')}`,
    );
    expect((await deletedBy('top')).stdout).toContain('(1 row)');
  });

  it('is that it did nothing to the table', async () => {
    for (const what of ['elsewhere', 'nothing']) {
      const { stderr, code } = await deletedBy(what);
      expect(code).toBe(1);
      expect(stderr).toBe(`walscan: transaction ${xids.get(what)} deleted no row of the table\n`);
    }
  });

  it('is that it updated rows, whose values before are as of a moment', async () => {
    const found = await deletedBy('updated');
    expect(found.code).toBe(1);
    expect(found.stderr).toContain(`transaction ${xids.get('updated')} updated 30 rows of the table`);
    expect(await offered(found)).toBe(copy);
    const some = await deletedBy('some');
    expect(some.code).toBe(0);
    expect(some.stdout).toContain('(2 rows)');
    expect(some.stderr).toContain('updated 10 rows of the table');
    const json = await runCli(['rows', ...source, '--deleted-by', String(xids.get('some')), '--json', wal]);
    expect(JSON.parse(json.stdout)).toMatchObject({ count: 2, updated: 10, droppedColumns: [] });
  });

  it('is among the incidents with the command that gives the rows', async () => {
    const found = await runCli(['incidents', ...source, '--min-rows', '1', '--json', wal]);
    const { incidents } = JSON.parse(found.stdout) as IncidentsJson;
    const of = (what: string) => incidents.filter(({ xid }) => xid === xids.get(what));
    const rowsOf = (command: string | null) => runCli([...command!.split(' ').slice(1), '--format', 'copy']);
    const [updated] = of('updated');
    expect(updated.rowsCommand).toMatch(/ --as-of 0\//);
    expect(sorted((await rowsOf(updated.rowsCommand)).stdout)).toBe(copy);
    const [some] = of('some');
    expect((await rowsOf(some.rowsCommand)).stdout).toBe('29\t0\tn29\n30\t0\tn30\n');
    const [dropped] = of('dropped');
    expect(dropped).toMatchObject({
      kind: 'drop-column',
      name: { database: 'postgres', schema: 'public', name: 't' },
      columns: ['price', 'note'],
      rows: null,
      files: null,
    });
    expect(dropped.command).toContain('walscan plan');
    expect((await rowsOf(dropped.rowsCommand)).stdout).toContain('\n20\t0\tn20\n');
    // those that came to nothing
    expect([...of('aborted'), ...of('crashed'), ...of('undropped')]).toEqual([]);
    const text = await runCli(['incidents', ...source, wal]);
    expect(text.stdout).toMatch(/ dropped columns price, note of postgres\.public\.t \(/);
  });

  it('is that it dropped columns, whose values are as of a moment', async () => {
    const found = await deletedBy('dropped');
    expect(found.code).toBe(1);
    expect(found.stderr).toContain(
      `transaction ${xids.get('dropped')} dropped columns price, note of the table`,
    );
    const before = await offered(found);
    expect(before).toContain('\n20\t0\tn20\n');
    expect(before).toContain('\n31\t46.5\tn31\n');
  });
});
