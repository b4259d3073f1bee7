import type { ChangeReplay } from '../../replay/change-replay.js';
import type { LiveTable } from '../../replay/live-catalog.js';
import type { TableDefinition } from '../../replay/table-definitions.js';
import type { ChangedValue } from './change.js';
import { hasValue } from './table.js';

/** Reads the values of a tuple; undefined where it is damaged. */
export type ReadTuple = (table: LiveTable, tuple: Uint8Array) => readonly ChangedValue[] | undefined;

/** The columns, by their place, that got another type for which the rows were written anew. */
export function convertedColumns({ table, before }: TableDefinition): number[] {
  if (before === undefined || before.file.relNumber === table.file.relNumber) return [];
  return [...table.columns.keys()].filter((i) => {
    const [old, now] = [before.columns[i], table.columns[i]];
    return old !== undefined && !now.dropped && !old.dropped && isOther(old, now);
  });
}

const isOther = (old: LiveTable['columns'][number], now: LiveTable['columns'][number]): boolean =>
  old.type !== now.type || old.modifier !== now.modifier;

/**
 * Which of these columns have other values than before in some row. The rows lie in the new file as they did in the old
 * one (`ATRewriteTable`, src/backend/commands/tablecmds.c), before all that was done to them later.
 * @param xids of the transaction, which has not ended
 */
export function changedByConversion(
  { table, before, sequence }: TableDefinition,
  columns: readonly number[],
  machine: ChangeReplay,
  xids: ReadonlySet<number>,
  read: ReadTuple,
): number[] {
  const [from, to] = [before!, table].map(({ file }) => machine.contentsAt(file, sequence));
  if (from === undefined || to === undefined) return [...columns];
  const changed = new Set<number>();
  const made = to.tuples()[Symbol.iterator]();
  for (const tuple of machine.rowsSeenBy(xids, from)) {
    const next = made.next();
    const [old, now] = [read(before!, tuple), next.done ? undefined : read(table, next.value.tuple)];
    for (const column of columns) {
      const values = [old?.[placeOf(before!, column)], now?.[placeOf(table, column)]];
      if (values[0] === undefined || values[0] !== values[1]) changed.add(column);
    }
    if (changed.size === columns.length) break;
  }
  return [...changed];
}

/** Which of the values of a row a column's is. */
const placeOf = ({ columns }: LiveTable, column: number): number =>
  columns.slice(0, column).filter(hasValue).length;
