import { joinSpans, type WalSpan } from '../reader/span.js';
import type { Lsn } from '../wal/lsn.js';
import { INVALID_XID } from '../wal/record.js';
import { compareXids } from '../wal/xid.js';
import { type CreatedFile, CreatedFiles, FileUseAt, filesOfRepack } from './created-files.js';
import { DatabaseMarks, DatabaseUseAt } from './database-use.js';
import type { FileUse } from './file-use.js';
import { type Interruptions, isInterrupted } from './interruption.js';
import { relationOf } from './relation.js';
import { type CataloguedFiles, FileChanges, FileOwners } from './removal.js';
import { chunksOf, type WalChunk, type WalPart, type WalScan } from './scanner.js';
import type { SummedTransactions } from './summed-transactions.js';
import { endingXids, type TransactionEnd } from './transaction-end.js';
import { eventAt, isPlainEnd } from './transaction-events.js';
import { keepUndecodable } from './wal-problems.js';
import { XidHorizons } from './xid-horizon.js';

/** A transaction that ended in the WAL, and all that it did. */
export interface EndedTransaction<T> extends TransactionEnd {
  /** What was kept of the rows of those of its ids that changed some. */
  group: readonly T[];
  /** The keys of files that it filled with what others had done: see {@link filesOfRepack}. */
  repacked: ReadonlySet<string>;
  /** What became of the files that its commit drops; undefined where it drops none, and where it was rolled back. */
  files: FileChanges | undefined;
  /** The databases that it dropped. */
  databases: readonly DroppedDatabase[];
}

/** A database that a transaction drops when it commits. */
export interface DroppedDatabase {
  dbOid: number;
  /** The record that recovery has to stop before: what it does, it does before the commit. */
  stopLsn: Lsn;
}

/** A transaction that has no end in the WAL. */
export interface UnendedTransaction<T> {
  /** The top-level one, as far as the WAL tells. */
  xid: number;
  prepared: boolean;
  group: readonly T[];
}

/**
 * Finds what is kept of the rows of a transaction id that did something, the last of it at a position.
 * @param topXid what it is a subtransaction of, where a record says so
 */
export type KeptOf<T> = (xid: number, lsn: Lsn, topXid?: number) => T;

/** The rows of a chunk, which a question hands to the transactions that changed them as the WAL goes on. */
export interface RowsAt<T> {
  /** Hands over what begins before a position, or all there is; but for what {@link addEnding} does. */
  addUpTo(end: Lsn | undefined, keptOf: KeptOf<T>): void;
  /** Hands over what a transaction id did that this event ends, where the chunk has it by events. */
  addEnding?(event: number, keptOf: KeptOf<T>): void;
  /**
   * Takes in the end of a transaction of which nothing is open: all that it did is rows, and what
   * {@link addEnding} would hand over. Nearly all ends are of this kind.
   */
  passEnd?(event: number): void;
}

/** What a question does with transactions. @typeParam R what its sink keeps of a chunk's rows @typeParam T and of a transaction's */
export interface TransactionQuestion<R, T> {
  readonly scan: WalScan<R>;
  /** What is kept of the rows of a transaction id that has done nothing yet. */
  begin(): T;
  /** Begins with the chunk that comes next. */
  rowsAt(chunk: WalChunk<R>): RowsAt<T>;
  ended(transaction: EndedTransaction<T>): void;
  /** Takes in transactions that began and ended in a part, before what its chunks have. */
  summed?(transactions: SummedTransactions): void;
  /** Takes in a transaction that a restart or a promotion has ended. */
  lost?(transaction: UnendedTransaction<T>): void;
}

/** A transaction id that has done something and whose fate is open. */
interface OpenTransaction<T> {
  xid: number;
  lastLsn: Lsn;
  prepared: boolean;
  kept: T;
  files: CreatedFiles;
  /** Databases whose files are gone, by oid, and the first record that says so. */
  databases: Map<number, Lsn> | undefined;
}

/**
 * Follows the transactions of one timeline through its WAL, which is given in order, and tells a question which have
 * ended and what they did. Of what it has seen it keeps the transactions that are open.
 *
 * A transaction id names a transaction from its first record to its end; the same number after that, once the
 * 2^32 ids have been used up, is another one. So ids are matched by their place in the WAL and never compared.
 */
export class OpenTransactions<R, T> {
  /** What was read so far; undefined before the first part. */
  span: WalSpan | undefined;
  readonly undecodable: Lsn[] = [];
  private readonly open = new Map<number, OpenTransaction<T>>();
  /** Those that may be lost with the next cut: what an earlier one has left stays. */
  private readonly uncut = new Set<OpenTransaction<T>>();
  /** What open subtransactions belong to. */
  private readonly parents = new Map<number, number>();
  private readonly owners: FileOwners;
  private readonly horizons = new XidHorizons();
  private readonly marks = new DatabaseMarks();
  /** What could not be read of the WAL so far. */
  private read: Interruptions = { gaps: [], damages: [] };

  /** @param catalogued what catalogs tell of files */
  constructor(
    private readonly question: TransactionQuestion<R, T>,
    private readonly catalogued?: CataloguedFiles,
  ) {
    this.owners = new FileOwners(catalogued);
  }

  /**
   * Whether the part that comes next can be taken in: not where an id that it has summed up may be that of a transaction
   * which began before it.
   */
  takes({ span, summed }: WalPart<R>): boolean {
    const { ids } = summed ?? {};
    if (ids === undefined) return true;
    const isSummed = (xid: number): boolean =>
      compareXids(xid, ids.first) >= 0 && compareXids(xid, ids.last) <= 0;
    const record = this.span && joinSpans(this.span, span).record;
    const begun = chunksOf(record, this.question.scan).flatMap(({ assignments }) =>
      assignments.flatMap(({ subxacts }) => subxacts),
    );
    if (record !== undefined) begun.push(record.xid);
    for (const xid of begun) if (isSummed(xid)) return false;
    for (const xid of this.open.keys()) if (isSummed(xid)) return false;
    for (const xid of this.parents.keys()) if (isSummed(xid)) return false;
    return true;
  }

  /** Takes in the part that comes next. */
  add({ span, chunks, summed }: WalPart<R>): void {
    const joined = this.span === undefined ? { span, record: undefined } : joinSpans(this.span, span);
    this.span = joined.span;
    for (const chunk of chunksOf(joined.record, this.question.scan)) this.addChunk(chunk, joined.span);
    if (summed !== undefined) this.question.summed?.(summed);
    for (const chunk of chunks) this.addChunk(chunk, joined.span);
  }

  /** Takes in the chunk that comes next. @param read what could not be read of the WAL up to its end */
  addChunk(chunk: WalChunk<R>, read: Interruptions): void {
    const { events, files, databases } = chunk;
    this.read = read;
    for (const { topXid, subxacts } of chunk.assignments) {
      for (const xid of subxacts) this.parents.set(xid, topXid);
    }
    this.addContents(files);
    for (const creation of files.creations) this.owners.addCreation(creation);
    this.horizons.add(files.horizons, read);
    keepUndecodable(this.undecodable, chunk.undecodable);
    const rows = this.question.rowsAt(chunk);
    const fileUse = new FileUseAt(files);
    const databaseUse = new DatabaseUseAt(databases, this.marks);
    const keptOf: KeptOf<T> = (xid, lsn, topXid = INVALID_XID) => {
      if (topXid !== INVALID_XID) this.parents.set(xid, topXid);
      return this.openTransaction(xid, lsn).kept;
    };
    const filesOf = (xid: number, lsn: Lsn): CreatedFiles => this.openTransaction(xid, lsn).files;
    const databasesOf = (xid: number, lsn: Lsn): Map<number, Lsn> => this.databasesOf(xid, lsn);
    // what a transaction does comes before its end, and what comes after that is another one's with the same number
    const addUpTo = (end: Lsn | undefined): void => {
      rows.addUpTo(end, keptOf);
      fileUse.addUpTo(end, filesOf);
      databaseUse.addUpTo(end, databasesOf);
    };
    for (let i = 0; i < events.kinds.length; i++) {
      addUpTo(events.lsns[i]);
      if (isPlainEnd(events, i) && !this.open.has(events.xids[i])) {
        this.parents.delete(events.xids[i]);
        rows.passEnd?.(i);
        continue;
      }
      rows.addEnding?.(i, keptOf);
      const event = eventAt(events, i);
      if (event.kind === 'cut') this.cut(event.lsn);
      else if (event.kind === 'prepare') this.prepare(event.xid, event.subxacts);
      else this.end(event);
    }
    addUpTo(undefined);
  }

  /** The transactions of which no end was read, once all parts are in. */
  unended(): UnendedTransaction<T>[] {
    return this.group([...this.open.values()]);
  }

  private openTransaction(xid: number, lsn: Lsn): OpenTransaction<T> {
    let transaction = this.open.get(xid);
    if (transaction === undefined) {
      transaction = {
        xid,
        lastLsn: lsn,
        prepared: false,
        kept: this.question.begin(),
        files: new CreatedFiles(),
        databases: undefined,
      };
      this.open.set(xid, transaction);
    } else if (lsn > transaction.lastLsn) transaction.lastLsn = lsn;
    this.uncut.add(transaction);
    return transaction;
  }

  private databasesOf(xid: number, lsn: Lsn): Map<number, Lsn> {
    const transaction = this.openTransaction(xid, lsn);
    transaction.databases ??= new Map();
    return transaction.databases;
  }

  /** What was written to the files of open transactions that were made in an earlier chunk. */
  private addContents({ contents }: FileUse): void {
    if (contents.size === 0) return;
    for (const { files } of this.open.values()) files.addContents(contents);
  }

  private prepare(xid: number, subxacts: readonly number[]): void {
    for (const subxact of subxacts) this.parents.set(subxact, xid);
    for (const one of [xid, ...subxacts]) {
      const transaction = this.open.get(one);
      if (transaction) transaction.prepared = true;
    }
  }

  /** COMMIT or ABORT, of a prepared transaction too, or the rollback of a subtransaction. */
  private end(end: TransactionEnd): void {
    const group: OpenTransaction<T>[] = [];
    for (const xid of endingXids(end)) {
      this.parents.delete(xid);
      const transaction = this.open.get(xid);
      if (transaction === undefined) continue;
      group.push(transaction);
      this.open.delete(xid);
      this.uncut.delete(transaction);
    }
    const { status, xid, lsn, time, subxacts, dropped } = end;
    const isCommit = status === 'committed';
    const created = this.createdBy(end, group, this.cataloguedAt(lsn));
    this.question.ended({
      ...{ status, xid, lsn, time, subxacts, dropped },
      group: group.map(({ kept }) => kept),
      repacked: filesOfRepack(created),
      files: isCommit && dropped.length > 0 ? this.drop(end, created) : undefined,
      databases: isCommit ? this.dropDatabases(group) : [],
    });
  }

  private drop(end: TransactionEnd, created: readonly CreatedFile[]): FileChanges {
    const { xid, lsn } = end;
    const { read } = this;
    const catalogued = this.cataloguedAt(lsn);
    const changes = new FileChanges(
      end.dropped.map(relationOf),
      created,
      this.owners,
      (since) => catalogued === undefined && isInterrupted(read, since, lsn),
      catalogued === undefined && this.horizons.mayBeCut(xid, lsn, read),
    );
    this.owners.add(changes);
    return changes;
  }

  /** What catalogs tell, where they know all of a transaction that commits there. */
  private cataloguedAt(lsn: Lsn): CataloguedFiles | undefined {
    const { within } = this.catalogued ?? {};
    return within === undefined || (lsn >= within.from && lsn < within.to) ? this.catalogued : undefined;
  }

  /** The files that a transaction made: where catalogs are known, also those of before the WAL read. */
  private createdBy(
    end: TransactionEnd,
    group: readonly OpenTransaction<T>[],
    catalogued: CataloguedFiles | undefined,
  ): CreatedFile[] {
    const seen = CreatedFiles.of(group, end.lsn);
    if (catalogued === undefined) return seen;
    const keys = new Set(seen.map(({ relation }) => relation.key));
    const created = endingXids(end).flatMap((xid) => catalogued.created.get(xid) ?? []);
    return [...created.filter(({ relation }) => !keys.has(relation.key)), ...seen];
  }

  private dropDatabases(group: readonly OpenTransaction<T>[]): DroppedDatabase[] {
    const gone = new Map<number, Lsn>();
    for (const { databases } of group) {
      for (const [dbOid, filesGone] of databases ?? []) gone.set(dbOid, filesGone);
    }
    return Array.from(gone, ([dbOid, filesGone]) => {
      return { dbOid, stopLsn: this.marks.drop(dbOid, filesGone) };
    });
  }

  /**
   * A restart or a promotion: what ran before and has no end never gets one, unless it was prepared, or may have been
   * in WAL that could not be read.
   */
  private cut(lsn: Lsn): void {
    const isLost = ({ prepared, lastLsn }: OpenTransaction<T>): boolean =>
      !prepared && lastLsn < lsn && !isInterrupted(this.read, lastLsn, lsn);
    const lost = [...this.uncut].filter(isLost);
    this.uncut.clear();
    for (const transaction of this.group(lost)) this.question.lost?.(transaction);
    for (const { xid } of lost) {
      this.open.delete(xid);
      this.parents.delete(xid);
    }
  }

  /** Open transactions by their top-level one, as far as that is known. */
  private group(transactions: readonly OpenTransaction<T>[]): UnendedTransaction<T>[] {
    const groups = new Map<number, { xid: number; prepared: boolean; group: T[] }>();
    for (const { xid, prepared, kept } of transactions) {
      const top = this.parents.get(xid) ?? xid;
      const known = groups.get(top);
      if (known) {
        known.prepared ||= prepared;
        known.group.push(kept);
      } else groups.set(top, { xid: top, prepared, group: [kept] });
    }
    return [...groups.values()];
  }
}
