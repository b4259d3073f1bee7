import type { ChangedTable, ChangedValue } from '../changes/change.js';
import { keptPlaces } from './identity.js';
import { KeyGroups } from './key-groups.js';

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
  /** How many there are where the WAL ends, and how many more by the steps so far. */
  private readonly counts = new Map<string, number>();
  private readonly changes = new Map<string, number>();
  /** How many more by all steps. */
  private readonly sums = new Map<string, number>();
  private readonly told = new Set<string>();
  /** Rows that became of each other. */
  private readonly keys = new KeyGroups();
  private readonly groups = new Map<string, number>();
  private readonly uncounted = new Set<string>();

  /** A table, before any of its rows. */
  addTable(counted: Counted): void {
    const numbers = numbersOf(counted);
    const sets = this.sets.get(idOf(counted.table)) ?? new Map<string, readonly number[]>();
    sets.set(numbers.join(), numbers);
    this.sets.set(idOf(counted.table), sets);
  }

  /**
   * What a step does with rows, one of which was made of the other: those that are equal to them are counted.
   * @param rows each with how many more there are of it then
   */
  addRows(table: ChangedTable, rows: readonly { values: readonly ChangedValue[]; by: number }[]): void {
    const [first, ...others] = rows.flatMap(({ values }) => this.keysOf(table, values));
    if (first === undefined) return;
    for (const key of [first, ...others]) this.counts.set(key, 0);
    for (const { values, by } of rows) this.count(this.sums, table, values, by);
    for (const key of others) this.keys.join(first, key);
  }

  /** What a table has now; undefined where nobody knows. */
  setRows(now: ChangedTable, rows: Iterable<readonly ChangedValue[]> | undefined): void {
    if (rows === undefined) {
      this.uncounted.add(idOf(now));
      return;
    }
    for (const values of rows) this.count(this.counts, now, values, 1);
  }

  /** Whether nobody knows how many rows one of these tables has. */
  get isLacking(): boolean {
    return this.uncounted.size > 0;
  }

  /** How many rows are equal to this one after the steps so far; undefined where nobody knows. */
  of(counted: Counted, values: readonly ChangedValue[]): number | undefined {
    const key = this.keyOf(counted, values);
    const left = key === undefined ? undefined : this.counts.get(key);
    return left === undefined ? undefined : left + (this.changes.get(key!) ?? 0);
  }

  /** How many there are before all steps, and after them: told once of each. */
  endsOf(counted: Counted, values: readonly ChangedValue[]): { left: number; before: number } | undefined {
    const key = this.keyOf(counted, values);
    if (key === undefined || this.told.has(key)) return undefined;
    this.told.add(key);
    const left = this.counts.get(key);
    return left === undefined ? undefined : { left, before: left + (this.sums.get(key) ?? 0) };
  }

  /** The number of all rows that became of each other. */
  groupOf(counted: Counted, values: readonly ChangedValue[]): number | undefined {
    const key = this.keyOf(counted, values);
    if (key === undefined) return undefined;
    const root = this.keys.rootOf(key);
    const group = this.groups.get(root) ?? this.groups.size;
    this.groups.set(root, group);
    return group;
  }

  /** There are more of a row by a step, or fewer. */
  change(table: ChangedTable, values: readonly ChangedValue[], by: number): void {
    this.count(this.changes, table, values, by);
  }

  private count(
    counts: Map<string, number>,
    table: ChangedTable,
    values: readonly ChangedValue[],
    by: number,
  ): void {
    for (const key of this.keysOf(table, values)) {
      if (this.counts.has(key)) counts.set(key, (counts.get(key) ?? 0) + by);
    }
  }

  private keyOf(counted: Counted, values: readonly ChangedValue[]): string | undefined {
    if (this.uncounted.has(idOf(counted.table))) return undefined;
    return keyOf(counted.table, numbersOf(counted), values);
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
