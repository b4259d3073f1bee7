import { type EndRecord, endingXids } from '../../follow/transaction-end.js';
import { chunkOf } from '../../heap/toast.js';
import { objectTypesIn } from '../../heap/types/objects.js';
import type { ObjectType, TypeContext } from '../../heap/types/type.js';
import type { FetchToast, ToastPointer } from '../../heap/varlena.js';
import type { ChangeReplay, CommittedChanges, RowChange } from '../../replay/change-replay.js';
import type { LiveTable } from '../../replay/live-catalog.js';
import { ObjectDetails } from '../../replay/object-details.js';
import type { TableDefinition } from '../../replay/table-definitions.js';
import type { TableRemoval } from '../../replay/table-removals.js';
import { formatLocator } from '../../rmgr/locator.js';
import { quoteIdentifier } from '../../text/sql-identifier.js';
import type { TimeZone } from '../../text/timezone.js';
import { concat } from '../../wal/concat.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import { type WhoByTransaction, whoKey } from '../who/who.js';
import type { Change, ChangedTable, ChangedTransaction, ChangedValue, ChangesOrder } from './change.js';
import { changedByConversion, convertedColumns } from './conversion.js';
import { inOrder, withPartitions } from './definitions.js';
import { type DroppedTable, droppedTable } from './dropped-table.js';
import { type ChangesJson, JsonTable } from './json.js';
import { tableSql } from './sql-text.js';
import { changedTable } from './table.js';
import { alterTableSql, createTableSql } from './table-sql.js';
import { LackingBlocks, type UnknownValues, ValueReader } from './values.js';

/** So many changes are given at a time. */
const BATCH = 500;

/** A table, and what reads its rows. */
interface OpenTable {
  table: ChangedTable;
  reader: ValueReader | undefined;
  /** Made where JSON is asked for. */
  json?: JsonTable | undefined;
}

type AnyChange = RowChange | TableRemoval | TableDefinition;

/** How transactions are read, as `ChangesOptions` say it. */
interface TransactionReaderOptions {
  removedRows?: boolean | undefined;
  withLater?: boolean | undefined;
  order?: ChangesOrder | undefined;
}

/** Turns what transactions did to tuples into changes with values. */
export class TransactionReader {
  /** Those that the catalogs tell: each is another one whenever these change, and goes with what they said. */
  private readonly tables = new WeakMap<LiveTable, OpenTable>();
  /** All others. */
  private readonly files = new Map<string, OpenTable>();
  /** What there was before the transactions of a commit, each of one database. */
  private readonly details = new WeakMap<ReadonlySet<number>, ObjectDetails>();
  private readonly withRemovedRows: boolean;
  private readonly withLater: boolean;
  private readonly unknown: UnknownValues = { count: 0 };
  /** Undefined where each comes once. */
  private readonly transactions: WeakMap<EndRecord, ChangedTransaction> | undefined;
  /** The tables that there were changes of. */
  private readonly given = new Set<string>();
  /** What logs tell of who did the transactions, where there are logs. */
  who: WhoByTransaction | undefined;
  /** Where in the WAL values are read: TOAST values may be cut off later on. */
  private sequence = Number.POSITIVE_INFINITY;

  constructor(
    private readonly machine: ChangeReplay,
    private readonly version: number,
    private readonly timezone: TimeZone,
    { removedRows = false, withLater = false, order }: TransactionReaderOptions,
  ) {
    this.transactions = order === 'lsn' ? new WeakMap() : undefined;
    this.withRemovedRows = removedRows;
    this.withLater = withLater;
  }

  /** How many values are not known, a row of which nothing is known for one. */
  get unknownValues(): number {
    return this.unknown.count;
  }

  /** @param isLater only changes of those tables are given then of which there were some before */
  async *batches({ end, origin, changes }: CommittedChanges, isLater = false): AsyncGenerator<Change[]> {
    const transaction = this.transactionOf(end, origin, isLater);
    let batch: Change[] = [];
    const definitions = new Map<number, TableDefinition>();
    const xids = new Set(endingXids(end));
    const define = async (): Promise<void> => {
      const all = [...definitions.values()].map(withPartitions);
      definitions.clear();
      for (const one of inOrder(all)) {
        await this.loadNames(one.table);
        batch.push(...this.definition(one, transaction, await this.converted(one, xids)));
      }
    };
    for (const change of changes()) {
      if (!this.isAskedFor(change, isLater)) continue;
      if (isRemoval(change)) {
        await define();
        if (batch.length > 0) yield batch;
        batch = [];
        yield [await this.removal(change, transaction, xids)];
        continue;
      }
      if (change.kind === 'define') {
        if (definitions.has(change.table.oid)) await define();
        definitions.set(change.table.oid, change);
        continue;
      }
      if (definitions.size > 0) await define();
      const read = this.tryRead(change, transaction);
      batch.push(read ?? (await this.readWithBlocks(change, transaction)));
      if (batch.length < BATCH) continue;
      yield batch;
      batch = [];
    }
    await define();
    if (batch.length > 0) yield batch;
  }

  /**
   * Writes the same as JSON.
   * @returns undefined where all is written; else the rest, in pieces: there is much, or blocks of the backup are needed
   */
  write(
    { end, origin, changes }: CommittedChanges,
    isLater: boolean,
    json: ChangesJson,
  ): AsyncGenerator<Uint8Array> | undefined {
    const transaction = this.transactionOf(end, origin, isLater);
    const rest = changes()[Symbol.iterator]();
    const change = this.writeSome(rest, transaction, json);
    return change && this.writeRest(change, rest, transaction, json);
  }

  /** @returns the change that more is needed for than there is: room, or blocks of the backup */
  private writeSome(
    changes: Iterator<AnyChange>,
    transaction: ChangedTransaction,
    json: ChangesJson,
  ): AnyChange | undefined {
    for (let next = changes.next(); next.done !== true; next = changes.next()) {
      const change = next.value;
      if (!this.isAskedFor(change, transaction.isLater)) continue;
      if (json.isFull || !this.writeOne(change, transaction, json)) return change;
    }
    return undefined;
  }

  private async *writeRest(
    first: AnyChange,
    rest: Iterator<AnyChange>,
    transaction: ChangedTransaction,
    json: ChangesJson,
  ): AsyncGenerator<Uint8Array> {
    for (let change: AnyChange | undefined = first; change !== undefined; ) {
      if (json.isFull) {
        yield json.out.written;
        json.out.clear();
      }
      if (!this.writeOne(change, transaction, json)) {
        if ('liveTable' in change && change.liveTable) await this.loadFor(change.liveTable);
        if (!this.writeOne(change, transaction, json)) throw new LackingBlocks();
      }
      change = this.writeSome(rest, transaction, json);
    }
  }

  /** @returns false where a part of the backup has to be read first, and nothing is written of the change */
  private writeOne(change: AnyChange, transaction: ChangedTransaction, json: ChangesJson): boolean {
    if (change.kind === 'define') {
      json.count += this.definition(change, transaction).length;
      return true;
    }
    json.enter(transaction);
    if (isRemoval(change)) {
      json.removal(change, this.jsonOf(this.open(change.table, change.file ?? change.table.file)));
    } else {
      const opened = this.open(change.liveTable, change.file);
      this.sequence = change.sequence;
      const { length } = json.out;
      const { count } = this.unknown;
      try {
        // which counts values itself
        const unread = json.change(change, this.jsonOf(opened));
        this.unknown.count += unread;
      } catch (error) {
        if (!(error instanceof LackingBlocks)) throw error;
        json.out.length = length;
        this.unknown.count = count;
        return false;
      }
    }
    json.count++;
    return true;
  }

  private jsonOf(opened: OpenTable): JsonTable {
    opened.json ??= new JsonTable(opened.table, opened.reader);
    return opened.json;
  }

  private transactionOf(end: EndRecord, origin: number, isLater: boolean): ChangedTransaction {
    const known = this.transactions?.get(end);
    if (known) return known;
    const { xid, subxacts, lsn, time } = end;
    const who = this.who?.get(whoKey(end));
    const transaction = { xid, subxacts, lsn, time, origin, isLater, ...(who && { who }) };
    this.transactions?.set(end, transaction);
    return transaction;
  }

  /** @returns undefined where a part of the backup has to be read first */
  private tryRead(change: RowChange, transaction: ChangedTransaction): Change | undefined {
    const { count } = this.unknown;
    try {
      return this.read(change, transaction);
    } catch (error) {
      if (!(error instanceof LackingBlocks)) throw error;
      this.unknown.count = count;
      return undefined;
    }
  }

  /** Whether a change is of the tables that changes are given of. */
  private isAskedFor(change: AnyChange, isLater: boolean): boolean {
    // no row of it is ever told
    if (isRemoval(change) && change.table.persistence === 'u' && !this.withRemovedRows) return false;
    if (!this.withLater) return true;
    const name = nameOf(change);
    if (isLater && !this.given.has(name)) return false;
    this.given.add(name);
    return true;
  }

  private async readWithBlocks(change: RowChange, transaction: ChangedTransaction): Promise<Change> {
    if (change.liveTable) await this.loadFor(change.liveTable);
    return this.read(change, transaction);
  }

  /** Reads what values of a table may need besides its rows. */
  private async loadFor(table: LiveTable): Promise<void> {
    if (table.toast) await this.machine.load(table.toast);
    await this.loadNames(table);
  }

  private async loadNames(table: LiveTable): Promise<void> {
    const types = objectTypesIn(table.columns, table.type);
    if (types.size > 0) await this.machine.namesOf(table.file.dbOid)?.read(types);
  }

  private read(change: RowChange, transaction: ChangedTransaction): Change {
    const { table, reader } = this.open(change.liveTable, change.file);
    const { lsn, kind, from, to } = change;
    this.sequence = change.sequence;
    // field by field: a spread takes many times as long
    switch (kind) {
      case 'insert':
        return { transaction, lsn, table, kind, ctid: to!, new: this.values(change.new.tuple, reader) };
      case 'update': {
        const old = this.values(change.old.tuple, reader);
        const made = this.values(change.new.tuple, reader);
        return { transaction, lsn, table, kind, oldCtid: from!, ctid: to!, old, new: made };
      }
      case 'delete': {
        const old = this.values(change.old.tuple, reader);
        return { transaction, lsn, table, kind, ctid: from!, old, isMove: change.isMove };
      }
    }
  }

  private values(tuple: Uint8Array | undefined, reader: ValueReader | undefined): ChangedValue[] | undefined {
    const found = tuple && reader?.read(tuple);
    if (found === undefined) this.unknown.count++;
    return found;
  }

  /** The names of columns that were converted to another type, so that not all rows have the value that they had. */
  private async converted(definition: TableDefinition, xids: ReadonlySet<number>): Promise<string[]> {
    const columns = convertedColumns(definition);
    if (columns.length === 0) return [];
    const { before, table } = definition;
    for (const { file } of [before!, table]) await this.machine.load(file);
    for (const one of [before!, table]) await this.loadFor(one);
    this.sequence = definition.sequence;
    const changed = changedByConversion(definition, columns, this.machine, xids, (of, tuple) => {
      const { reader } = this.open(of, of.file);
      const { count } = this.unknown;
      const values = reader?.read(tuple);
      // these are not given
      this.unknown.count = count;
      return values;
    });
    return changed.map((column) => table.columns[column].name);
  }

  /**
   * None where the catalogs' rows changed, but not what they say of rows.
   * @param converted columns whose values became others with their type
   */
  private definition(
    { kind, lsn, table: now, before }: TableDefinition,
    transaction: ChangedTransaction,
    converted: readonly string[] = [],
  ): Change[] {
    const { version } = this;
    const sql =
      before === undefined
        ? createTableSql(now, version)
        : alterTableSql(before, now, version, this.namesFor(now));
    const lost = this.withRemovedRows ? sql.lost : [];
    for (const name of converted) {
      const [column, table] = [quoteIdentifier(name, version), tableSql(now, version)];
      sql.unknown.push(
        `column ${column} of ${table} was converted to another type, and by which expression cannot be told`,
      );
      if (this.withRemovedRows)
        lost.push(message`column ${column} of ${table} was converted to another type, with its values`);
    }
    if (sql.statements.length + sql.notes.length + sql.unknown.length + lost.length === 0) return [];
    const { table } = this.open(now, now.file);
    return [{ ...{ transaction, lsn, kind, table }, isNew: before === undefined, ...sql, lost }];
  }

  private async removal(
    { kind, lsn, sequence, table: liveTable, file, contents }: TableRemoval,
    transaction: ChangedTransaction,
    xids: ReadonlySet<number>,
  ): Promise<Change> {
    const { table, reader } = this.open(liveTable, file ?? liveTable.file);
    const head = { transaction, lsn, table };
    if (!this.withRemovedRows) return { ...head, kind };
    const again = kind === 'drop' ? await this.droppedTable(liveTable, xids) : {};
    if (liveTable.persistence === 'u') {
      const name = tableSql(liveTable, this.version);
      const lost = message`the rows of ${name} went, and were never in the WAL: it was unlogged`;
      return { ...head, kind, ...again, lost: [lost] };
    }
    const relation = file ? await this.machine.load(file) : contents;
    // a partitioned table has no rows of its own, and no file
    if (file === undefined && relation === undefined)
      return liveTable.kind === 'p' ? { ...head, kind, ...again } : { ...head, kind };
    await this.loadFor(liveTable);
    const rows = relation ? this.removedRows(this.machine.rowsSeenBy(xids, relation), reader, sequence) : [];
    return { ...head, kind, rows, ...again };
  }

  private async droppedTable(table: LiveTable, xids: ReadonlySet<number>): Promise<DroppedTable> {
    const { dbOid } = table.file;
    const names = this.machine.namesOf(dbOid);
    await names?.read(IN_DEFINITIONS);
    const catalog = this.machine.catalogOf(dbOid)!;
    const all = [...xids];
    const details = this.details.get(xids) ?? (await ObjectDetails.read(catalog, this.machine, all));
    this.details.set(xids, details);
    return droppedTable(table, catalog, all, names, details);
  }

  /** A table as it is now; undefined where it is not there any more, or nothing tells. */
  tableNow({ oid, file: { dbOid } }: ChangedTable): ChangedTable | undefined {
    const now = oid === undefined ? undefined : this.machine.catalogOf(dbOid)?.tableWith(oid);
    return now && this.open(now, now.file).table;
  }

  /** The rows that a table has now; undefined where the backup does not tell them. */
  async rowsNow(table: ChangedTable): Promise<Iterable<readonly ChangedValue[]> | undefined> {
    const { dbOid } = table.file;
    const now = table.oid === undefined ? undefined : this.machine.catalogOf(dbOid)?.tableWith(table.oid);
    if (now === undefined || !this.machine.hasBackup) return undefined;
    const relation = await this.machine.load(now.file);
    if (relation === undefined) return undefined;
    await this.loadFor(now);
    const tuples = this.machine.rowsSeenBy(new Set(), relation);
    return this.removedRows(tuples, this.open(now, now.file).reader, Number.POSITIVE_INFINITY);
  }

  /** @param sequence where in the WAL the rows are as these tuples have them */
  private *removedRows(
    tuples: Iterable<Uint8Array>,
    reader: ValueReader | undefined,
    sequence: number,
  ): Generator<readonly ChangedValue[]> {
    for (const tuple of tuples) {
      this.sequence = sequence;
      const values = reader?.read(tuple);
      if (values) yield values;
      else this.unknown.count++;
    }
  }

  private open(liveTable: LiveTable | undefined, file: RelFileLocator): OpenTable {
    const known = liveTable ? this.tables.get(liveTable) : this.files.get(formatLocator(file));
    if (known) return known;
    const table = changedTable(liveTable, file, this.machine.databaseName(file.dbOid), this.version);
    const reader = liveTable && this.readerOf(liveTable);
    const opened = { table, reader };
    if (liveTable) this.tables.set(liveTable, opened);
    else this.files.set(formatLocator(file), opened);
    return opened;
  }

  private readerOf(table: LiveTable): ValueReader {
    const { version, timezone } = this;
    const context = { version, timezone, type: table.type, objectName: this.namesFor(table) };
    return new ValueReader(table, context, this.fetchFrom(table.toast), this.unknown);
  }

  private namesFor(table: LiveTable): TypeContext['objectName'] {
    const types = objectTypesIn(table.columns, table.type);
    return (type, oid) => {
      const names = this.machine.namesOf(table.file.dbOid);
      if (names === undefined)
        throw new WalError('unknown-type', message`no catalog tells the names of ${type}`);
      if (!names.has(types)) throw new LackingBlocks();
      return names.name(type, oid);
    };
  }

  private fetchFrom(toast: RelFileLocator | undefined): FetchToast {
    return (pointer) => {
      const found = toast && this.chunks(toast, pointer);
      if (found) return found;
      if (toast && this.machine.isLacking(toast)) throw new LackingBlocks();
      throw new WalError('missing-toast', message`TOAST value ${pointer.valueId} is not there`);
    };
  }

  /** The data of a value; undefined where not all chunks are there. */
  private chunks(file: RelFileLocator, { valueId, storedSize }: ToastPointer): Uint8Array | undefined {
    const index = this.machine.chunksOf(file, this.sequence);
    if (index === undefined) return undefined;
    const parts: Uint8Array[] = [];
    for (const tid of index.find(0, valueId)) {
      const tuple = index.relation.guard(tid, () => index.relation.find(tid));
      const chunk = tuple && chunkOf(tuple);
      if (chunk) parts[chunk.sequence] = chunk.data;
    }
    let size = 0;
    for (let i = 0; i < parts.length; i++) {
      if (parts[i] === undefined) return undefined;
      size += parts[i].length;
    }
    return size === storedSize ? concat(parts) : undefined;
  }
}

/** What definitions of tables name. */
const IN_DEFINITIONS: ReadonlySet<ObjectType> = new Set(['regproc', 'regoper', 'regrole']);

/** What tells a table from others, whatever file it has. */
function nameOf(change: AnyChange): string {
  const [table, { dbOid, relNumber }] =
    'liveTable' in change ? [change.liveTable, change.file] : [change.table, change.table.file];
  return `${dbOid} ${table?.oid ?? `file ${relNumber}`}`;
}

const isRemoval = (change: AnyChange): change is TableRemoval =>
  change.kind === 'truncate' || change.kind === 'drop';
