import { formatType } from '../../heap/types/format-type.js';
import type { TypeContext } from '../../heap/types/type.js';
import type { LiveColumn, LiveTable, TableKey } from '../../replay/live-catalog.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import { UTC } from '../../text/timezone.js';
import { type Message, message } from '../../wal/message.js';
import { attachSql, partitionBySql } from './partition-sql.js';
import { renameSteps } from './renames.js';
import { schemaSql, tableSql, textSql } from './sql-text.js';
import { textIfKnown } from './values.js';

/** Statements that define a table, and what of its definition they lack. */
export interface DefinitionSql {
  /** Without the semicolon. */
  statements: string[];
  /** What cannot be told, though rows are the same without it. */
  notes: string[];
  /** What cannot be told, so that rows may be others than they were. */
  unknown: string[];
  /** What went of columns that were there: values, and defaults. */
  lost: Message[];
}

/** What makes a table as the catalogs have it, as far as they tell it. */
export function createTableSql(table: LiveTable, version: number): DefinitionSql {
  const name = tableSql(table, version);
  const notes: string[] = [];
  const unknown: string[] = [];
  const by = table.kind === 'p' ? partitionBySql(table, version) : '';
  if (by === undefined) {
    unknown.push(`${name} is partitioned: by what cannot be told, so that it is not made`);
    return { statements: [], notes, unknown, lost: [] };
  }
  const parts = table.columns.flatMap((column) => {
    if (column.dropped) return [];
    const { generated, hasDefault } = column;
    const of = `column ${quoteIdentifier(column.name, version)} of ${name}`;
    if (generated !== '') unknown.push(`${of} is generated: from what cannot be told`);
    if (generated === '' && hasDefault) notes.push(`${of} has a default, which is not told`);
    // a partition gets it from its table (since 17)
    const own = table.partitionOf !== undefined && version >= 17 ? { ...column, identity: '' } : column;
    return generated === 'v' ? [] : [columnSql(own, version)];
  });
  for (const key of table.keys) parts.push(keySql(key, table, version));
  const attach = attachSql(table, version);
  if (attach === undefined && table.ancestors.length > 0) {
    const parents = table.ancestors.map((parent) => tableSql(parent, version)).join(', ');
    notes.push(`${name} belongs to ${parents}: it is made as a table of its own`);
  }
  const body = parts.length === 0 ? '()' : `(\n  ${parts.join(',\n  ')}\n)`;
  const create = `CREATE TABLE ${name} ${body}${by && ` ${by}`}`;
  const statements = [schemaSql(table.schema, version), create, ...(attach === undefined ? [] : [attach])];
  return { statements, notes, unknown, lost: [] };
}

/** What turns a table into what it became, as far as the catalogs tell it. */
export function alterTableSql(
  before: LiveTable,
  after: LiveTable,
  version: number,
  objectName?: TypeContext['objectName'],
): DefinitionSql {
  const statements: string[] = [];
  const notes: string[] = [];
  const unknown: string[] = [];
  const quoted = (name: string): string => quoteIdentifier(name, version);
  if (before.schema !== after.schema) {
    statements.push(schemaSql(after.schema, version));
    statements.push(`ALTER TABLE ${tableSql(before, version)} SET SCHEMA ${quoted(after.schema)}`);
  }
  if (before.name !== after.name) {
    const moved = tableSql({ ...before, schema: after.schema }, version);
    statements.push(`ALTER TABLE ${moved} RENAME TO ${quoted(after.name)}`);
  }
  const name = tableSql(after, version);
  const [was, is] = [before.partitionOf, after.partitionOf];
  const isMoved = was?.oid !== is?.oid || was?.bound !== is?.bound;
  if (isMoved && was !== undefined)
    statements.push(`ALTER TABLE ${tableSql(was.parent, version)} DETACH PARTITION ${name}`);
  const alter = (what: string): number => statements.push(`ALTER TABLE ${name} ${what}`);
  const isRewritten = before.file.relNumber !== after.file.relNumber;
  // the parent's statement does what is inherited
  after.columns.forEach((column, i) => {
    const old: LiveColumn | undefined = before.columns[i];
    if (column.dropped && old !== undefined && !old.dropped && !old.isInherited)
      alter(`DROP COLUMN ${quoted(old.name)} CASCADE`);
  });
  const kept = after.columns.flatMap((column, i) => {
    const old: LiveColumn | undefined = before.columns[i];
    const isOwn = old !== undefined && !column.dropped && !column.isInherited;
    return isOwn ? [{ from: old.name, to: column.name }] : [];
  });
  for (const { from, to } of renameSteps(kept)) {
    if (from !== undefined && from !== to) alter(`RENAME COLUMN ${quoted(from)} TO ${quoted(to)}`);
  }
  after.columns.forEach((column, i) => {
    const old: LiveColumn | undefined = before.columns[i];
    if (column.dropped) return;
    const own = quoted(column.name);
    if (column.isInherited) {
      // a rewritten partition is the only one to tell
      const isLost = old === undefined && isRewritten && column.hasDefault && column.missing === undefined;
      if (isLost && after.root !== undefined) unknown.push(lostColumn(own, name));
      return;
    }
    if (old === undefined) {
      const added = addedColumn(column, after, { version, objectName }, isRewritten);
      if (added === undefined) unknown.push(lostColumn(own, name));
      // with nothing in rows that were there, so that those that come later have a place
      const bare = [`ADD COLUMN ${columnSql({ ...column, notNull: false, identity: '' }, version)}`];
      for (const what of added ?? (column.generated === 'v' ? [] : bare)) alter(what);
      return;
    }
    const type = typeSql(column, version);
    if (typeSql(old, version) !== type) {
      alter(`ALTER COLUMN ${own} TYPE ${type} USING ${own}::${type}`);
    }
    if (old.notNull !== column.notNull)
      alter(`ALTER COLUMN ${own} ${column.notNull ? 'SET' : 'DROP'} NOT NULL`);
    if (old.identity === column.identity) return;
    if (old.identity !== '') alter(`ALTER COLUMN ${own} DROP IDENTITY`);
    if (column.identity !== '') alter(`ALTER COLUMN ${own} ADD${identitySql(column)}`);
  });
  const texts = (table: LiveTable): string[] => table.keys.map((key) => keySql(key, table, version));
  const [had, has] = [before.keys.map(keyId), after.keys.map(keyId)];
  const keys = texts(after).filter((_, i) => !had.includes(has[i]));
  // those of a partition come with those of the table that it is of
  if (after.root === undefined) for (const key of keys) alter(`ADD ${key}`);
  const gone = before.keys.filter((key) => !has.includes(keyId(key)));
  const isDropped = ({ columns }: TableKey): boolean => columns.some((i) => after.columns[i - 1]?.dropped);
  for (const key of gone.filter((one) => !isDropped(one)))
    notes.push(`${name} lost a key: ${keySql(key, before, version)}`);
  if (isMoved && is !== undefined) {
    const attach = attachSql(after, version);
    if (attach !== undefined) statements.push(attach);
    else
      notes.push(`${name} is a partition of ${tableSql(is.parent, version)}: of which rows cannot be told`);
  }
  const isPartition = was !== undefined || is !== undefined;
  const parents = ({ ancestors }: LiveTable): string =>
    ancestors.map((one) => tableSql(one, version)).join(', ');
  if (!isPartition && parents(before) !== parents(after))
    notes.push(
      `${name} belonged to ${parents(before) || 'no other table'}, and belongs to ${parents(after) || 'none'}`,
    );
  return { statements, notes, unknown, lost: lostOf(before, after, version) };
}

/** What went of columns, but for those that a parent tells of. */
function lostOf(before: LiveTable, after: LiveTable, version: number): Message[] {
  return before.columns.flatMap((old, i) => {
    const now: LiveColumn | undefined = after.columns[i];
    if (now === undefined || old.dropped || old.isInherited) return [];
    const [column, table] = [quoteIdentifier(old.name, version), tableSql(after, version)];
    if (now.dropped) return [message`column ${column} of ${table} was dropped, with its values`];
    const isUnset = old.generated === '' && old.hasDefault && !now.hasDefault;
    return isUnset ? [message`the default of column ${column} of ${table} was dropped`] : [];
  });
}

const lostColumn = (column: string, table: string): string =>
  `what column ${column} of ${table} has in rows that were there cannot be told`;

/** What adds a column, with the value that rows have which were there; undefined where that is not known. */
function addedColumn(
  column: LiveColumn,
  { type: typeOf }: LiveTable,
  context: Pick<TypeContext, 'version' | 'objectName'>,
  isRewritten: boolean,
): string[] | undefined {
  const { version } = context;
  const { missing, notNull } = column;
  const name = quoteIdentifier(column.name, version);
  const bare = { ...column, notNull: false, identity: '' };
  const rest = [
    ...(notNull ? [`ALTER COLUMN ${name} SET NOT NULL`] : []),
    ...(column.identity === '' ? [] : [`ALTER COLUMN ${name} ADD${identitySql(column)}`]),
  ];
  if (missing === undefined) {
    if (column.generated !== '' || (isRewritten && (column.hasDefault || column.identity !== '')))
      return undefined;
    return [`ADD COLUMN ${columnSql(bare, version)}`, ...rest];
  }
  const type = typeOf(column.type);
  const value = type && textIfKnown(missing, type, { ...context, timezone: UTC, type: typeOf });
  if (value === undefined) return undefined;
  // what later rows get by default may be something else, such as another time
  const add = `ADD COLUMN ${columnSql(bare, version)} DEFAULT ${textSql(value)}::${typeSql(column, version)}`;
  return [add, `ALTER COLUMN ${name} DROP DEFAULT`, ...rest];
}

const keyId = ({ kind, columns }: TableKey): string => `${kind === 'primary'} ${columns.join(' ')}`;

function keySql({ kind, columns: numbers }: TableKey, { columns }: LiveTable, version: number): string {
  const names = numbers.map((number) => quoteIdentifier(columns[number - 1]?.name ?? '', version));
  return `${kind === 'primary' ? 'PRIMARY KEY' : 'UNIQUE'} (${names.join(', ')})`;
}

const identitySql = ({ identity }: LiveColumn): string =>
  identity === '' ? '' : ` GENERATED ${identity === 'a' ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY`;

function columnSql(column: LiveColumn, version: number): string {
  // a generated column that is made as a plain one has no values
  const notNull = column.notNull && column.generated === '' ? ' NOT NULL' : '';
  return `${quoteIdentifier(column.name, version)} ${typeSql(column, version)}${notNull}${identitySql(column)}`;
}

/** The type of a column as SQL spells it. */
export const typeSql = ({ type, typeName, modifier }: LiveColumn, version: number): string =>
  typeName ? formatType(typeName, modifier, version, (schema) => schema === 'pg_catalog') : `${type}`;
