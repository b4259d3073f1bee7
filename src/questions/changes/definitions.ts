import type { LiveColumn, LiveTable } from '../../replay/live-catalog.js';
import type { TableDefinition } from '../../replay/table-definitions.js';
import { renameSteps } from './renames.js';

/**
 * A partitioned table has no rows, so that only its partitions tell what a new column has in rows that were there.
 * @param all the definitions that changed at once
 */
export function withPartitions(
  definition: TableDefinition,
  _: number,
  all: readonly TableDefinition[],
): TableDefinition {
  const { table, before } = definition;
  if (table.kind !== 'p' || before === undefined) return definition;
  const isAdded = ({ hasDefault, dropped }: LiveColumn, i: number): boolean =>
    hasDefault && !dropped && before.columns[i] === undefined;
  if (!table.columns.some(isAdded)) return definition;
  const partitions = all.filter((one) =>
    one.table.ancestors.some(({ schema, name }) => schema === table.schema && name === table.name),
  );
  const missingOf = ({ name }: LiveColumn): Uint8Array | undefined => {
    const own = partitions.flatMap(
      ({ table: { columns } }) => columns.find((one) => one.name === name) ?? [],
    );
    return own.find(({ missing }) => missing !== undefined)?.missing;
  };
  const columns = table.columns.map((column, i) =>
    isAdded(column, i) ? { ...column, missing: missingOf(column) } : column,
  );
  return { ...definition, table: { ...table, columns } };
}

/** Definitions that follow on each other, so that no table gets a name that another one still has. */
export function inOrder(definitions: readonly TableDefinition[]): TableDefinition[] {
  if (definitions.length < 2) return [...definitions];
  const nameIn = ({ file: { dbOid }, schema, name }: LiveTable): string => `${dbOid} ${schema}.${name}`;
  const names = definitions.map(({ before, table }) => ({
    from: before && nameIn(before),
    to: nameIn(table),
  }));
  return renameSteps(names).map(({ index, from, to }): TableDefinition => {
    const definition = definitions[index];
    const { before, table } = definition;
    if (before === undefined || from === undefined) return definition;
    if (to !== nameIn(table)) return { ...definition, table: { ...before, name: to } };
    return from === nameIn(before) ? definition : { ...definition, before: { ...before, name: from } };
  });
}
