import type { AnswerHead } from '../../cluster/answer-head.js';
import { isSameFile } from '../../follow/relation.js';
import type { RemovalKind } from '../../follow/removal.js';
import { endingXids, type TransactionEnd } from '../../follow/transaction-end.js';
import { isRowProblem, type Row, RowReader } from '../../heap/row.js';
import type { PlacedTuple } from '../../heap/tuple.js';
import type { Column, TypeContext } from '../../heap/types/type.js';
import { noToast } from '../../heap/varlena.js';
import type { Transactions } from '../../heap/visibility.js';
import type { Pages } from '../../replay/block-store.js';
import type { ReplayPass } from '../../replay/replay-pass.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { type AbortSignalLike, throwIfAborted } from '../../sources/abort.js';
import type { TimeZone } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import type { StoredBackupName } from '../given.js';
import { checkToasted, GivenColumnNotes } from './given-columns.js';
import { type Lifetime, lifetimeOf } from './lifetime.js';
import { type MissingRow, MissingRows } from './missing-rows.js';
import { type Selected, selectDeleted, selectVersions, selectVisible } from './select.js';
import type { RecoveredTable } from './table.js';
import { toastOf } from './toast.js';

/** A row; of a history, with its life. `table`: which of several tables it is of. */
export type RecoveredRow = Row & { lifetime?: Lifetime; table?: RecoveredTable };

/** A table that holds rows of the one asked for: that itself, a partition of it, or one that inherits from it. */
interface RowSource {
  table: RecoveredTable;
  columns: readonly Column[];
  rows: ReplayedRelation;
  toast: ReplayedRelation | undefined;
  /** With a question of who deleted: what became of the table's file with the end of that transaction. */
  removal: RemovalKind | undefined;
}

/** A source whose rows are read, with the place of each of the answer's columns among its own. */
interface OpenSource extends RowSource {
  reader: RowReader;
  places: readonly number[];
}

interface RecoveredRowsParts {
  head: AnswerHead;
  /** The backup, where it is one of a repository. */
  storedBackup: StoredBackupName | undefined;
  question: 'as-of' | 'deleted-by' | 'history';
  table: RecoveredTable;
  columns: readonly Column[];
  context: TypeContext;
  pass: ReplayPass;
  sources: readonly RowSource[];
  signal: AbortSignalLike | undefined;
  /** The empty answers about later transactions, where the last one that deleted rows is asked for. */
  passedOver: readonly RecoveredRows[];
  /** By the transaction in question. */
  droppedColumns: readonly string[];
  /** No catalog tells the columns, but the user. */
  isGiven: boolean;
  problems: readonly WalError[];
  /** The pages that the sources are in; closed with the answer. */
  pages: Pages;
}

/**
 * The answer to a question about rows. The rows are made as they are asked for, in ctid order; what could not be
 * had is known once all were taken.
 */
export class RecoveredRows implements Iterable<RecoveredRow>, AsyncIterable<RecoveredRow> {
  /** The WAL goes from the first record that was replayed to the end of the last one. */
  readonly head: AnswerHead;
  readonly question: 'as-of' | 'deleted-by' | 'history';
  readonly table: RecoveredTable;
  /** Those that rows have values of. */
  readonly columns: readonly Column[];
  /** Columns whose values are computed when they are read, so that no file has them (since 18). */
  readonly virtualColumns: readonly string[];
  /** Of which the values could not be printed, with how many they were; by column name. */
  readonly unknownValues = new Map<string, number>();
  /** The tables that its rows are in: itself or, by name, its partitions and those that inherit from it. */
  readonly tables: readonly RecoveredTable[];
  /** What tables that inherit have besides its columns, which is not given: `schema.table.column`. */
  readonly ownColumns: readonly string[];
  /** How many rows were given. */
  count = 0;
  /** Rows that belong to the answer, or may do, and cannot be given. */
  readonly missing: MissingRows;
  /** With a question of who deleted: that transaction. */
  readonly deletedBy: number | undefined;
  /**
   * With the question of who deleted last: transactions that were passed over, for no row is known that they took. They
   * removed the table when it was empty, or deleted what they had inserted themselves.
   */
  readonly passedOver: readonly number[];
  private readonly sources: readonly OpenSource[];
  private readonly notes: GivenColumnNotes | undefined;
  /** How many rows the transaction updated. */
  private readonly updatedIn = new Map<RowSource, number>();
  private isClosed = false;

  /** @internal */
  constructor(private readonly parts: RecoveredRowsParts) {
    const { columns, context, table, pass, question, isGiven } = parts;
    this.head = parts.head;
    this.missing = new MissingRows(parts.pages.newStore(), () => this.checkOpen());
    this.question = question;
    this.table = table;
    this.columns = new RowReader(columns, context, noToast).columns;
    const stoppedAt = question === 'deleted-by' ? pass.stoppedAt : undefined;
    if (question === 'deleted-by' && stoppedAt?.status !== 'committed') {
      throw rolledBack(stoppedAt);
    }
    this.deletedBy = stoppedAt?.xid;
    this.passedOver = parts.passedOver.flatMap(({ deletedBy }) => deletedBy ?? []);
    this.sources = parts.sources.map((source) => this.open(source));
    this.tables = parts.sources.map((source) => source.table);
    this.ownColumns = this.sources.flatMap((source) => this.ownOf(source));
    this.notes = isGiven ? new GivenColumnNotes(columns) : undefined;
    this.virtualColumns = columns.filter((column) => column.generated === 'v').map((column) => column.name);
  }

  private open(source: RowSource): OpenSource {
    const { context, isGiven } = this.parts;
    const fetch = source.toast ? toastOf(source.toast, this.transactions) : noToast;
    const reader = new RowReader(source.columns, context, fetch, isGiven);
    if (isGiven && source.toast) checkToasted(source.rows, source.columns, reader, this.transactions);
    // attached partitions may have the columns in another order
    const places = this.columns.map(({ name }) => reader.columns.findIndex((own) => own.name === name));
    return { ...source, reader, places };
  }

  private ownOf({ table: { schema, name }, reader, places }: OpenSource): string[] {
    return reader.columns.flatMap((column, i) =>
      places.includes(i) ? [] : [`${schema}.${name}.${column.name}`],
    );
  }

  /** What is not as it should be in the WAL, and, once all rows were taken, what is not certain of them. */
  get problems(): readonly WalError[] {
    const isUnknown = this.sources.some((one) => this.isRemoved(one) && one.removal === 'unknown');
    const unread = this.sources.flatMap(({ rows, toast }) => [...rows.problems, ...(toast?.problems ?? [])]);
    return [
      ...this.parts.problems,
      ...unread,
      ...(isUnknown ? [unknownRemoval()] : []),
      ...(this.notes?.problems ?? []),
    ];
  }

  /** Whether rows may be of other tables than the one asked for, so that each says of which. */
  get isOfSeveral(): boolean {
    return this.tables.length !== 1 || !isSameFile(this.tables[0].file, this.table.file);
  }

  /** With a question of who deleted: how many rows the transaction updated; known once all rows were taken. */
  get updated(): number {
    return [...this.updatedIn.values()].reduce((sum, count) => sum + count, 0);
  }

  /** That times are printed in. */
  get timezone(): TimeZone {
    return this.parts.context.timezone;
  }

  /** What the type of a column is called; undefined where nothing tells it. */
  typeName({ type }: Column): string | undefined {
    return this.parts.context.type(type)?.name;
  }

  /**
   * With a question of who deleted: what to ask for instead to have the rows as they were before that transaction, its
   * updates and columns that it dropped included.
   */
  get before(): Lsn | undefined {
    return this.question === 'deleted-by' ? this.parts.pass.stoppedAt?.lsn : undefined;
  }

  /** With a question of who deleted: columns of the table that the transaction dropped, as far as a backup tells. */
  get droppedColumns(): readonly string[] {
    return this.parts.droppedColumns;
  }

  private get transactions(): Transactions {
    return this.parts.pass.cluster.transactions;
  }

  /**
   * Whether all that the question asks for can be known: without a backup, rows that the WAL given does not touch
   * are not; nor are those of damaged pages and items. To be asked for when all rows were taken.
   */
  get isComplete(): boolean {
    const { question, pass, passedOver } = this.parts;
    if (!passedOver.every(({ isComplete }) => isComplete)) return false;
    if (this.hidesRows) return false;
    if (pass.hasBackup) return true;
    return this.sources.every(
      (source) => (question === 'deleted-by' && !this.isRemoved(source)) || source.rows.isWhole,
    );
  }

  /** The transaction in question dropped or truncated a table, or may have, and so removed all rows. */
  private isRemoved({ removal }: RowSource): boolean {
    return this.question === 'deleted-by' && removal !== undefined && removal !== 'rewrite';
  }

  private get hidesRows(): boolean {
    return this.sources.some(({ rows }) => rows.hidesRows);
  }

  /** The backup that rows are answered out of, where it is one of a backup tool's repository. */
  get storedBackup(): StoredBackupName | undefined {
    return this.parts.storedBackup;
  }

  /** Whether rows are answered out of a backup, rather than out of the WAL alone. */
  get hasBackup(): boolean {
    return this.parts.pass.hasBackup;
  }

  /** Whether there is no row at all, not even one that cannot be given. */
  get isEmpty(): boolean {
    for (const source of this.sources) if (this.select(source).next().done !== true) return false;
    return !this.hidesRows;
  }

  /** All rows; may be gone through once more. Who stops before the end closes the answer with that. */
  *[Symbol.iterator](): Generator<RecoveredRow> {
    let isDone = false;
    try {
      yield* this.rows();
      isDone = true;
    } finally {
      if (!isDone) this.close();
    }
  }

  private *rows(): Generator<RecoveredRow> {
    this.count = 0;
    this.missing.clear();
    this.unknownValues.clear();
    this.notes?.clear();
    for (const source of this.sources) {
      for (const selected of this.select(source)) {
        const row = this.rowOf(selected, source);
        if (!row) continue;
        this.count++;
        yield row;
      }
    }
  }

  private rowOf(selected: Selected, source: OpenSource): RecoveredRow | undefined {
    const of = this.isOfSeveral ? { table: source.table } : {};
    if (selected.kind === 'missing') {
      this.missing.push({ ...selected.row, ...of });
      return undefined;
    }
    return this.read(selected.placed, source, of);
  }

  /** The same, for those who take rows in their turn with something else. */
  async *[Symbol.asyncIterator](): AsyncGenerator<RecoveredRow> {
    yield* this[Symbol.iterator]();
  }

  /** @throws WalError `usage` once the answer is closed; the reason of an abort */
  private *select(source: RowSource): Generator<Selected> {
    this.checkOpen();
    for (const selected of this.selectAll(source)) {
      yield selected;
      this.checkOpen();
    }
  }

  private checkOpen(): void {
    if (this.isClosed) throw new WalError('usage', message`the answer is closed: no row can be had any more`);
    throwIfAborted(this.parts.signal);
  }

  private selectAll(source: RowSource): Generator<Selected> {
    const { question, pass } = this.parts;
    const { rows } = source;
    if (question === 'as-of' || this.isRemoved(source)) return selectVisible(rows, this.transactions);
    if (question === 'deleted-by') {
      const xids = new Set(pass.stoppedAt && endingXids(pass.stoppedAt));
      return selectDeleted(rows, this.transactions, xids, (count) => this.updatedIn.set(source, count));
    }
    return selectVersions(rows);
  }

  private read(
    placed: PlacedTuple,
    { reader, places }: OpenSource,
    of: Pick<MissingRow, 'table'>,
  ): RecoveredRow | undefined {
    try {
      const own = reader.read(placed);
      const row: RecoveredRow = { ...own, values: places.map((place) => own.values[place]), ...of };
      row.values.forEach((value, i) => {
        if (!value.unknown) return;
        const { name } = this.columns[i];
        this.unknownValues.set(name, (this.unknownValues.get(name) ?? 0) + 1);
      });
      this.notes?.add(placed, row);
      if (this.parts.question === 'history') row.lifetime = lifetimeOf(placed, this.transactions);
      return row;
    } catch (error) {
      if (!isRowProblem(error)) throw error;
      const { block, offset } = placed;
      this.missing.push({ tid: { block, offset }, reason: error.said, ...of });
      return undefined;
    }
  }

  /** Frees what the rows are made of: temporary files too. No row can be had after that. Once is enough. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.parts.pages.close();
  }
}

function rolledBack(end: TransactionEnd | undefined): WalError {
  if (end === undefined)
    return new WalError('not-committed', message`the transaction has no end: it deleted nothing`);
  const { xid, lsn, time } = end;
  return new WalError(
    'not-committed',
    message`transaction ${xid} was rolled back at ${formatLsn(lsn)}, ${formatTimestampIso(time)}: it changed nothing`,
    { lsn },
  );
}

function unknownRemoval(): WalError {
  const text = message`the transaction removed the file of the table, and the WAL given does not tell whether by DROP or TRUNCATE, or whether the rows went on in a new file: these are all that it had before`;
  return new WalError('unknown-removal', text);
}
