import { formatType } from '../../heap/types/format-type.js';
import type { LiveCatalog, LiveTable } from '../../replay/live-catalog.js';
import type { LiveNames } from '../../replay/live-names.js';
import {
  defaultTrees,
  deferrableKeys,
  type ForeignKey,
  foreignKeys,
  otherParts,
  type SequenceDefinition,
  sequenceDefinition,
} from '../../replay/table-details.js';
import { printable } from '../../text/printable.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { ForeignKeySql } from './change.js';
import { defaultSql, type ExpressionNames, sequencesIn } from './default-sql.js';
import { attachSql } from './partition-sql.js';
import { schemaSql, tableSql } from './sql-text.js';
import { createTableSql } from './table-sql.js';

/** A table that was dropped, as SQL. */
export interface DroppedTable {
  /** What makes it again, with comments on what is lacking. */
  definition: string;
  /** To be made when rows are there. */
  foreignKeys: ForeignKeySql[];
}

/**
 * What makes a table again that transactions dropped which have not ended yet.
 * @param names of functions and operators, where they are known
 */
export function droppedTable(
  table: LiveTable,
  catalog: LiveCatalog,
  xids: readonly number[],
  names: LiveNames | undefined,
): DroppedTable {
  const { version } = catalog;
  const before = <T>(read: () => T): T => catalog.before(xids, read);
  const trees = before(() => defaultTrees(catalog, table.oid));
  const expressions: ExpressionNames = {
    version,
    type: (oid) => before(() => catalog.type(oid)),
    typeName: (oid) => before(() => catalog.typeName(oid)),
    relationName: (oid) => before(() => catalog.nameOf(oid)),
    functionName: (oid) => names?.functionName(oid),
    operatorName: (oid) => names?.operatorName(oid),
  };
  const defaults = new Map<number, string>();
  const sequences = new Map<number, { sequence: SequenceDefinition; column: number }>();
  for (const [column, tree] of trees) {
    if (tree === undefined || table.columns[column - 1]?.generated !== '') continue;
    const sql = defaultSql(tree, expressions);
    if (sql === undefined) continue;
    defaults.set(column, sql);
    for (const oid of sequencesIn(tree)) {
      const sequence = before(() => sequenceDefinition(catalog, oid));
      const isGone = catalog.nameOf(oid) === undefined;
      if (sequence && isGone) sequences.set(oid, { sequence, column });
    }
  }
  const { statements, notes, unknown } = createTableSql(table, version, {
    defaults,
    keys: before(() => deferrableKeys(catalog, table.oid)),
  });
  const { constraints, indexes } = before(() => otherParts(catalog, table.oid));
  const lacking = [
    ...[...notes, ...unknown],
    ...constraints.map((name) => `the constraint ${quoteIdentifier(name, version)} is not made`),
    ...indexes.map((name) => `the index ${quoteIdentifier(name, version)} is not made`),
    'rights, triggers, rules and policies are not told',
  ];
  const made = [...sequences.values()];
  const all = [
    ...made.flatMap(({ sequence }) => [schemaSql(sequence.schema, version), sequenceSql(sequence, version)]),
    ...statements,
    ...made.map(({ sequence, column }) => ownedSql(sequence, table, column, version)),
  ];
  const keys = before(() => foreignKeys(catalog, table.oid));
  // those of the table that it is a partition of come with it
  const isAttached = attachSql(table, version) !== undefined;
  const own = keys.own
    .filter((key) => !isAttached || !key.isInherited)
    .map((key) => foreignKeySql(key, version));
  // those of tables that are gone as well are among their own
  const others = keys.toIt.filter(({ oid }) => catalog.nameOf(oid) !== undefined);
  return {
    definition: lacking.map((note) => `-- ${printable(note)}\n`).join('') + all.join(';\n'),
    foreignKeys: [...own, ...others.map((key) => foreignKeySql(key, version))],
  };
}

function sequenceSql(sequence: SequenceDefinition, version: number): string {
  const { type, increment, least, most, start, cache, cycles } = sequence;
  const typed = type && ` AS ${formatType(type, -1, version, (schema) => schema === 'pg_catalog')}`;
  const limits = `INCREMENT BY ${increment} MINVALUE ${least} MAXVALUE ${most} START WITH ${start} CACHE ${cache}`;
  return `CREATE SEQUENCE ${tableSql(sequence, version)}${typed ?? ''} ${limits}${cycles ? ' CYCLE' : ''}`;
}

function ownedSql(sequence: SequenceDefinition, table: LiveTable, column: number, version: number): string {
  const name = quoteIdentifier(table.columns[column - 1].name, version);
  return `ALTER SEQUENCE ${tableSql(sequence, version)} OWNED BY ${tableSql(table, version)}.${name}`;
}

const ACTIONS: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

function foreignKeySql(key: ForeignKey, version: number): ForeignKeySql {
  const table = tableSql(key.table, version);
  const list = (names: readonly string[]): string => {
    const quoted = names.map((name) => quoteIdentifier(name, version));
    if (key.hasPeriod) quoted.push(`PERIOD ${quoted.pop()}`);
    return quoted.join(', ');
  };
  const { onUpdate, onDelete, deletedColumns } = key;
  const deleted = deletedColumns.map((name) => quoteIdentifier(name, version)).join(', ');
  const parts = [
    `FOREIGN KEY (${list(key.columns)}) REFERENCES ${tableSql(key.parent, version)} (${list(key.parentColumns)})`,
    ...(key.isFull ? ['MATCH FULL'] : []),
    ...(ACTIONS[onUpdate] ? [`ON UPDATE ${ACTIONS[onUpdate]}`] : []),
    ...(ACTIONS[onDelete] ? [`ON DELETE ${ACTIONS[onDelete]}${deleted && ` (${deleted})`}`] : []),
    ...(key.deferrable ? [`DEFERRABLE${key.deferred ? ' INITIALLY DEFERRED' : ''}`] : []),
    ...(key.enforced ? [] : ['NOT ENFORCED']),
    ...(key.validated || !key.enforced ? [] : ['NOT VALID']),
  ];
  const { name } = key;
  return {
    name,
    table,
    statement: `ALTER TABLE ${table} ADD CONSTRAINT ${quoteIdentifier(name, version)} ${parts.join(' ')}`,
  };
}
