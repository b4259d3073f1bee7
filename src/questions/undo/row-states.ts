import type { ChangedColumn, ChangedTable, ChangedValue } from '../changes/change.js';
import { KeyGroups } from './key-groups.js';
import type { Step } from './step.js';

/** A row as a step finds it, or makes it. */
export interface RowOf {
  table: number;
  values: readonly ChangedValue[];
}

/** A key that several steps are about, or one that such a key came from or went to. */
export interface KeyState {
  /** The number of all keys that rows went to from each other. */
  group: number;
  /** The row that had the key before the changes, and the one that they left; undefined where there was none. */
  before: RowOf | undefined;
  left: RowOf | undefined;
  /** Any row that had it. */
  sample: RowOf;
  /** The numbers of the columns that the group's changes are about; undefined where whole rows came or went. */
  columns: ReadonlySet<number> | undefined;
}

/** The row that a step makes. */
interface Held {
  at: number;
  /** The step that inserts it, where one does. */
  origin: number | undefined;
}

interface Key {
  /** The first step about it, which finds a row with it or makes one. */
  sample: { at: number; isFound: boolean };
  /** The step that takes away what the changes had left. */
  left: number | undefined;
  /** What the steps so far have made: several rows only as long as a deferrable key is not checked. */
  held: Held[];
}

/**
 * Of keys that several steps are about, which row had each before the changes and after them. What a single step finds may
 * have been so in between, or be another row by now: whether the changes were taken back already is seen by these only.
 */
export class RowStates {
  private readonly keys = new Map<string, Key>();
  private readonly linked = new KeyGroups();
  private readonly groups = new Map<string, number>();
  private readonly columns = new Map<string, Set<number> | undefined>();
  /** By the step that inserts a row, the key that it has in the end, where that is another one. */
  private readonly ends = new Map<number, string>();

  /**
   * @param stepAt reads a step that was taken
   * @param tables by their numbers
   */
  constructor(
    private readonly stepAt: (at: number) => Step,
    private readonly tables: readonly { table: ChangedTable }[],
  ) {}

  /**
   * Takes a step: the last change comes first.
   * @param from the key of the row that it finds; undefined where it inserts one
   * @param to the key of the row that it makes; undefined where it deletes one
   */
  take(at: number, step: Step, from: string | undefined, to: string | undefined): void {
    let origin = step.kind === 'insert' ? at : undefined;
    if (from !== undefined) {
      const key = this.keyOf(from, at, true);
      const held = this.foundAmong(key, rowFrom(step)!);
      if (held === undefined) key.left ??= at;
      else key.held.splice(key.held.indexOf(held), 1);
      origin = held?.origin;
    }
    if (to !== undefined) {
      this.keyOf(to, at, false).held.push({ at, origin });
      if (origin !== undefined && from !== undefined && from !== to) this.ends.set(origin, to);
    }
    this.join(step, [from, to]);
  }

  *states(): Generator<KeyState> {
    for (const key of this.keys.keys()) yield this.stateOf(key);
  }

  /** The number of the group of a key; undefined where one step alone is about it. */
  groupOf(key: string | undefined): number | undefined {
    if (key === undefined || !this.keys.has(key)) return undefined;
    const root = this.linked.rootOf(key);
    const group = this.groups.get(root) ?? this.groups.size;
    this.groups.set(root, group);
    return group;
  }

  /** Of a row that a step inserts and others give another key: what that key is in the end. */
  endOf(at: number): KeyState | undefined {
    const key = this.ends.get(at);
    return key === undefined ? undefined : this.stateOf(key);
  }

  private stateOf(name: string): KeyState {
    const { sample, left, held } = this.keys.get(name)!;
    const [first] = held;
    return {
      group: this.groupOf(name)!,
      before: first && rowTo(this.stepAt(first.at)),
      left: left === undefined ? undefined : rowFrom(this.stepAt(left)),
      sample: (sample.isFound ? rowFrom : rowTo)(this.stepAt(sample.at))!,
      columns: this.columns.get(this.linked.rootOf(name)),
    };
  }

  private keyOf(name: string, at: number, isFound: boolean): Key {
    const known = this.keys.get(name);
    if (known !== undefined) return known;
    const key: Key = { sample: { at, isFound }, left: undefined, held: [] };
    this.keys.set(name, key);
    return key;
  }

  /** Which of the rows that have a key by the steps so far it is: the next one finds that, or what the changes left. */
  private foundAmong({ held, left }: Key, row: RowOf): Held | undefined {
    const found = held.find(({ at }) => this.isSame(rowTo(this.stepAt(at))!, row));
    // where it has another text since its type changed
    return found ?? (left === undefined ? undefined : held[0]);
  }

  private isSame(one: RowOf, other: RowOf): boolean {
    if (one.table === other.table) return one.values.every((value, i) => isSameValue(value, other.values[i]));
    const numbers = new Map(this.columnsOf(other).map(({ number }, i) => [number, i]));
    return this.columnsOf(one).every(({ number }, i) => {
      const place = numbers.get(number);
      return place === undefined || isSameValue(one.values[i], other.values[place]);
    });
  }

  private columnsOf({ table }: RowOf): readonly ChangedColumn[] {
    return this.tables[table].table.columns ?? [];
  }

  /** All keys of a step are of one group, which is about the columns that any of them changes. */
  private join(step: Step, names: readonly (string | undefined)[]): void {
    const [root, other] = names.flatMap((name) => (name === undefined ? [] : [this.linked.rootOf(name)]));
    const parts = [root, other ?? root].map((one) => (this.columns.has(one) ? this.columns.get(one) : []));
    if (other !== undefined && other !== root) {
      this.linked.join(root, other);
      this.columns.delete(other);
    }
    if (step.kind !== 'update' || parts.includes(undefined)) {
      this.columns.set(root, undefined);
      return;
    }
    const columns = this.columnsOf({ table: step.table, values: step.new });
    const changed = columns.flatMap(({ number }, i) => (step.old[i] === step.new[i] ? [] : [number]));
    const [most, ...others] = parts;
    const all = most instanceof Set ? most : new Set<number>();
    for (const one of [...others, changed]) for (const number of one ?? []) all.add(number);
    this.columns.set(root, all);
  }
}

const isSameValue = (a: ChangedValue, b: ChangedValue): boolean =>
  a === b || a === undefined || b === undefined;

/** The row that a step finds. */
function rowFrom(step: Step): RowOf | undefined {
  if (step.kind === 'delete') return { table: step.table, values: step.values };
  return step.kind === 'update' ? { table: step.table, values: step.new } : undefined;
}

/** The row that a step makes. */
function rowTo(step: Step): RowOf | undefined {
  if (step.kind === 'insert') return { table: step.table, values: step.values };
  return step.kind === 'update' ? { table: step.table, values: step.old } : undefined;
}
