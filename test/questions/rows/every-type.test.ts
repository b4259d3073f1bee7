import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseRelation } from '../../../src/follow/relation.js';
import { recoverRows } from '../../../src/node/questions.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { UTC } from '../../../src/text/timezone.js';
import { everyTypeSql, GONE, OBJECTS, type TypedColumn, typedColumns } from '../../support/every-type.js';
import { SMALL_SEGMENTS } from '../../support/pitr-lab.js';
import { describeServers } from '../../support/postgres.js';
import { TestServer } from '../../support/server.js';

/** Types that take no input: values are taken from where the server makes them, or made of bytes. */
const WITHOUT_INPUT = `
  create table measured (a int4, b int4, c int4);
  insert into measured select g % 10, g % 20, g % 7 from generate_series(1, 1000) g;
  create statistics measures (ndistinct, dependencies, mcv) on a, b, c from measured;
  analyze measured;
  create table summarised as select stxdndistinct, stxddependencies, stxdmcv,
    (select ev_action from pg_rewrite limit 1) as tree from pg_statistic_ext_data;
  create cast (bytea as gtsvector) without function;
  create table hashed as select g::bytea::gtsvector from
    unnest(array['\\x010000000100000002000000', '\\x02000000ff0001', '\\x04000000', '\\x0400000000']) g;
`;
/** A bloom filter of 3 functions, 1,000 bits and 5 set; summaries of int4 and of text. */
const BRIN = `
  create cast (bytea as pg_brin_bloom_summary) without function;
  create cast (bytea as pg_brin_minmax_multi_summary) without function;
  create table summaries as select '\\x00000300e803000005000000'::bytea::pg_brin_bloom_summary as a, g::bytea::pg_brin_minmax_multi_summary as b
    from unnest(array['\\x17000000010000000200000020000000010000000500000007000000ffffffff',
      '\\x1900000000000000020000002000000005610522']) g;
`;

describeServers('every type prints as COPY does on', (postgres) => {
  let server: TestServer;
  let backup: string;
  let columns: TypedColumn[];
  let hasXml = true;

  beforeAll(() => {
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"], SMALL_SEGMENTS);
    try {
      server.sql("select '<a/>'::xml");
    } catch {
      hasXml = false;
    }
    columns = typedColumns(server.version, hasXml);
    backup = server.baseBackup('backup', () => {});
    server.sql(OBJECTS);
    server.sql(everyTypeSql(columns, 'every'));
    server.sql(GONE);
    server.sql(WITHOUT_INPUT);
    if (server.version >= 14) server.sql(BRIN);
    server.sql(`
      create table granted (a int4, b aclitem, c aclitem[], d jsonpath, e regclass);
      insert into granted values (1, '=r*/postgres', '{=X/postgres}', '$.a', 'pg_class')`);
    server.sql('select pg_switch_wal(); checkpoint;');
    cpSync(join(server.data, 'pg_wal'), join(server.root, 'wal'), { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** Lines of COPY of the rows. */
  async function recover(table: string): Promise<string[]> {
    const rows = await recoverRows(join(server.root, 'wal'), {
      ...{ backup, table, database: 'postgres', timezone: UTC },
      question: { kind: 'as-of', target: { kind: 'latest' } },
    });
    try {
      const text = [...formatRows(rows, 'copy', false)].join('');
      expect([[...rows.missing], rows.unknownValues.size, rows.problems]).toEqual([[], 0, []]);
      return text.split('\n');
    } finally {
      rows.close();
    }
  }

  const copy = (table: string): string[] =>
    server.sql(`copy (select * from ${table} order by ctid) to stdout`).split('\n');

  it('in a table with a column for each, and for arrays of it', async () => {
    const [expected, actual] = [copy('every'), await recover('every')];
    expect(actual.length).toBe(expected.length);
    const cells = (lines: string[]): string[][] => lines.map((line) => line.split('\t'));
    const [wanted, given] = [cells(expected), cells(actual)];
    columns.forEach(({ type }, column) => {
      const of = (all: string[][]): string[] => all.map((row) => row[column]);
      expect(of(given), type).toEqual(of(wanted));
    });
    expect(actual).toEqual(expected);
  });

  it('without a backup, but for names', async () => {
    const rows = await recoverRows(join(server.root, 'wal'), {
      relation: parseRelation(server.sql("select pg_relation_filenode('granted')").trim()),
      columns: 'a int4, b aclitem, c aclitem[], d jsonpath, e regclass',
      timezone: UTC,
      question: { kind: 'as-of', target: { kind: 'latest' } },
    });
    try {
      expect([...formatRows(rows, 'copy', false)]).toEqual(['1\t=r*/10\t{=X/10}\t$."a"\t1259\n']);
    } finally {
      rows.close();
    }
  });

  it('that a column can have', () => {
    const missing = server.sql(`
      select typname from pg_type where typtype in ('b', 'r', 'm') and typelem = 0 and oid < 16384
        and typnamespace = 'pg_catalog'::regnamespace and oid not in
        (select atttypid from pg_attribute where attrelid::regclass::text in ('every', 'summarised', 'hashed', 'summaries'))`);
    expect(missing.trim().split('\n')).toEqual(hasXml ? [''] : ['xml']);
  });

  it.each(['summarised', 'hashed', 'summaries'])('without input, in %s', async (table) => {
    if (table === 'summaries' && server.version < 14) return;
    const expected = copy(table);
    expect(expected.length).toBeGreaterThan(1);
    expect(await recover(table)).toEqual(expected);
  });

  it.each(['pg_class', 'pg_type', 'pg_operator', 'pg_statistic', 'pg_cast', 'pg_database'])(
    'in %s, found in pg_catalog without its name',
    async (table) => {
      expect(await recover(table)).toEqual(copy(table));
    },
  );
});
