import { formatType } from '../../heap/types/format-type.js';
import type { LiveColumn, LiveTable } from '../../replay/live-catalog.js';
import { SEARCH_PATH } from '../../replay/search-path.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { ChangedColumn, ChangedKey, ChangedTable } from './change.js';

/** Whether rows have a value of a column: not of one that was dropped, or is computed when it is read. */
export const hasValue = (column: LiveColumn): boolean => !column.dropped && column.generated !== 'v';

const isVisible = (schema: string): boolean => SEARCH_PATH.includes(schema);
const isBuiltin = (schema: string): boolean => schema === 'pg_catalog';

/** A table as answers have it. */
export function changedTable(
  table: LiveTable | undefined,
  file: RelFileLocator,
  database: string | undefined,
  version: number,
): ChangedTable {
  if (table === undefined) {
    const unknown = { oid: undefined, schema: undefined, name: undefined, root: undefined };
    return { file, database, ...unknown, columns: undefined, keys: [] };
  }
  const { oid, schema, name, root } = table;
  const columns = table.columns.filter(hasValue);
  return {
    ...{ file, database, oid, schema, name, root },
    columns: columns.map((column) => changedColumn(column, table.columns.indexOf(column) + 1, version)),
    keys: keysOf(table, columns),
  };
}

function changedColumn(column: LiveColumn, number: number, version: number): ChangedColumn {
  const { name, type, typeName, modifier, notNull, generated, identity } = column;
  const spell = (visible: (schema: string) => boolean): string =>
    typeName ? formatType(typeName, modifier, version, visible) : `${type}`;
  return {
    ...{ number, name, type: spell(isVisible), sqlType: spell(isBuiltin), typeOid: type, notNull },
    ...{ isGenerated: generated !== '', identity },
  };
}

function keysOf({ keys, columns: all }: LiveTable, columns: readonly LiveColumn[]): ChangedKey[] {
  return keys.flatMap(({ kind, columns: numbers }) => {
    const places = numbers.map((number) => columns.indexOf(all[number - 1]));
    return places.includes(-1) ? [] : [{ kind, columns: places }];
  });
}
