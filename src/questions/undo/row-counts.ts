import type { ChangedTable, ChangedValue } from '../changes/change.js';
import { keptPlaces } from './identity.js';

/** A table, and which of its columns its rows are told apart by. */
interface Counted {
  table: ChangedTable;
  now: ChangedTable | undefined;
}

/**
 * Of tables without a key, how many equal rows there are of each that is undone. Equal is what is so in the columns that
 * the table still has, of those that it had then: a table whose columns changed in between has several such sets.
 */
export class RowCounts {
  /** By table, the sets of columns' numbers. */
  private readonly sets = new Map<string, Map<string, readonly number[]>>();
  private readonly counts = new Map<string, number>();
  private readonly uncounted = new Set<string>();

  /** A table, before any of its rows. */
  addTable(counted: Counted): void {
    const numbers = numbersOf(counted);
    const sets = this.sets.get(idOf(counted.table)) ?? new Map<string, readonly number[]>();
    sets.set(numbers.join(), numbers);
    this.sets.set(idOf(counted.table), sets);
  }

  /** A row that is undone: those that are equal to it are counted. */
  addRow(table: ChangedTable, values: readonly ChangedValue[]): void {
    for (const key of this.keysOf(table, values)) this.counts.set(key, 0);
  }

  /** What a table has now; undefined where nobody knows. */
  addRows(now: ChangedTable, rows: Iterable<readonly ChangedValue[]> | undefined): void {
    if (rows === undefined) {
      this.uncounted.add(idOf(now));
      return;
    }
    for (const values of rows) this.change(now, values, 1);
  }

  /** Whether nobody knows how many rows one of these tables has. */
  get isLacking(): boolean {
    return this.uncounted.size > 0;
  }

  /** How many rows are equal to this one; undefined where nobody knows. */
  of(counted: Counted, values: readonly ChangedValue[]): number | undefined {
    if (this.uncounted.has(idOf(counted.table))) return undefined;
    const key = keyOf(counted.table, numbersOf(counted), values);
    return key === undefined ? undefined : this.counts.get(key);
  }

  /** There are more of a row by a step, or fewer. */
  change(table: ChangedTable, values: readonly ChangedValue[], by: number): void {
    for (const key of this.keysOf(table, values)) {
      const count = this.counts.get(key);
      if (count !== undefined) this.counts.set(key, count + by);
    }
  }

  private keysOf(table: ChangedTable, values: readonly ChangedValue[]): string[] {
    const sets = this.sets.get(idOf(table))?.values() ?? [];
    return [...sets].flatMap((numbers) => keyOf(table, numbers, values) ?? []);
  }
}

const idOf = ({ oid, file: { dbOid } }: ChangedTable): string => `${dbOid} ${oid}`;

const numbersOf = ({ table, now }: Counted): number[] =>
  keptPlaces(table, now).map((place) => table.columns![place].number);

function keyOf(
  table: ChangedTable,
  numbers: readonly number[],
  values: readonly ChangedValue[],
): string | undefined {
  const parts: (string | null)[] = [];
  for (const number of numbers) {
    const value = values[table.columns?.findIndex((column) => column.number === number) ?? -1];
    if (value === undefined) return undefined;
    parts.push(value);
  }
  return JSON.stringify([idOf(table), numbers, parts]);
}
