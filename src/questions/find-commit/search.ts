import type { Interruptions } from '../../follow/interruption.js';
import {
  type EndedTransaction,
  type KeptOf,
  OpenTransactions,
  type RowsAt,
} from '../../follow/open-transactions.js';
import { matchesAny, type Relation, type RelationFilter, relationOf } from '../../follow/relation.js';
import type { CataloguedFiles, FileChanges, RemovalKind } from '../../follow/removal.js';
import {
  concatChanges,
  type RowChanges,
  RowChangesAt,
  type RowChangesTable,
  type RowInsert,
} from '../../follow/row-changes.js';
import type { RowsByEnd } from '../../follow/rows-by-end.js';
import type { SummedCommit, SummedTransactions } from '../../follow/summed-transactions.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import { COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import type { WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { type FindCommitChunk, type FindCommitPart, type FindCommitQuery, findCommitScan } from './scan.js';

/** The commit of a transaction: its xid, the LSN of its record and the time in it. */
export interface CommitFound extends TransactionPoint {
  /** Of the commits and aborts read before it, the one with the latest time. */
  latestBefore: TransactionPoint | undefined;
}

/** Rows by what was done to them; `moved` ones went to another partition. */
export interface RowCounts {
  inserted: number;
  updated: number;
  deleted: number;
  moved: number;
}

/** What one transaction did to one relation, from its first change of it to its last. */
export interface TransactionFound {
  /** The top-level one, as far as the WAL tells. */
  xid: number;
  status: TransactionStatus;
  firstLsn: Lsn;
  lastLsn: Lsn;
  commit: CommitFound | undefined;
  rows: RowCounts;
}

/** The last row inserted by a transaction that committed, and how many rows that transaction inserted in all. */
export interface InsertFound extends RowInsert {
  rows: number;
  commit: CommitFound;
}

/**
 * The last transaction that deleted rows and committed: its first and last DELETE, and how many rows it
 * deleted.
 */
export interface DeleteFound {
  firstLsn: Lsn;
  lsn: Lsn;
  /** The last record's own. */
  xid: number;
  rows: number;
  commit: CommitFound;
}

/** How the relation's file came to its end in a transaction that committed. */
export interface RemovalFound {
  kind: RemovalKind;
  /** The file that took its place. */
  newRelation: string | undefined;
  commit: CommitFound;
}

/** Its database was dropped, and with it all that was in it. */
export interface DatabaseDropFound {
  /** The record that recovery has to stop before: what it does, it does before the commit. */
  stopLsn: Lsn;
  commit: CommitFound;
}

/**
 * What became of one relation (`tablespace/database/relfilenode`) on one timeline; undefined for what is not
 * in its WAL.
 */
export interface RelationFound {
  relation: string;
  /** The same in numbers. */
  file: RelFileLocator;
  lastInsert: InsertFound | undefined;
  lastDelete: DeleteFound | undefined;
  removed: RemovalFound | undefined;
  databaseDropped: DatabaseDropFound | undefined;
  /** Whether it is unlogged, so that no recovery brings its rows back; undefined where it is not known. */
  unlogged: boolean | undefined;
  /** How many transactions changed its rows, by what became of them. */
  transactionCounts: Record<TransactionStatus, number>;
  /** The newest ones by their first record, in the order of that: as many as were asked for. */
  transactions: TransactionFound[];
  /** All that have no end in the WAL, in the same order. */
  unended: TransactionFound[];
}

/**
 * How a transaction ended: `prepared` ones wait for COMMIT PREPARED, `in-progress` ones have no end in the
 * WAL given.
 */
export type TransactionStatus = 'committed' | 'aborted' | 'prepared' | 'in-progress';

/** Told each transaction that changed rows of a relation, as soon as its end is known. */
export type TransactionListener = (relation: string, transaction: TransactionFound) => void;

/** As many transactions are listed of a relation, unless it is said. */
export const MOST_TRANSACTIONS = 100;

/** What a transaction id did to relations, by their keys. */
export type Changes = Map<string, RowChanges>;

/**
 * Finds what became of the relations asked for: follows the transactions of one timeline and keeps of those that have
 * ended no more than the answer.
 */
export class FindCommitSearch {
  private readonly open: OpenTransactions<RowChangesTable, Changes>;
  private readonly filters: readonly RelationFilter[];
  private readonly found = new Map<string, RelationFound>();
  /** The same by their databases. */
  private readonly foundIn = new Map<number, RelationFound[]>();
  private readonly newest: number;
  private latestEnd: TransactionPoint | undefined;
  /** Keys of files in whose place one of those asked for came. */
  readonly formerFiles = new Set<string>();

  /** @param catalogued what catalogs tell of the files of transactions in the WAL */
  constructor(
    query: FindCommitQuery,
    private readonly listener?: TransactionListener,
    private readonly catalogued?: CataloguedFiles,
  ) {
    const { transactions = MOST_TRANSACTIONS } = query;
    this.filters = [query.relation].flat();
    this.newest = transactions === 'all' ? Number.POSITIVE_INFINITY : transactions;
    this.open = new OpenTransactions(
      {
        scan: findCommitScan(query),
        begin: () => new Map(),
        rowsAt: (chunk) => this.rowsAt(chunk),
        ended: (transaction) => this.ended(transaction),
        summed: (transactions) => this.summed(transactions),
        lost: ({ xid, group }) => this.list(xid, 'aborted', undefined, group),
      },
      catalogued,
    );
  }

  /** Whether the part that comes next can be taken in as it is. */
  takes(part: FindCommitPart): boolean {
    return this.open.takes(part);
  }

  /** Takes in the part that comes next. */
  add(part: FindCommitPart): void {
    this.open.add(part);
  }

  /** The same of WAL that is not read in parts. @param read what could not be read of it up to the chunk's end */
  addChunk(chunk: FindCommitChunk, read: Interruptions): void {
    this.open.addChunk(chunk, read);
  }

  /** What was read so far; undefined before the first part. */
  get span(): WalSpan | undefined {
    return this.open.span;
  }

  /** Where records are that contradict themselves. */
  get undecodable(): readonly Lsn[] {
    return this.open.undecodable;
  }

  /** What there is of the answer before all parts are in. */
  get foundSoFar(): readonly RelationFound[] {
    return [...this.found.values()];
  }

  /** The answer, once all parts are in. Transactions of which no end was read are now in progress, or prepared. */
  finish(): RelationFound[] {
    for (const { xid, prepared, group } of this.open.unended()) {
      this.list(xid, prepared ? 'prepared' : 'in-progress', undefined, group);
    }
    const relations = [...this.found.values()];
    for (const found of relations) {
      // an unlogged table's rows are not in the WAL
      if (hasChanges(found)) found.unlogged = false;
      found.unended.sort(byFirstRecord);
      found.transactions = newestOf(found.transactions, this.newest);
    }
    return relations.sort((a, b) => NUMBERS_IN_ORDER.compare(a.relation, b.relation));
  }

  private rowsAt({ rows: table, events }: FindCommitChunk): RowsAt<Changes> {
    const rows = new RowChangesAt(table);
    const byEnd = rows.byEnd(events.kinds.length);
    return new ChangesAt(rows, byEnd, (event) => this.endOfRows(events, event, rows, byEnd));
  }

  private passEnd(xid: number, lsn: Lsn, time: TimestampTz): void {
    if (this.latestEnd === undefined || time > this.latestEnd.time) this.latestEnd = { xid, lsn, time };
  }

  /** COMMIT or ABORT of a transaction of which nothing is open but these rows. */
  private endOfRows(events: TransactionEvents, i: number, rows: RowChangesAt, byEnd: RowsByEnd): void {
    const latestBefore = this.latestEnd;
    const [xid, lsn, time] = [events.xids[i], events.lsns[i], events.times[i]];
    this.passEnd(xid, lsn, time);
    for (let row = byEnd.firstOf(i); row >= 0; row = byEnd.after(row)) {
      // field by field, not by spread syntax (docs/decisions/columns.md)
      const commit = events.kinds[i] === COMMIT ? { xid, lsn, time, latestBefore } : undefined;
      this.listRow(xid, commit, rows.seek(row));
    }
  }

  /** As {@link listChanges}, without objects for what is not asked for (docs/decisions/columns.md). */
  private listRow(xid: number, commit: CommitFound | undefined, row: RowChangesAt): void {
    const status = commit ? 'committed' : 'aborted';
    if (this.newest > 0 || this.listener !== undefined || row.lastDelete !== undefined) {
      this.listChanges(xid, status, commit, row.relation, groupOf(row));
    } else if (row.inserted + row.updated + row.moved > 0) {
      const found = this.relation(row.relation);
      found.transactionCounts[status]++;
      if (commit !== undefined) noteInsert(found, row.lastInsert, row.inserted, commit);
    }
  }

  private ended(transaction: EndedTransaction<Changes>): void {
    const { status, xid, lsn, time, group, repacked, files, databases } = transaction;
    const latestBefore = this.latestEnd;
    this.passEnd(xid, lsn, time);
    const commit = status === 'committed' ? { xid, lsn, time, latestBefore } : undefined;
    for (const changes of group) for (const key of repacked) changes.delete(key);
    this.list(xid, status, commit, group);
    if (commit === undefined) return;
    if (files !== undefined) this.remove(files, commit);
    for (const { dbOid, stopLsn } of databases) this.dropDatabase(dbOid, { stopLsn, commit });
  }

  private summed({ relations }: SummedTransactions): void {
    for (const { relation, committed, aborted, lastInsert, lastDelete } of relations) {
      if (!matchesAny(this.filters, relation)) continue;
      const found = this.relation(relation);
      found.transactionCounts.committed += committed;
      found.transactionCounts.aborted += aborted;
      if (lastInsert !== undefined) {
        const { lsn, block, offset, rows, commit } = lastInsert;
        noteInsert(found, { lsn, xid: commit.xid, block, offset }, rows, this.commitIn(commit));
      }
      if (lastDelete !== undefined) {
        const { xid } = lastDelete.commit;
        noteDelete(found, { ...lastDelete, xid, commit: this.commitIn(lastDelete.commit) });
      }
    }
  }

  /** A commit of a part that comes now, of which it is known what came before it there. */
  private commitIn(commit: SummedCommit): CommitFound {
    const { latestEnd } = this;
    const { latestBefore } = commit;
    const isLater = latestEnd === undefined || (latestBefore?.time ?? latestEnd.time) > latestEnd.time;
    return { ...commit, latestBefore: isLater ? latestBefore : latestEnd };
  }

  private dropDatabase(database: number, databaseDropped: DatabaseDropFound): void {
    // also those asked for by name that nothing happened to before
    for (const { spcOid, dbOid, relNumber } of this.filters) {
      if (spcOid !== undefined && dbOid === database) {
        this.relation(relationOf({ spcOid, dbOid, relNumber }));
      }
    }
    for (const found of this.foundIn.get(database) ?? []) {
      if (found.removed?.kind !== 'drop') found.databaseDropped = databaseDropped;
    }
  }

  /** A commit after which files are gone. */
  private remove(files: FileChanges, commit: CommitFound): void {
    for (const relation of files.dropped) {
      if (files.isOwn(relation)) continue;
      const successor = files.removalOf(relation, false).newRelation;
      if (successor !== undefined && matchesAny(this.filters, successor)) this.formerFiles.add(relation.key);
      if (!matchesAny(this.filters, relation)) continue;
      const found = this.relation(relation);
      const isTable = this.catalogued?.tables.has(relation.key) || hasChanges(found);
      const { kind, newRelation } = files.removalOf(relation, isTable);
      found.unlogged = files.isUnlogged(relation);
      found.removed = { kind, newRelation: newRelation?.key, commit };
    }
  }

  private relation(file: Relation): RelationFound {
    let found = this.found.get(file.key);
    if (found === undefined) {
      found = {
        relation: file.key,
        file: { spcOid: file.spcOid, dbOid: file.dbOid, relNumber: file.relNumber },
        lastInsert: undefined,
        lastDelete: undefined,
        removed: undefined,
        databaseDropped: undefined,
        unlogged: undefined,
        transactionCounts: { committed: 0, aborted: 0, prepared: 0, 'in-progress': 0 },
        transactions: [],
        unended: [],
      };
      this.found.set(file.key, found);
      const ofDatabase = this.foundIn.get(file.dbOid);
      if (ofDatabase === undefined) this.foundIn.set(file.dbOid, [found]);
      else ofDatabase.push(found);
    }
    return found;
  }

  /** Takes a transaction's changes into the answer. */
  private list(
    xid: number,
    status: TransactionStatus,
    commit: CommitFound | undefined,
    group: readonly Changes[],
  ): void {
    for (const { relation, changes } of changesByRelation(group)) {
      this.listChanges(xid, status, commit, relation, changes);
    }
  }

  private listChanges(
    xid: number,
    status: TransactionStatus,
    commit: CommitFound | undefined,
    relation: Relation,
    { firstLsn, lastLsn, rows, lastInsert, firstDelete, lastDelete }: GroupChanges,
  ): void {
    // all that is left of a speculative insertion that was withdrawn
    if (rows.inserted + rows.updated + rows.deleted + rows.moved === 0) return;
    const found = this.relation(relation);
    found.transactionCounts[status]++;
    const transaction = { xid, status, firstLsn, lastLsn, commit, rows };
    this.listener?.(relation.key, transaction);
    if (status === 'prepared' || status === 'in-progress') found.unended.push(transaction);
    if (this.newest > 0) {
      found.transactions.push(transaction);
      if (found.transactions.length >= 2 * this.newest + SPARE) {
        found.transactions = newestOf(found.transactions, this.newest);
      }
    }
    if (commit === undefined) return;
    noteInsert(found, lastInsert, rows.inserted, commit);
    if (lastDelete && firstDelete !== undefined) {
      noteDelete(found, { firstLsn: firstDelete, ...lastDelete, rows: rows.deleted, commit });
    }
  }
}

/** Made once, which takes longer than to compare. */
const NUMBERS_IN_ORDER = new Intl.Collator('en', { numeric: true });

const hasChanges = ({ transactionCounts }: RelationFound): boolean =>
  Object.values(transactionCounts).some((count) => count > 0);

/** So many come together before they are sorted: not each on its own (docs/decisions/columns.md). */
const SPARE = 1000;

/** The newest transactions by their first record, in that order. */
const newestOf = (transactions: readonly TransactionFound[], count: number): TransactionFound[] =>
  count === 0 ? [] : transactions.toSorted(byFirstRecord).slice(-count);

/** The rows of a chunk: those of transactions that end in it are not handed over where nothing else is open of those. */
class ChangesAt implements RowsAt<Changes> {
  private opened = 0;

  constructor(
    private readonly rows: RowChangesAt,
    private readonly byEnd: RowsByEnd,
    readonly passEnd: (event: number) => void,
  ) {}

  addUpTo(end: Lsn | undefined, keptOf: KeptOf<Changes>): void {
    const { rows, byEnd } = this;
    for (; this.opened < byEnd.open.length; this.opened++) {
      rows.seek(byEnd.open[this.opened]);
      if (end !== undefined && rows.firstLsn >= end) return;
      addChanges(rows.changes, keptOf);
    }
    if (end === undefined) rows.release();
  }

  addEnding(event: number, keptOf: KeptOf<Changes>): void {
    const { rows, byEnd } = this;
    for (let row = byEnd.firstOf(event); row >= 0; row = byEnd.after(row)) {
      addChanges(rows.seek(row).changes, keptOf);
    }
  }
}

function addChanges(changes: RowChanges, keptOf: KeptOf<Changes>): void {
  const { xid, topXid, relation, lastLsn } = changes;
  const kept = keptOf(xid, lastLsn, topXid);
  const known = kept.get(relation.key);
  kept.set(relation.key, known ? concatChanges(known, changes) : changes);
}

/** Takes a committed INSERT into the answer, unless a later one is there. @param rows of its transaction */
function noteInsert(
  found: RelationFound,
  insert: RowInsert | undefined,
  rows: number,
  commit: CommitFound,
): void {
  if (insert === undefined || (found.lastInsert !== undefined && found.lastInsert.lsn > insert.lsn)) return;
  const { lsn, xid, block, offset } = insert;
  found.lastInsert = { lsn, xid, block, offset, rows, commit };
}

/** Takes in a transaction that deleted rows and committed, unless one that committed later is there. */
function noteDelete(found: RelationFound, last: DeleteFound): void {
  if (found.lastDelete === undefined || found.lastDelete.commit.lsn <= last.commit.lsn)
    found.lastDelete = last;
}

/** What one transaction did to one relation, all of its subtransactions together. */
interface GroupChanges {
  firstLsn: Lsn;
  lastLsn: Lsn;
  rows: RowCounts;
  lastInsert: RowInsert | undefined;
  firstDelete: Lsn | undefined;
  lastDelete: { lsn: Lsn; xid: number } | undefined;
}

function changesByRelation(
  group: readonly Changes[],
): Iterable<{ relation: Relation; changes: GroupChanges }> {
  const byRelation = new Map<string, { relation: Relation; changes: GroupChanges }>();
  for (const kept of group) {
    for (const [key, one] of kept) {
      const known = byRelation.get(key);
      if (known) known.changes = addUp(known.changes, groupOf(one));
      else byRelation.set(key, { relation: one.relation, changes: groupOf(one) });
    }
  }
  return byRelation.values();
}

function groupOf(changes: RowChanges | RowChangesAt): GroupChanges {
  const { xid, firstLsn, lastLsn, inserted, updated, deleted, moved, lastInsert, firstDelete } = changes;
  const lastDelete = changes.lastDelete === undefined ? undefined : { lsn: changes.lastDelete, xid };
  return {
    firstLsn,
    lastLsn,
    rows: { inserted, updated, deleted, moved },
    lastInsert,
    firstDelete,
    lastDelete,
  };
}

function addUp(a: GroupChanges, b: GroupChanges): GroupChanges {
  return {
    firstLsn: least(a.firstLsn, b.firstLsn),
    lastLsn: greatest(a.lastLsn, b.lastLsn),
    rows: {
      inserted: a.rows.inserted + b.rows.inserted,
      updated: a.rows.updated + b.rows.updated,
      deleted: a.rows.deleted + b.rows.deleted,
      moved: a.rows.moved + b.rows.moved,
    },
    lastInsert: later(a.lastInsert, b.lastInsert),
    firstDelete:
      a.firstDelete && b.firstDelete ? least(a.firstDelete, b.firstDelete) : (a.firstDelete ?? b.firstDelete),
    lastDelete: later(a.lastDelete, b.lastDelete),
  };
}

const least = (a: Lsn, b: Lsn): Lsn => (b < a ? b : a);

const greatest = (a: Lsn, b: Lsn): Lsn => (b > a ? b : a);

function later<T extends { lsn: Lsn }>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.lsn > b.lsn ? a : b;
}

function byFirstRecord(a: TransactionFound, b: TransactionFound): number {
  return a.firstLsn < b.firstLsn ? -1 : a.firstLsn > b.firstLsn ? 1 : 0;
}
