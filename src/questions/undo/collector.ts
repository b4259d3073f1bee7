import type { BlockStore } from '../../replay/block-store.js';
import { ByteLog } from '../../replay/byte-log.js';
import { decodeText, encodeText } from '../../text/encoding.js';
import { type Message, message } from '../../wal/message.js';
import type {
  Change,
  ChangedKey,
  ChangedTable,
  ChangedTransaction,
  ChangedValue,
  TableDefined,
} from '../changes/change.js';
import type { TransactionReader } from '../changes/transaction-reader.js';
import { identityOf, keyNow, keyOf } from './identity.js';
import { RowCounts } from './row-counts.js';
import { RowStates } from './row-states.js';
import type { Step, StepOf, TableSummary } from './step.js';

/** What a transaction changed later of a row that is to be undone. */
export interface LaterChange {
  transaction: ChangedTransaction;
  /** How many others did after it. */
  more: number;
}

/** A table whose changes are undone, under the names that it has now. */
export interface UndoneTable {
  summary: TableSummary;
  /** As it was when it was changed. */
  table: ChangedTable;
  /** As it is where the WAL ends; undefined where it is not there. */
  now: ChangedTable | undefined;
  /** It is made again, with its generated columns as plain ones. */
  hasPlainGenerated: boolean;
  /** What a row is found by; undefined where by all of its columns. */
  key: ChangedKey | undefined;
}

/** Takes in changes, and keeps what undoes them: the steps that were last come first. */
export class UndoCollector {
  private readonly log: ByteLog;
  private places = new Float64Array(1024);
  private count = 0;
  readonly tables: UndoneTable[] = [];
  private readonly numbers = new Map<ChangedTable, number>();
  private readonly transactions: ChangedTransaction[] = [];
  private readonly laterChanges = new Map<string, LaterChange>();
  /** The tables of rows as the changes left them, by what tells the rows apart. */
  private readonly left = new Map<string, number>();
  /** Which of these several changes left. */
  private readonly leftAgain = new Set<string>();
  /** The tables that were made, as they were then. */
  private readonly made: ChangedTable[] = [];
  /** Of these, the oids of those that have the name of one that was dropped. */
  private readonly replaced = new Map<string, number>();
  readonly databases = new Set<string>();
  /** What the transactions took away that no step gives back. */
  readonly lost: Message[] = [];
  readonly rowCounts = new RowCounts();
  readonly rowStates = new RowStates((at) => this.stepAt(at).step, this.tables);

  constructor(store: BlockStore) {
    this.log = new ByteLog(store);
  }

  /** How many steps there are. */
  get size(): number {
    return this.count;
  }

  /** Whether nobody knows of a table without a key how many equal rows it has: a script that runs twice may be wrong. */
  get isOnceOnly(): boolean {
    return this.rowCounts.isLacking;
  }

  get undone(): readonly ChangedTransaction[] {
    return this.transactions;
  }

  take(change: Change): void {
    if (change.transaction.isLater) {
      if (change.kind !== 'define') this.takeLater(change);
      return;
    }
    if ('lost' in change) {
      for (const what of change.lost ?? [])
        this.lost.push(message`${what} (transaction ${change.transaction.xid})`);
    }
    if (change.kind !== 'define') this.takeUndone(change);
    else if (change.isNew) this.made.push(change.table);
  }

  private takeUndone(change: Exclude<Change, TableDefined>): void {
    const table = this.numberOf(change.table);
    const { summary } = this.tables[table];
    const add = (step: Step): void => this.add(step, change.transaction);
    switch (change.kind) {
      case 'insert':
        if (this.addRow('delete', change, change.new)) summary.removed++;
        break;
      case 'delete':
        if (this.addRow('insert', change, change.old)) summary.restored++;
        break;
      case 'update':
        if (change.old && change.new && isUndoable(change.old, change.new, change.table)) {
          add({ kind: 'update', table, old: change.old, new: change.new });
          summary.changedBack++;
        } else {
          add({ kind: 'unknown', table, what: 'update' });
          summary.unknown++;
        }
        this.leave(change.table, change.new, change.old);
        break;
      case 'truncate':
      case 'drop':
        for (const { name, table: of, statement } of change.foreignKeys ?? [])
          add({ kind: 'constraint', table, name, of, statement });
        for (const values of change.rows ?? []) {
          if (this.addRow('insert', change, values)) summary.restored++;
        }
        if (change.definition === undefined) break;
        summary.isCreated = true;
        this.tables[table].hasPlainGenerated = change.hasPlainGenerated === true;
        add({ kind: 'create', table, statements: change.definition });
    }
  }

  /** A row that comes back, or goes. @returns whether it is known */
  private addRow(
    kind: 'insert' | 'delete',
    { table, transaction }: Change,
    values: readonly ChangedValue[] | undefined,
  ): boolean {
    const number = this.numberOf(table);
    this.leave(table, values);
    if (isKnown(values)) {
      this.add({ kind, table: number, values }, transaction);
      return true;
    }
    this.tables[number].summary.unknown++;
    const what = kind === 'insert' ? 'delete' : 'insert';
    this.add({ kind: 'unknown', table: number, what }, transaction);
    return false;
  }

  private takeLater(change: Change): void {
    for (const values of statesOf(change)) {
      const key = this.keyOf(change.table, values);
      if (key === undefined || !this.left.has(key)) continue;
      const known = this.laterChanges.get(key);
      if (known === undefined) {
        this.laterChanges.set(key, { transaction: change.transaction, more: 0 });
        this.tables[this.left.get(key)!].summary.touchedLater++;
      } else if (known.transaction !== change.transaction) known.more++;
    }
  }

  private leave(table: ChangedTable, ...rows: (readonly ChangedValue[] | undefined)[]): void {
    for (const key of new Set(rows.map((values) => this.keyOf(table, values)))) {
      if (key === undefined) continue;
      if (this.left.has(key)) this.leftAgain.add(key);
      this.left.set(key, this.numberOf(table));
    }
  }

  private keyOf(table: ChangedTable, values: readonly ChangedValue[] | undefined): string | undefined {
    const identity = identityOf(table, values);
    return identity === undefined ? undefined : `${table.file.dbOid} ${table.oid} ${identity}`;
  }

  /** What became later of the row that a change left. */
  laterOf(table: ChangedTable, values: readonly ChangedValue[]): LaterChange | undefined {
    const key = this.keyOf(table, values);
    return key === undefined ? undefined : this.laterChanges.get(key);
  }

  /** The oid of the table that these transactions made under the name of this one, which they had dropped. */
  replacementOf({ table, now }: UndoneTable): number | undefined {
    return this.replaced.get(nameOf(now ?? table));
  }

  private numberOf(table: ChangedTable): number {
    const known = this.numbers.get(table);
    if (known !== undefined) return known;
    const number = this.tables.length;
    this.numbers.set(table, number);
    const counted = { restored: 0, changedBack: 0, removed: 0, touchedLater: 0, unknown: 0 };
    const summary = { table, ...counted, isCreated: false };
    this.tables.push({ summary, table, now: undefined, hasPlainGenerated: false, key: keyOf(table) });
    if (table.database !== undefined) this.databases.add(table.database);
    return number;
  }

  private add(step: Step, transaction: ChangedTransaction): void {
    if (this.transactions.at(-1) !== transaction) this.transactions.push(transaction);
    if (this.count === this.places.length) {
      const places = new Float64Array(2 * this.count);
      places.set(this.places);
      this.places = places;
    }
    const bytes = encodeText(JSON.stringify([this.transactions.length - 1, pack(step)]));
    const entry = new Uint8Array(4 + bytes.length);
    new DataView(entry.buffer).setUint32(0, bytes.length, true);
    entry.set(bytes, 4);
    this.places[this.count++] = this.log.append(entry);
  }

  /** All steps, the last one first. */
  *steps(): Generator<StepOf> {
    for (let at = this.count - 1; at >= 0; at--) yield this.stepAt(at);
  }

  private stepAt(number: number): StepOf {
    const at = this.places[number];
    const head = this.log.read(at, 4);
    const length = new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
    const [transaction, packed] = JSON.parse(decodeText(this.log.read(at + 4, length))) as [number, Packed];
    return { number, step: unpack(packed), transaction: this.transactions[transaction] };
  }

  /** The group of a step's row; undefined where it is the only step about it, or the table has no key. */
  groupOf(step: Step): number | undefined {
    const { from, to } = this.keysOf(step);
    return this.rowStates.groupOf(from ?? to);
  }

  /** The keys of the rows that a step finds and makes, where rows are found by a key. */
  private keysOf(step: Step): { from?: string | undefined; to?: string | undefined } {
    const { table, key } = this.tables[step.table];
    if (key === undefined) return {};
    switch (step.kind) {
      case 'insert':
        return { to: this.keyOf(table, step.values) };
      case 'delete':
        return { from: this.keyOf(table, step.values) };
      case 'update':
        return { from: this.keyOf(table, step.new), to: this.keyOf(table, step.old) };
      default:
        return {};
    }
  }

  /** Looks up what the tables are now and what rows were and are, and of those without a key how many are equal. */
  async finish(reader: TransactionReader): Promise<void> {
    for (const undone of this.tables) {
      undone.now = reader.tableNow(undone.table);
      undone.key = keyNow(undone.table, undone.now);
    }
    this.findReplaced(reader);
    this.findStates();
    await this.countRows(reader);
  }

  /** Finds the tables that were made under the name of one that was dropped. */
  private findReplaced(reader: TransactionReader): void {
    const dropped = this.tables.filter(({ summary }) => summary.isCreated);
    if (dropped.length === 0) return;
    const made = new Map(
      this.made.flatMap((table) => {
        const now = reader.tableNow(table);
        return now?.oid === undefined ? [] : [[nameOf(now), now.oid] as const];
      }),
    );
    for (const { table } of dropped) {
      const oid = made.get(nameOf(table));
      if (oid !== undefined) this.replaced.set(nameOf(table), oid);
    }
  }

  private findStates(): void {
    if (this.leftAgain.size === 0) return;
    const isAgain = (key: string | undefined): boolean => key !== undefined && this.leftAgain.has(key);
    for (const { number, step } of this.steps()) {
      const { from, to } = this.keysOf(step);
      if (isAgain(from) || isAgain(to)) this.rowStates.take(number, step, from, to);
    }
  }

  private async countRows(reader: TransactionReader): Promise<void> {
    const keyless = this.tables.filter(({ key }) => key === undefined);
    if (keyless.length === 0) return;
    for (const undone of keyless) this.rowCounts.addTable(undone);
    for (const { step } of this.steps()) {
      if (step.kind === 'create' || step.kind === 'unknown' || step.kind === 'constraint') continue;
      const { key, table } = this.tables[step.table];
      if (key !== undefined) continue;
      const rows =
        step.kind === 'update'
          ? [
              { values: step.old, by: 1 },
              { values: step.new, by: -1 },
            ]
          : [{ values: step.values, by: step.kind === 'insert' ? 1 : -1 }];
      this.rowCounts.addRows(table, rows);
    }
    const counted = new Set<string>();
    for (const { now } of keyless) {
      if (now === undefined || counted.has(`${now.file.dbOid} ${now.oid}`)) continue;
      counted.add(`${now.file.dbOid} ${now.oid}`);
      this.rowCounts.setRows(now, await reader.rowsNow(now));
    }
  }
}

const nameOf = ({ schema, name }: ChangedTable): string => JSON.stringify([schema, name]);

/** All states of rows that a change is about. */
function statesOf(change: Change): Iterable<readonly ChangedValue[] | undefined> {
  switch (change.kind) {
    case 'insert':
      return [change.new];
    case 'update':
      return [change.new, change.old];
    case 'delete':
      return [change.old];
    case 'truncate':
    case 'drop':
      return change.rows ?? [];
    case 'define':
      return [];
  }
}

const isKnown = (values: readonly ChangedValue[] | undefined): values is readonly ChangedValue[] =>
  values !== undefined && !values.includes(undefined);

/** Whether what an UPDATE changed can be told, and the row be found. */
function isUndoable(
  before: readonly ChangedValue[],
  after: readonly ChangedValue[],
  table: ChangedTable,
): boolean {
  const key = keyOf(table);
  if (key === undefined) return isKnown(before) && isKnown(after);
  if (key.columns.some((place) => after[place] === undefined)) return false;
  return before.every((value, i) => (value === undefined) === (after[i] === undefined));
}

/** JSON has no undefined. */
type PackedValues = (string | null | 0)[];
type Packed = [Step['kind'], number, PackedValues?, PackedValues?, string?];

const packValues = (values: readonly ChangedValue[]): PackedValues =>
  values.map((value) => (value === undefined ? 0 : value));
const unpackValues = (values: PackedValues = []): ChangedValue[] =>
  values.map((value) => (value === 0 ? undefined : value));

function pack(step: Step): Packed {
  switch (step.kind) {
    case 'insert':
    case 'delete':
      return [step.kind, step.table, packValues(step.values)];
    case 'update':
      return [step.kind, step.table, packValues(step.old), packValues(step.new)];
    case 'create':
      return [step.kind, step.table, [], [], step.statements];
    case 'constraint':
      return [step.kind, step.table, [step.name, step.of], [], step.statement];
    case 'unknown':
      return [step.kind, step.table, [], [], step.what];
  }
}

function unpack([kind, table, first, second, what]: Packed): Step {
  switch (kind) {
    case 'insert':
    case 'delete':
      return { kind, table, values: unpackValues(first) };
    case 'update':
      return { kind, table, old: unpackValues(first), new: unpackValues(second) };
    case 'create':
      return { kind, table, statements: what ?? '' };
    case 'constraint': {
      const [name, of] = unpackValues(first);
      return { kind, table, name: name!, of: of!, statement: what! };
    }
    case 'unknown':
      return { kind, table, what: what as 'insert' | 'update' | 'delete' };
  }
}
