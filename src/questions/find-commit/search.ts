import { DatabaseMarks, DatabaseUseAt } from '../../follow/database-use.js';
import type { FileUse } from '../../follow/file-use.js';
import { matchesAny } from '../../follow/relation.js';
import { relationKey } from '../../follow/relation-at.js';
import {
  CreatedFiles,
  FileChanges,
  FileOwners,
  FileUseAt,
  isInterrupted,
  type RemovalKind,
} from '../../follow/removal.js';
import {
  concatChanges,
  type RowChanges,
  RowChangesAt,
  type RowInsert,
  type RowsByEnd,
} from '../../follow/row-changes.js';
import {
  COMMIT,
  eventAt,
  isPlainEnd,
  type TransactionEnd,
  type TransactionEvents,
} from '../../follow/transaction-events.js';
import { keepUndecodable } from '../../follow/wal-problems.js';
import { XidHorizons } from '../../follow/xid-horizon.js';
import { joinSpans, type WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { chunkOf, type FindCommitChunk, type FindCommitPart, type FindCommitQuery } from './scan.js';

/** The end of a transaction in the WAL. */
export interface EndRecord {
  xid: number;
  lsn: Lsn;
  time: TimestampTz;
}

/** The commit of a transaction: its xid, the LSN of its record and the time in it. */
export interface CommitFound extends EndRecord {
  /** Of the commits and aborts read before it, the one with the latest time. */
  latestBefore: EndRecord | undefined;
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
  lastInsert: InsertFound | undefined;
  lastDelete: DeleteFound | undefined;
  removed: RemovalFound | undefined;
  databaseDropped: DatabaseDropFound | undefined;
  /** How many transactions changed its rows, by what became of them. */
  counts: Record<TransactionStatus, number>;
  /** In the order of their first record; those that have ended only if they are asked for. */
  transactions: TransactionFound[];
}

/**
 * How a transaction ended: `prepared` ones wait for COMMIT PREPARED, `in-progress` ones have no end in the
 * WAL given.
 */
export type TransactionStatus = 'committed' | 'aborted' | 'prepared' | 'in-progress';

/** What one transaction did to one relation, all of its subtransactions together. */
interface GroupChanges {
  firstLsn: Lsn;
  lastLsn: Lsn;
  rows: RowCounts;
  lastInsert: RowInsert | undefined;
  firstDelete: Lsn | undefined;
  lastDelete: { lsn: Lsn; xid: number } | undefined;
}

/** A transaction id that has changed something and whose fate is open. */
interface OpenTransaction {
  xid: number;
  lastLsn: Lsn;
  prepared: boolean;
  changes: Map<string, RowChanges>;
  files: CreatedFiles;
  /** Databases whose files are gone, by oid, and the first record that says so. */
  databases: Map<number, Lsn> | undefined;
}

/**
 * Follows the WAL of one timeline through its parts, given in order, and knows at the end what became of the
 * relations asked for. Of what it has seen it keeps no more than the answer and the transactions that are open.
 *
 * A transaction id names a transaction from its first record to its end; the same number after that, once the
 * 2^32 ids have been used up, is another one. So ids are matched by their place in the WAL and never compared.
 */
export class FindCommitSearch {
  /** What was read so far; undefined before the first part. */
  span: WalSpan | undefined;
  readonly undecodable: Lsn[] = [];
  private readonly found = new Map<string, RelationFound>();
  private readonly open = new Map<number, OpenTransaction>();
  /** What open subtransactions belong to. */
  private readonly parents = new Map<number, number>();
  private latestEnd: EndRecord | undefined;
  private readonly owners = new FileOwners();
  private readonly horizons = new XidHorizons();
  private readonly marks = new DatabaseMarks();

  constructor(private readonly query: FindCommitQuery) {}

  /** Takes in the part that comes next. */
  add(part: FindCommitPart): void {
    if (this.span === undefined) {
      this.span = part.span;
    } else {
      const { span, record } = joinSpans(this.span, part.span);
      this.span = span;
      for (const chunk of chunkOf(record, this.query)) this.addChunk(chunk);
    }
    for (const chunk of part.chunks) this.addChunk(chunk);
  }

  /** The answer, once all parts are in. Transactions of which no end was read are now in progress, or prepared. */
  finish(): RelationFound[] {
    const unfinished = this.group([...this.open.values()]);
    for (const [xid, group] of unfinished) {
      const isPrepared = group.some((transaction) => transaction.prepared);
      this.list(xid, isPrepared ? 'prepared' : 'in-progress', undefined, group);
    }
    const relations = [...this.found.values()];
    for (const { transactions } of relations) transactions.sort(byFirstRecord);
    return relations.sort((a, b) => a.relation.localeCompare(b.relation, 'en', { numeric: true }));
  }

  private addChunk({ changes, events, assignments, files, databases, undecodable }: FindCommitChunk): void {
    for (const { topXid, subxacts } of assignments) {
      for (const xid of subxacts) this.parents.set(xid, topXid);
    }
    this.addContents(files);
    this.horizons.add(files.horizons, this.span!);
    keepUndecodable(this.undecodable, undecodable);
    const rows = new RowChangesAt(changes);
    const byEnd = rows.byEnd(events.kinds.length);
    // what a transaction does comes before its end, and what comes after that is another one's with the same number
    let opened = 0;
    const fileUse = new FileUseAt(files);
    const databaseUse = new DatabaseUseAt(databases, this.marks);
    const filesOf = (xid: number, lsn: Lsn): CreatedFiles => this.filesOf(xid, lsn);
    const databasesOf = (xid: number): Map<number, Lsn> => this.databasesOf(xid);
    const addUpTo = (end: Lsn | undefined): void => {
      const isDue = (lsn: Lsn): boolean => end === undefined || lsn < end;
      while (opened < byEnd.open.length && isDue(rows.seek(byEnd.open[opened]).firstLsn)) {
        this.addChanges(rows.changes);
        opened++;
      }
      fileUse.addUpTo(end, filesOf);
      databaseUse.addUpTo(end, databasesOf);
    };
    for (let i = 0; i < events.kinds.length; i++) {
      addUpTo(events.lsns[i]);
      // nearly all ends are of transactions that began in this chunk, or that did nothing to our relation
      if (isPlainEnd(events, i) && !this.open.has(events.xids[i])) {
        this.plainEnd(events, i, rows, byEnd);
        continue;
      }
      for (let row = byEnd.firstOf(i); row >= 0; row = byEnd.after(row)) {
        this.addChanges(rows.seek(row).changes);
      }
      const event = eventAt(events, i);
      if (event.kind === 'cut') this.cut(event.lsn);
      else if (event.kind === 'prepare') this.prepare(event);
      else this.end(event);
    }
    addUpTo(undefined);
  }

  /** COMMIT or ABORT of a transaction that is not open from before, and has no subtransactions. */
  private plainEnd(events: TransactionEvents, i: number, rows: RowChangesAt, byEnd: RowsByEnd): void {
    const latestBefore = this.latestEnd;
    const [xid, lsn, time] = [events.xids[i], events.lsns[i], events.times[i]];
    this.parents.delete(xid);
    this.passEnd(xid, lsn, time);
    for (let row = byEnd.firstOf(i); row >= 0; row = byEnd.after(row)) {
      // field by field: spread syntax here takes 1 µs
      const commit = events.kinds[i] === COMMIT ? { xid, lsn, time, latestBefore } : undefined;
      this.listRow(xid, commit, rows.seek(row));
    }
  }

  /** As {@link listChanges}, without objects for what is not asked for: a segment may hold 40,000 of these. */
  private listRow(xid: number, commit: CommitFound | undefined, row: RowChangesAt): void {
    const status = commit ? 'committed' : 'aborted';
    if (this.query.transactions !== false || row.lastDelete !== undefined) {
      this.listChanges(xid, status, commit, row.relation, groupOf(row));
    } else if (row.inserted + row.updated + row.moved > 0) {
      const found = this.relation(row.relation);
      found.counts[status]++;
      if (commit !== undefined) noteInsert(found, row.lastInsert, row.inserted, commit);
    }
  }

  private openTransaction(xid: number): OpenTransaction {
    let transaction = this.open.get(xid);
    if (transaction === undefined) {
      transaction = {
        xid,
        lastLsn: 0n,
        prepared: false,
        changes: new Map(),
        files: new CreatedFiles(),
        databases: new Map(),
      };
      this.open.set(xid, transaction);
    }
    return transaction;
  }

  private addChanges(changes: RowChanges): void {
    const { xid, topXid, relation, lastLsn } = changes;
    const transaction = this.openTransaction(xid);
    const known = transaction.changes.get(relation);
    transaction.changes.set(relation, known ? concatChanges(known, changes) : changes);
    if (lastLsn > transaction.lastLsn) transaction.lastLsn = lastLsn;
    if (topXid !== 0) this.parents.set(xid, topXid);
  }

  /** What was written to the files of open transactions that were made in an earlier chunk. */
  private addContents({ contents }: FileUse): void {
    if (contents.size === 0) return;
    for (const { files } of this.open.values()) files.addContents(contents);
  }

  private filesOf(xid: number, lsn: Lsn): CreatedFiles {
    const transaction = this.openTransaction(xid);
    if (lsn > transaction.lastLsn) transaction.lastLsn = lsn;
    return transaction.files;
  }

  private databasesOf(xid: number): Map<number, Lsn> {
    const transaction = this.openTransaction(xid);
    transaction.databases ??= new Map();
    return transaction.databases;
  }

  private prepare({ xid, subxacts }: TransactionEnd): void {
    for (const subxact of subxacts) this.parents.set(subxact, xid);
    for (const one of [xid, ...subxacts]) {
      const transaction = this.open.get(one);
      if (transaction) transaction.prepared = true;
    }
  }

  private passEnd(xid: number, lsn: Lsn, time: TimestampTz): void {
    if (this.latestEnd === undefined || time > this.latestEnd.time) this.latestEnd = { xid, lsn, time };
  }

  /** COMMIT or ABORT, of a prepared transaction too, or the rollback of a subtransaction. */
  private end(event: TransactionEnd): void {
    const { kind, xid, lsn, time, subxacts, dropped } = event;
    const latestBefore = this.latestEnd;
    this.passEnd(xid, lsn, time);
    const group: OpenTransaction[] = [];
    for (const one of subxacts.length === 0 ? [xid] : [xid, ...subxacts]) {
      this.parents.delete(one);
      const transaction = this.open.get(one);
      if (transaction === undefined) continue;
      group.push(transaction);
      this.open.delete(one);
    }
    if (kind === 'abort') {
      if (group.length > 0) this.list(xid, 'aborted', undefined, group);
      return;
    }
    const commit: CommitFound = { xid, lsn, time, latestBefore };
    if (group.length > 0) this.list(xid, 'committed', commit, group);
    if (dropped.length > 0) this.remove(dropped, commit, group);
    for (const { databases } of group) {
      for (const [database, filesGone] of databases ?? []) {
        this.dropDatabase(database, { stopLsn: this.marks.drop(database, filesGone), commit });
      }
    }
  }

  private dropDatabase(database: number, databaseDropped: DatabaseDropFound): void {
    // also those asked for by name that nothing happened to before
    for (const { spcOid, dbOid, relNumber } of [this.query.relation].flat()) {
      if (spcOid !== undefined && dbOid === database)
        this.relation(relationKey({ spcOid, dbOid, relNumber }));
    }
    for (const found of this.found.values()) {
      if (found.removed?.kind === 'drop' || databaseOf(found.relation) !== database) continue;
      found.databaseDropped = databaseDropped;
    }
  }

  /** A commit after which files are gone. */
  private remove(dropped: readonly RelFileLocator[], commit: CommitFound, group: OpenTransaction[]): void {
    const { lsn } = commit;
    const changes = new FileChanges(
      dropped.map(relationKey),
      CreatedFiles.of(group, lsn),
      this.owners,
      (since) => isInterrupted(this.span!, since, lsn),
      this.horizons.mayBeCut(commit.xid, lsn, this.span!),
    );
    for (const rel of dropped) {
      const relation = relationKey(rel);
      if (!matchesAny([this.query.relation].flat(), rel) || changes.isOwn(relation)) continue;
      const found = this.relation(relation);
      const isTable = Object.values(found.counts).some((count) => count > 0);
      found.removed = { ...changes.removalOf(relation, isTable), commit };
    }
    this.owners.add(changes);
  }

  /**
   * A restart or a promotion: what ran before and has no end never gets one, unless its end lies in WAL that could
   * not be read.
   */
  private cut(lsn: Lsn): void {
    const lost = [...this.open.values()].filter(
      ({ prepared, lastLsn }) => !prepared && lastLsn < lsn && !isInterrupted(this.span!, lastLsn, lsn),
    );
    for (const [xid, group] of this.group(lost)) this.list(xid, 'aborted', undefined, group);
    for (const { xid } of lost) {
      this.open.delete(xid);
      this.parents.delete(xid);
    }
  }

  /** Open transactions by their top-level one, as far as that is known. */
  private group(transactions: OpenTransaction[]): Map<number, OpenTransaction[]> {
    const groups = new Map<number, OpenTransaction[]>();
    for (const transaction of transactions) {
      const top = this.parents.get(transaction.xid) ?? transaction.xid;
      const group = groups.get(top);
      if (group) group.push(transaction);
      else groups.set(top, [transaction]);
    }
    return groups;
  }

  private relation(relation: string): RelationFound {
    let found = this.found.get(relation);
    if (found === undefined) {
      found = {
        relation,
        lastInsert: undefined,
        lastDelete: undefined,
        removed: undefined,
        databaseDropped: undefined,
        counts: { committed: 0, aborted: 0, prepared: 0, 'in-progress': 0 },
        transactions: [],
      };
      this.found.set(relation, found);
    }
    return found;
  }

  /** Takes a transaction's changes into the answer. */
  private list(
    xid: number,
    status: TransactionStatus,
    commit: CommitFound | undefined,
    group: OpenTransaction[],
  ): void {
    for (const [relation, changes] of changesByRelation(group)) {
      this.listChanges(xid, status, commit, relation, changes);
    }
  }

  private listChanges(
    xid: number,
    status: TransactionStatus,
    commit: CommitFound | undefined,
    relation: string,
    { firstLsn, lastLsn, rows, lastInsert, firstDelete, lastDelete }: GroupChanges,
  ): void {
    // all that is left of a speculative insertion that was withdrawn
    if (rows.inserted + rows.updated + rows.deleted + rows.moved === 0) return;
    const found = this.relation(relation);
    found.counts[status]++;
    const hasEnded = status === 'committed' || status === 'aborted';
    if (this.query.transactions !== false || !hasEnded) {
      found.transactions.push({ xid, status, firstLsn, lastLsn, commit, rows });
    }
    if (commit === undefined) return;
    noteInsert(found, lastInsert, rows.inserted, commit);
    if (lastDelete && firstDelete !== undefined) {
      found.lastDelete = { firstLsn: firstDelete, ...lastDelete, rows: rows.deleted, commit };
    }
  }
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

function changesByRelation(group: OpenTransaction[]): Map<string, GroupChanges> {
  const byRelation = new Map<string, GroupChanges>();
  for (const { changes } of group) {
    for (const [relation, one] of changes) {
      const known = byRelation.get(relation);
      byRelation.set(relation, known ? addUp(known, groupOf(one)) : groupOf(one));
    }
  }
  return byRelation;
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

const databaseOf = (relation: string): number => Number(relation.split('/')[1]);

const least = (a: Lsn, b: Lsn): Lsn => (b < a ? b : a);

const greatest = (a: Lsn, b: Lsn): Lsn => (b > a ? b : a);

function later<T extends { lsn: Lsn }>(a: T | undefined, b: T | undefined): T | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.lsn > b.lsn ? a : b;
}

function byFirstRecord(a: TransactionFound, b: TransactionFound): number {
  return a.firstLsn < b.firstLsn ? -1 : a.firstLsn > b.firstLsn ? 1 : 0;
}
