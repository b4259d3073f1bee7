import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseRelation } from '../../../src/follow/relation.js';
import { recoverRows } from '../../../src/node/questions.js';
import { formatRows } from '../../../src/questions/rows/format.js';
import { encodeText } from '../../../src/text/encoding.js';
import { UTC } from '../../../src/text/timezone.js';
import { SMALL_SEGMENTS } from '../../support/pitr-lab.js';
import { describeServers } from '../../support/postgres.js';
import { TestServer } from '../../support/server.js';

const RIGHT = [
  ...['id int4', 'name text', 'gone numeric', 'price numeric', 'ok bool', 'at timestamptz', 'day date'],
  ...['data jsonb', 'n int8', 'tags text[]', 'span int4range', 'place inet', 'small int2', 'code uuid'],
];
const without = (i: number): string => RIGHT.filter((_, j) => j !== i).join(', ');
const retyped = (name: string, type: string): string =>
  RIGHT.map((column) => (column.startsWith(`${name} `) ? `${name} ${type}` : column)).join(', ');

const TABLES = `
  create table things (${RIGHT.join(', ')});
  alter table things drop column gone;
  begin; alter table things add column never int4; insert into things (id, never) values (0, 1); rollback;
  insert into things select g, 'Ñandú ' || repeat('x', g), g * 1234567.891, g % 2 = 0,
    '2026-11-22 10:13:48.162429+00'::timestamptz + g * interval '1 day', '2026-11-22'::date - g * 100,
    jsonb_build_object('a', g, 'b', array['x', 'y']), g * 5000000000, array['a', 'b' || g], int4range(g, g + 5),
    '10.0.0.0'::inet + g, g, ('00000000-0000-0000-0000-0000000000' || (10 + g))::uuid
    from generate_series(1, 40) g;
  create table older (id int4, note text);
  insert into older select g, 'o' || g from generate_series(1, 5) g;
  alter table older add column later int4 default 7;
  insert into older values (6, 'o6', 8);
  create table toasted (id int4, note text); alter table toasted alter note set storage external;
  insert into toasted select g, repeat(g || ' ', 3000) from generate_series(1, 4) g;
`;

describeServers('columns that are given are held against the rows of', (postgres) => {
  let server: TestServer;
  let wal: string;
  const files = new Map<string, string>();
  const copies = new Map<string, string>();

  const remove = (table: string, select: string, database = 'postgres'): void => {
    copies.set(table, server.sql(`copy (select ${select} from ${table} order by ctid) to stdout`, database));
    const oid = `(select oid from pg_database where datname = '${database}')`;
    files.set(
      table,
      server.sql(`select '1663/' || ${oid} || '/' || pg_relation_filenode('${table}')`, database).trim(),
    );
    server.sql(`delete from ${table}`, database);
  };

  beforeAll(() => {
    server = new TestServer(postgres, ["wal_keep_size = '1GB'"], SMALL_SEGMENTS);
    server.sql(TABLES);
    remove('things', 'id, name, null, price, ok, at, day, data, n, tags, span, place, small, code');
    remove('older', '*');
    remove('toasted', '*');
    server.sql(`create database latin encoding 'LATIN1' template template0`);
    server.sql(
      `set client_encoding = 'UTF8'; create table words (word text); insert into words values ('ñandú')`,
      'latin',
    );
    remove('words', '*', 'latin');
    server.sql('select pg_switch_wal(); checkpoint;');
    wal = join(server.root, 'wal');
    cpSync(join(server.data, 'pg_wal'), wal, { recursive: true });
  });

  afterAll(() => {
    server?.stop();
    server?.remove();
  });

  /** The rows as COPY prints them, and what is said of them; or the code of the error. */
  async function rowsOf(
    table: string,
    columns: string,
  ): Promise<{ text: string; problems: string[] } | string> {
    const question = { kind: 'deleted-by', xid: 'last' } as const;
    try {
      const relation = parseRelation(files.get(table)!);
      const rows = await recoverRows([wal], { relation, columns, question, timezone: UTC });
      const text = [...formatRows(rows, 'copy', false)].join('');
      expect([...rows.missing]).toEqual([]);
      rows.close();
      return { text, problems: rows.problems.map(({ code, message }) => `${code}: ${message}`) };
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code}: ${message}`;
    }
  }

  it('and give all where they are right, also where values are in a TOAST table', async () => {
    expect(await rowsOf('things', RIGHT.join(', '))).toEqual({ text: copies.get('things'), problems: [] });
    expect(await rowsOf('toasted', 'id int4, note text')).toEqual({
      text: copies.get('toasted'),
      problems: [],
    });
  });

  it('which have more', async () => {
    for (let count = 1; count < RIGHT.length; count++) {
      expect(await rowsOf('things', RIGHT.slice(0, count).join(', '))).toMatch(
        /^bad-columns: .* the rows have 14 columns, counting dropped ones, and \d+ (is|are) given$/,
      );
    }
    // the dropped one forgotten
    expect(await rowsOf('things', without(2))).toMatch(/^bad-columns: .* have 14 columns/);
    expect(await rowsOf('things', 'id bigint')).toMatch(/^bad-columns: .* have 14 columns/);
  });

  it.each([
    ...[
      ['id', 'int8'],
      ['id', 'text'],
      ['name', 'int4'],
      ['name', 'varbit'],
      ['name', 'numeric'],
    ],
    ...[
      ['price', 'text[]'],
      ['price', 'jsonb'],
      ['price', 'int8'],
      ['ok', 'int2'],
      ['at', 'date'],
    ],
    ...[
      ['day', 'timestamp'],
      ['day', 'bool'],
      ['data', 'tsvector'],
      ['data', 'text'],
      ['n', 'int4'],
    ],
    ...[
      ['tags', 'text'],
      ['tags', 'jsonb'],
      ['span', 'int8range'],
      ['span', 'inet'],
      ['place', 'cidr[]'],
    ],
    ...[
      ['place', 'numeric'],
      ['small', 'bool'],
      ['code', 'int8'],
      ['n', 'timetz'],
      ['id', 'bool'],
    ],
    ...[
      // the rest of the number would be the padding of a value that has none
      ['id', 'int2'],
    ],
  ])('of which %s is no %s', async (name, type) => {
    expect(await rowsOf('things', retyped(name, type))).toMatch(
      /^bad-columns: .* they do not fit the row at \(\d,\d+\), which has 14 columns, counting dropped ones: /,
    );
  });

  it('that are older than a column, whose default they do not have', async () => {
    const found = await rowsOf('older', 'id int4, note text, later int4');
    const last = copies.get('older')!.trimEnd().split('\n').at(-1);
    expect(found).toEqual({
      text: `${[1, 2, 3, 4, 5].map((id) => `${id}\to${id}\t\\N`).join('\n')}\n${last}\n`,
      problems: [expect.stringMatching(/^unknown-default: 5 rows hold no value of column later/)],
    });
  });

  it('whose text is in another encoding, as its bytes', async () => {
    const found = await rowsOf('words', 'word text');
    expect(found).toMatchObject({
      problems: [expect.stringMatching(/^unknown-encoding: 1 values of column word/)],
    });
    const { text } = found as { text: string };
    expect(new TextDecoder('latin1').decode(encodeText(text))).toBe('ñandú\n');
  });
});
