/**
 * What logical decoding tells of the same WAL: the lines of test_decoding, and those that it would print of what
 * `walscan changes` told.
 */
import { formatLsn, type Lsn, parseLsn } from '../../src/wal/lsn.js';
import type { JsonChange } from './folded-changes.js';
import type { TestServer } from './server.js';

/** A change as both tell it. */
export interface ToldChange {
  xid: number;
  lsn: Lsn;
  text: string;
  /** A TRUNCATE has several records, the beginning of a transaction none. */
  isAnywhere?: true;
}

/** A line of test_decoding. */
type SlotLine = [lsn: string, xid: string, data: string];

/**
 * Has all rows that are deleted or updated told whole, of tables that are there and of those that come. Run in the database
 * whose changes are decoded, before they are made.
 */
export const KEEP_OLD_ROWS = `
  create function keep_old_rows() returns event_trigger language plpgsql as $$
  declare made record;
  begin
    for made in select * from pg_event_trigger_ddl_commands() where command_tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
    loop
      execute format('alter table %s replica identity full', made.object_identity);
    end loop;
  end $$;
  create event trigger keep_old_rows on ddl_command_end when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO')
    execute function keep_old_rows();`;

/** Begins to decode the changes of a database. @returns false where the server has no test_decoding */
export function beginDecoding(server: TestServer, database: string): boolean {
  try {
    server.sql(`select pg_create_logical_replication_slot('${database}', 'test_decoding')`, database);
    return true;
  } catch (error) {
    if (/test_decoding/.test((error as { stderr?: string }).stderr ?? '')) return false;
    throw error;
  }
}

/** All that was committed since {@link beginDecoding}, in the order of the commits. */
export function decodedChanges(server: TestServer, database: string): ToldChange[] {
  const lines = server.sql(
    `set timezone = 'UTC'; select json_build_array(lsn, xid, data) from
       pg_logical_slot_peek_changes('${database}', null, null, 'include-xids', '1', 'include-timestamp', '1', 'skip-empty-xacts', '1')`,
    database,
  );
  // a materialized view is filled by the server, and a partitioned table that is truncated has no rows of its own
  const kinds =
    "select format('%I.%I', relnamespace::regnamespace::text, relname) from pg_class where relkind in ('m', 'p')";
  const withoutRows = new Set(server.sql(kinds, database).split('\n'));
  // what is computed when it is read is decoded as null
  const virtual = server.sql(
    `select format(' %I[%s]:null', attname, atttypid::regtype) from pg_attribute where attgenerated = 'v'`,
    database,
  );
  const computed = virtual.split('\n').filter((text) => text !== '');
  const changes = lines
    .split('\n')
    .flatMap((line) => (line === '' ? [] : told(JSON.parse(line), withoutRows)));
  return withoutEmpty(
    changes.map((change) => ({
      ...change,
      text: computed.reduce((text, value) => text.replaceAll(value, ''), change.text),
    })),
  );
}

function told([position, xid, text]: SlotLine, withoutRows: ReadonlySet<string>): ToldChange[] {
  const [head, lsn] = [{ xid: Number(xid), isAnywhere: true } as const, lsnOf(position)];
  const [, table, kind] = /^table (.*?): ([A-Z]+):/s.exec(text) ?? [];
  if (kind === undefined) return [{ ...head, lsn, text }];
  if (kind !== 'TRUNCATE') return withoutRows.has(table) ? [] : [{ xid: head.xid, lsn, text }];
  const tables = table.split(', ').filter((name) => !withoutRows.has(name));
  return tables.map((name) => ({ ...head, lsn, text: `table ${name}: TRUNCATE:` }));
}

/** Transactions of which nothing is left have no beginning and no end either. */
function withoutEmpty(changes: readonly ToldChange[]): ToldChange[] {
  const isEnd = (i: number): boolean => changes[i]?.text.startsWith('COMMIT ') === true;
  const isBegin = (i: number): boolean => changes[i]?.text.startsWith('BEGIN ') === true;
  return changes.filter((_, i) => !(isBegin(i) && isEnd(i + 1)) && !(isEnd(i) && isBegin(i - 1)));
}

/** The same, as the changes are in the WAL. */
export const inOrderOfWal = (changes: readonly ToldChange[]): ToldChange[] =>
  changes.filter(({ text }) => text.startsWith('table ')).sort((a, b) => Number(a.lsn - b.lsn));

/** The same of what walscan told: a DROP is not decoded. */
export function asDecoded(changes: readonly JsonChange[]): ToldChange[] {
  // those of other origins are decoded with the times that they had there
  const foreign = new Set(changes.flatMap(({ xid, origin }) => (origin === undefined ? [] : xid)));
  return withoutEmpty(changes.flatMap((change) => decoded(change, foreign.has(change.xid))));
}

function decoded({ action, xid, timestamp, ...change }: JsonChange, isForeign: boolean): ToldChange[] {
  const { schema, table, columns = [], identity = [] } = change;
  const head = { xid, lsn: lsnOf(change.lsn) };
  const name = `table ${quoteName(schema ?? '?')}.${quoteName(table ?? '?')}:`;
  // without those that are null
  const old = tuple(identity.filter(({ value, text, unknown }) => value !== null || text || unknown));
  switch (action) {
    case 'B':
      return [{ ...head, isAnywhere: true, text: `BEGIN ${xid}` }];
    case 'C':
      return [{ ...head, isAnywhere: true, text: `COMMIT ${xid}${isForeign ? '' : ` (at ${timestamp})`}` }];
    case 'I':
      return [{ ...head, text: `${name} INSERT:${tuple(columns)}` }];
    case 'U':
      return [{ ...head, text: `${name} UPDATE: old-key:${old} new-tuple:${tuple(columns)}` }];
    case 'D':
      return [{ ...head, text: `${name} DELETE:${old}` }];
    case 'T':
      return [{ ...head, isAnywhere: true, text: `${name} TRUNCATE:` }];
    case 'DROP':
      return [];
  }
}

function lsnOf(text: string): Lsn {
  const lsn = parseLsn(text);
  if (lsn === undefined) throw new Error(`no LSN: ${text}`);
  return lsn;
}

type Value = NonNullable<JsonChange['columns']>[number];

const tuple = (values: readonly Value[]): string =>
  values.map((value) => ` ${quoteName(value.name)}[${bareType(value.type)}]:${literal(value)}`).join('');

/** test_decoding leaves out lengths and precisions. */
const bareType = (type: string): string =>
  type
    .replace(/\(-?\d+(,-?\d+)?\)/, '')
    .replace(/^interval [^[]*/, 'interval')
    .replace(/^bpchar/, 'character');

const NUMBERS = new Set(['smallint', 'integer', 'bigint', 'oid', 'real', 'double precision', 'numeric']);

function literal({ type, value, text, unknown }: Value): string {
  if (unknown) return 'unknown';
  const given = text ?? value;
  if (given === null || given === undefined) return 'null';
  const bare = bareType(type);
  if (NUMBERS.has(bare) || bare === 'boolean') return `${given}`;
  if (bare === 'bit' || bare === 'bit varying') return `B'${given}'`;
  const printed = bare === 'bytea' ? `\\x${given}` : `${given}`;
  return `'${printed.replaceAll("'", "''")}'`;
}

const quoteName = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && name !== 'select' ? name : `"${name.replaceAll('"', '""')}"`;

/** Whether both tell the same; TOAST values that an UPDATE did not touch are not decoded. */
function isSame(a: ToldChange | undefined, b: ToldChange | undefined): boolean {
  if (a === undefined || b === undefined || a.xid !== b.xid) return false;
  if (a.lsn !== b.lsn && !a.isAnywhere) return false;
  if (a.isAnywhere && a.text.startsWith(`${b.text} (at `)) return true;
  const parts = a.text.split('unchanged-toast-datum');
  if (parts.length === 1) return a.text === b.text;
  let at = 0;
  for (const part of parts) {
    const found = b.text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return b.text.startsWith(parts[0]) && b.text.endsWith(parts.at(-1)!);
}

/** So many are shown: one that is lacking moves all that come after it. */
const MOST_SHOWN = 20;

/** What is told differently, or not by one of both. */
export function disagreements(truth: readonly ToldChange[], told: readonly ToldChange[]): string[] {
  const shown = (change: ToldChange | undefined): string =>
    change === undefined ? 'nothing' : `${change.xid} ${formatLsn(change.lsn)} ${change.text.slice(0, 400)}`;
  return Array.from({ length: Math.max(truth.length, told.length) }, (_, i) => i)
    .filter((i) => !isSame(truth[i], told[i]))
    .slice(0, MOST_SHOWN)
    .map((i) => `- ${shown(truth[i])}\n+ ${shown(told[i])}`);
}
