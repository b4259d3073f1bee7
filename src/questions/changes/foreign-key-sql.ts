import type { ForeignKey } from '../../replay/table-details.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { ForeignKeySql } from './change.js';
import { tableSql } from './sql-text.js';

const ACTIONS: Readonly<Record<string, string>> = {
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
};

export function foreignKeySql(key: ForeignKey, version: number): ForeignKeySql {
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
