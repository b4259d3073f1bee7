import { expect, it } from 'vitest';
import type {
  Change,
  ChangedColumn,
  ChangedTable,
  ChangedTransaction,
} from '../../../src/questions/changes/change.js';
import { ChangesCsv } from '../../../src/questions/changes/csv.js';
import { ChangesSql } from '../../../src/questions/changes/sql.js';
import { UTC } from '../../../src/text/timezone.js';

const column = (name: string, more: Partial<ChangedColumn> = {}): ChangedColumn => ({
  ...{ number: 1, name, type: 'text', sqlType: 'text', typeOid: 25, notNull: false },
  ...{ isGenerated: false, identity: '', ...more },
});
const int = { type: 'integer', sqlType: 'integer', typeOid: 23 };

const table = (more: Partial<ChangedTable> = {}): ChangedTable => ({
  ...{ file: { spcOid: 1663, dbOid: 5, relNumber: 16385 }, database: 'd', oid: 16384 },
  ...{ schema: 's', name: 't', root: undefined, columns: [column('a', int), column('b')], keys: [], ...more },
});
const transaction: ChangedTransaction = {
  ...{ xid: 742, subxacts: [], lsn: 0x1000n, time: 0n, origin: 0, isLater: false },
};
const tid = { block: 0, offset: 1 };
const insert = (of: ChangedTable, values: (string | null | undefined)[] | undefined): Change => ({
  ...{ transaction, lsn: 0x500n, table: of, kind: 'insert', ctid: tid, new: values },
});
const update = (of: ChangedTable, old: (string | null | undefined)[], now: typeof old): Change => ({
  ...{ transaction, lsn: 0x500n, table: of, kind: 'update', ctid: tid, oldCtid: tid, old, new: now },
});
const remove = (of: ChangedTable, old: (string | null | undefined)[] | undefined): Change => ({
  ...{ transaction, lsn: 0x500n, table: of, kind: 'delete', ctid: tid, old, isMove: false },
});

/** What is between BEGIN and COMMIT, without what each transaction begins with. */
function statements(...changes: Change[]): string[] {
  const printer = new ChangesSql(18);
  const lines = (printer.lines(changes) + printer.end()).split('\n');
  expect(lines.slice(0, 4)).toEqual([
    '',
    '-- transaction 742, committed at 0/00001000, 2000-01-01 00:00:00+00, database d',
    'BEGIN;',
    'SET CONSTRAINTS ALL DEFERRED;',
  ]);
  expect(lines.slice(-2)).toEqual(['COMMIT;', '']);
  return lines.slice(4, -2);
}

const primary = { kind: 'primary', columns: [0] } as const;

it('finds rows by a key that no NULL is in', () => {
  const keyed = table({ keys: [{ kind: 'unique', columns: [1] }, primary] });
  expect(statements(update(keyed, ['-1', null], ['2', 'x']), remove(keyed, ['2', undefined]))).toEqual([
    "UPDATE ONLY s.t SET a = 2, b = 'x' WHERE a = (-1);",
    'DELETE FROM ONLY s.t WHERE a = 2;',
  ]);
});

it('takes one of the rows that are equal where there is no key', () => {
  expect(statements(remove(table(), ['1', null]), update(table(), ['1', 'x'], ['1', null]))).toEqual([
    'DELETE FROM ONLY s.t WHERE ctid = (SELECT ctid FROM ONLY s.t WHERE a = 1 AND b IS NULL LIMIT 1);',
    'UPDATE ONLY s.t SET b = NULL WHERE ctid = (SELECT ctid FROM ONLY s.t WHERE a = 1 AND b COLLATE pg_catalog."C" = \'x\' LIMIT 1);',
  ]);
  expect(statements(remove(table({ columns: [] }), []))).toEqual([
    'DELETE FROM ONLY s.t WHERE ctid = (SELECT ctid FROM ONLY s.t LIMIT 1);',
  ]);
});

it('keeps values of identity columns, and leaves generated ones to the server', () => {
  const columns = [column('a', { ...int, identity: 'a' }), column('g', { isGenerated: true })];
  const of = table({ columns, keys: [primary] });
  expect(statements(insert(of, ['1', 'x']), update(of, ['1', 'x'], ['2', 'y']))).toEqual([
    'INSERT INTO s.t (a) OVERRIDING SYSTEM VALUE VALUES (1);',
    'UPDATE ONLY s.t SET a = 2 WHERE a = 1;',
  ]);
  expect(statements(insert(table({ columns: [columns[1]] }), ['x']))).toEqual([
    'INSERT INTO s.t DEFAULT VALUES;',
  ]);
});

it('changes nothing where an UPDATE changed nothing', () => {
  expect(statements(update(table(), ['1', 'x'], ['1', 'x']))).toEqual([
    '-- an UPDATE of s.t changed no value',
  ]);
});

it('quotes names and values, whatever is in them', () => {
  const name = `--"'*/\n\\;$$ DROP`;
  const of = table({ schema: name, name, database: name, columns: [column(name)] });
  const quoted = `"--""'*/\n\\;$$ DROP"`;
  const printer = new ChangesSql(18);
  const text = printer.lines([
    insert(of, [`'; DROP TABLE x; --\n\\`]),
    remove(of, [undefined]),
    update(of, ['x'], ['x']),
  ]);
  expect(text).toBe(
    `
-- transaction 742, committed at 0/00001000, 2000-01-01 00:00:00+00, database --"'*/\\n\\;$$ DROP
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO ${quoted}.${quoted} (${quoted}) VALUES ('''; DROP TABLE x; --\n\\');
-- DELETE of "--""'*/\\n\\;$$ DROP"."--""'*/\\n\\;$$ DROP" (0,1) at 0/00000500 cannot be told: its old values of "--""'*/\\n\\;$$ DROP" are not known
-- an UPDATE of "--""'*/\\n\\;$$ DROP"."--""'*/\\n\\;$$ DROP" changed no value
`,
  );
  expect(printer.lacking).toBe(1);
});

it('prints no statement that lacks a value, and counts it', () => {
  const printer = new ChangesSql(18);
  const keyed = table({ keys: [primary] });
  const unknown = table({ ...{ name: undefined, schema: undefined, columns: undefined } });
  const text = printer.lines([
    insert(table(), ['1', undefined]),
    insert(table(), undefined),
    update(keyed, ['1', undefined], ['1', undefined]),
    update(keyed, [undefined, 'x'], ['1', 'y']),
    remove(unknown, undefined),
  ]);
  expect(text.split('\n').slice(4, -1)).toEqual([
    '-- INSERT of s.t (0,1) at 0/00000500 cannot be told: its new values of b are not known',
    '-- INSERT of s.t (0,1) at 0/00000500 cannot be told: its new values of a, b are not known',
    '-- UPDATE of s.t (0,1) at 0/00000500 cannot be told: its new values of b are not known',
    '-- UPDATE of s.t (0,1) at 0/00000500 cannot be told: its old values of a are not known',
    '-- DELETE of relation 1663/5/16385 (0,1) at 0/00000500 cannot be told: its old values are not known',
  ]);
  expect(printer.lacking).toBe(5);
});

it('sets a column anew of which the value before is not known', () => {
  const keyed = table({ keys: [primary] });
  expect(statements(update(keyed, ['1', undefined], ['1', 'x']))).toEqual([
    "UPDATE ONLY s.t SET b = 'x' WHERE a = 1;",
  ]);
});

it('empties tables together that were emptied one after the other', () => {
  const emptied = (kind: 'truncate' | 'drop', name: string): Change => ({
    ...{ transaction, lsn: 0x500n, table: table({ name }), kind },
  });
  expect(
    statements(
      emptied('truncate', 'a'),
      emptied('truncate', 'b'),
      insert(table(), ['1', null]),
      emptied('truncate', 'c'),
      emptied('drop', 'd'),
    ),
  ).toEqual([
    'TRUNCATE ONLY s.a, ONLY s.b;',
    'INSERT INTO s.t (a, b) VALUES (1, NULL);',
    'TRUNCATE ONLY s.c;',
    'DROP TABLE IF EXISTS s.d CASCADE;',
  ]);
});

it('leaves out other databases, and says so', () => {
  const printer = new ChangesSql(18);
  const other = table({ database: 'e', file: { spcOid: 1663, dbOid: 6, relNumber: 16385 } });
  expect(printer.lines([insert(table(), ['1', null])])).toContain('INSERT');
  expect(printer.lines([insert(other, ['1', null])])).toBe('');
  expect([...printer.otherDatabases]).toEqual(['e']);
  expect(printer.lacking).toBe(1);
});

it('prints a line of CSV a change', () => {
  const printer = new ChangesCsv(UTC);
  const moved: Change = {
    ...(remove(table(), ['1', undefined]) as Change & { kind: 'delete' }),
    isMove: true,
  };
  const unknown = table({
    ...{ name: undefined, schema: undefined, columns: undefined, database: undefined },
  });
  expect(
    printer.header() +
      printer.lines([
        insert(table({ name: 'a,"b"' }), ['1', 'x\ny"']),
        update(table(), ['1', null], ['1', '']),
        moved,
        insert(unknown, undefined),
      ]),
  ).toBe(
    `commit_lsn,time,xid,lsn,database,schema,table,kind,moved,ctid,old,new,unknown
0/00001000,2000-01-01 00:00:00+00,742,0/00000500,d,s,"a,""b""",insert,,"(0,1)",,"{""a"":""1"",""b"":""x\\ny\\""""}",
0/00001000,2000-01-01 00:00:00+00,742,0/00000500,d,s,t,update,,"(0,1)","{""a"":""1"",""b"":null}","{""a"":""1"",""b"":""""}",
0/00001000,2000-01-01 00:00:00+00,742,0/00000500,d,s,t,delete,true,"(0,1)","{""a"":""1""}",,"{""old"":[""b""]}"
0/00001000,2000-01-01 00:00:00+00,742,0/00000500,,,1663/5/16385,insert,,"(0,1)",,,"{""new"":[]}"
`,
  );
});
