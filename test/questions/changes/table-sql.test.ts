import { describe, expect, it } from 'vitest';
import type { Type } from '../../../src/heap/types/type.js';
import { alterTableSql, createTableSql } from '../../../src/questions/changes/table-sql.js';
import type { LiveColumn, LiveTable } from '../../../src/replay/live-catalog.js';
import { message } from '../../../src/wal/message.js';

const column = (name: string, more: Partial<LiveColumn> = {}): LiveColumn => ({
  ...{ name, type: 25, modifier: -1, length: -1, alignment: 4, dropped: false, generated: '', identity: '' },
  ...{ notNull: false, hasDefault: false, isInherited: false },
  ...{ typeName: { schema: 'pg_catalog', name: 'text', isArray: false, oid: 25 }, ...more },
});
const table = (more: Partial<LiveTable> = {}): LiveTable => ({
  ...{ oid: 16384, schema: 's', name: 't', kind: 'r', persistence: 'p' },
  ...{ file: { spcOid: 1663, dbOid: 5, relNumber: 16384 }, toast: undefined, isTransient: false },
  ...{
    isSystem: false,
    columns: [],
    keys: [],
    ancestors: [],
    root: undefined,
    partitionKey: undefined,
    partitionOf: undefined,
    type: () => undefined,
    ...more,
  },
});

describe('the SQL of a table', () => {
  it('has its columns and keys, whatever they are called, and says what is not told', () => {
    const columns = [
      column('a";--\n', { notNull: true, identity: 'a' }),
      column('gone', { dropped: true }),
      column('d', { hasDefault: true, notNull: true }),
    ];
    const keys = [
      { kind: 'primary', columns: [1] },
      { kind: 'unique', columns: [3, 1] },
    ] as const;
    expect(createTableSql(table({ name: 'T', columns, keys }), 18)).toEqual({
      statements: [
        "DO $sql$BEGIN IF pg_catalog.to_regnamespace('s') IS NULL THEN CREATE SCHEMA s; END IF; END$sql$",
        `CREATE TABLE s."T" (
  "a"";--\n" text NOT NULL GENERATED ALWAYS AS IDENTITY,
  d text NOT NULL,
  PRIMARY KEY ("a"";--\n"),
  UNIQUE (d, "a"";--\n")
)`,
      ],
      notes: ['column d of s."T" has a default, which is not told'],
      unknown: [],
      lost: [],
    });
  });

  it('is none where a table is partitioned', () => {
    const { statements, unknown } = createTableSql(table({ kind: 'p' }), 18);
    expect([statements.length, unknown.length]).toEqual([0, 1]);
  });

  it('leads from one definition to the next', () => {
    const before = table({ columns: [column('a'), column('b'), column('c')] });
    const after = table({
      ...{ schema: 'S', name: 'u', keys: [{ kind: 'primary', columns: [1] }] },
      columns: [
        column('x', { notNull: true }),
        column('........pg.dropped.2........', { dropped: true }),
        column('c'),
        column('n'),
      ],
    });
    expect(alterTableSql(before, after, 18)).toEqual({
      statements: [
        `DO $sql$BEGIN IF pg_catalog.to_regnamespace('"S"') IS NULL THEN CREATE SCHEMA "S"; END IF; END$sql$`,
        'ALTER TABLE s.t SET SCHEMA "S"',
        'ALTER TABLE "S".t RENAME TO u',
        'ALTER TABLE "S".u DROP COLUMN b CASCADE',
        'ALTER TABLE "S".u RENAME COLUMN a TO x',
        'ALTER TABLE "S".u ALTER COLUMN x SET NOT NULL',
        'ALTER TABLE "S".u ADD COLUMN n text',
        'ALTER TABLE "S".u ADD PRIMARY KEY (x)',
      ],
      notes: [],
      unknown: [],
      lost: [message`column ${'b'} of ${'"S".u'} was dropped, with its values`],
    });
  });

  it('makes up no values for rows that were there', () => {
    const after = table({
      columns: [column('v', { hasDefault: true })],
      file: { spcOid: 1663, dbOid: 5, relNumber: 16390 },
    });
    expect(alterTableSql(table(), after, 18)).toEqual({
      ...{ statements: ['ALTER TABLE s.t ADD COLUMN v text'], notes: [] },
      unknown: ['what column v of s.t has in rows that were there cannot be told'],
      lost: [],
    });
  });

  it('says of a column that was added where what rows have in it cannot be read', () => {
    const added = column('m', { type: 16500, missing: Uint8Array.of(9, 0, 0, 0) });
    const labels = new Map([[1, 'ok']]);
    const mood: Type = {
      oid: 16500,
      name: 'mood',
      length: 4,
      alignment: 4,
      delimiter: ',',
      kind: 'enum',
      labels,
    };
    const after = table({ columns: [added], type: () => mood });
    expect(alterTableSql(table(), after, 18)).toEqual({
      statements: ['ALTER TABLE s.t ADD COLUMN m text'],
      notes: [],
      unknown: ['what column m of s.t has in rows that were there cannot be told'],
      lost: [],
    });
  });
});
