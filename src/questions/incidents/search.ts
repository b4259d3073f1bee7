import { DatabaseMarks, DatabaseUseAt } from '../../follow/database-use.js';
import type { FileUse } from '../../follow/file-use.js';
import { relationKey } from '../../follow/relation-at.js';
import {
  CreatedFiles,
  FileChanges,
  FileOwners,
  FileUseAt,
  isInterrupted,
  type RemovalKind,
} from '../../follow/removal.js';
import { eventAt, isPlainEnd, type TransactionEnd } from '../../follow/transaction-events.js';
import { keepUndecodable } from '../../follow/wal-problems.js';
import { XidHorizons } from '../../follow/xid-horizon.js';
import { joinSpans, type WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { type IncidentChunk, type IncidentPart, incidentChunkOf } from './scan.js';

/** What a committed transaction did to a relation, or a database. */
export type Incident = CommitOfIncident &
  (
    | { kind: 'rows'; relation: string; deleted: number; updated: number }
    /** `files`: how many files the transaction removed in all: those of indexes and TOAST tables, too. */
    | { kind: RemovalKind; relation: string; files: number }
    /** `stopLsn`: the record that recovery has to stop before: what it does, it does before the commit. */
    | { kind: 'drop-database'; database: number; stopLsn: Lsn }
  );

/** The commit of the transaction that did it. */
export interface CommitOfIncident {
  xid: number;
  /** Of the commit. */
  lsn: Lsn;
  time: TimestampTz;
}

/** Which transactions are incidents. */
export interface IncidentQuery {
  /** Rows deleted and updated in one relation by one transaction: at least so many. */
  minRows: number;
  /** Commits from here on, and up to here. */
  since?: TimestampTz;
  until?: TimestampTz;
  /** Changes of the catalogs and rewrites (VACUUM FULL, CLUSTER, ALTER TABLE), too. */
  all?: boolean;
  /** These relations only, as `tablespace/database/relfilenode`. */
  relations?: ReadonlySet<string>;
}

/** The newest ones that are kept, so that memory does not grow with the WAL. */
export const MOST_INCIDENTS = 10_000;

/** `FirstNormalObjectId` (src/include/access/transam.h): what `initdb` makes has smaller numbers. */
const FIRST_NORMAL_OBJECT_ID = 16_384;

interface OpenTransaction {
  prepared: boolean;
  rows: { relation: string; deleted: number; updated: number }[];
  files: CreatedFiles;
  /** Databases whose files are gone, by oid, and the first record that says so. */
  databases: Map<number, Lsn> | undefined;
}

/** Follows the WAL of one timeline through its parts, given in order, and keeps the newest incidents. */
export class IncidentSearch {
  /** What was read so far; undefined before the first part. */
  span: WalSpan | undefined;
  readonly undecodable: Lsn[] = [];
  /** In the order of the WAL. */
  incidents: Incident[] = [];
  /** How many older ones were dropped. */
  dropped = 0;
  private readonly open = new Map<number, OpenTransaction>();
  /** Files known by what was written to them. */
  private readonly tables = new Set<string>();
  private readonly indexes = new Set<string>();
  private readonly owners = new FileOwners();
  private readonly horizons = new XidHorizons();
  private readonly marks = new DatabaseMarks();

  constructor(private readonly query: IncidentQuery) {}

  /** Takes in the part that comes next. */
  add(part: IncidentPart): void {
    if (this.span === undefined) this.span = part.span;
    else {
      const { span, record } = joinSpans(this.span, part.span);
      this.span = span;
      if (record !== undefined) this.addChunk(incidentChunkOf(record));
    }
    this.addChunk(part.chunk);
  }

  private addChunk({ rows, events, files, indexes, databases, undecodable }: IncidentChunk): void {
    for (const index of indexes) this.indexes.add(index);
    for (const table of rows.names) this.tables.add(table);
    this.addContents(files);
    this.horizons.add(files.horizons, this.span!);
    keepUndecodable(this.undecodable, undecodable);
    // what a transaction does comes before its end, and what comes after that is another one's with the same number
    let changed = 0;
    const fileUse = new FileUseAt(files);
    const databaseUse = new DatabaseUseAt(databases, this.marks);
    const filesOf = (xid: number): CreatedFiles => this.openTransaction(xid).files;
    const databasesOf = (xid: number): Map<number, Lsn> => this.databasesOf(xid);
    const addUpTo = (end: Lsn | undefined): void => {
      const isDue = (lsn: Lsn): boolean => end === undefined || lsn < end;
      for (; changed < rows.xids.length && isDue(rows.lsns[changed]); changed++) {
        const relation = rows.names[rows.relations[changed]];
        const [deleted, updated] = [rows.deleted[changed], rows.updated[changed]];
        this.openTransaction(rows.xids[changed]).rows.push({ relation, deleted, updated });
      }
      fileUse.addUpTo(end, filesOf);
      databaseUse.addUpTo(end, databasesOf);
    };
    for (let i = 0; i < events.kinds.length; i++) {
      addUpTo(events.lsns[i]);
      if (isPlainEnd(events, i) && !this.open.has(events.xids[i])) continue;
      const event = eventAt(events, i);
      if (event.kind === 'cut') this.cut();
      else if (event.kind === 'prepare') this.prepare(event);
      else this.end(event);
    }
    addUpTo(undefined);
  }

  private openTransaction(xid: number): OpenTransaction {
    let transaction = this.open.get(xid);
    if (transaction === undefined) {
      transaction = { prepared: false, rows: [], files: new CreatedFiles(), databases: undefined };
      this.open.set(xid, transaction);
    }
    return transaction;
  }

  /** What was written to files, among them those that open transactions made in an earlier chunk. */
  private addContents({ contents }: FileUse): void {
    for (const [relation, { row, other }] of contents) {
      if (row !== undefined) this.tables.add(relation);
      else if (other !== undefined) this.indexes.add(relation);
    }
    if (contents.size === 0) return;
    for (const { files } of this.open.values()) files.addContents(contents);
  }

  private databasesOf(xid: number): Map<number, Lsn> {
    const transaction = this.openTransaction(xid);
    transaction.databases ??= new Map();
    return transaction.databases;
  }

  private prepare({ xid, subxacts }: TransactionEnd): void {
    for (const one of [xid, ...subxacts]) {
      const transaction = this.open.get(one);
      if (transaction) transaction.prepared = true;
    }
  }

  /** A restart or a promotion ends all that is not prepared. */
  private cut(): void {
    for (const [xid, { prepared }] of this.open) if (!prepared) this.open.delete(xid);
  }

  private end({ kind, xid, lsn, time, subxacts, dropped }: TransactionEnd): void {
    const group: OpenTransaction[] = [];
    for (const one of [xid, ...subxacts]) {
      const transaction = this.open.get(one);
      if (transaction === undefined) continue;
      group.push(transaction);
      this.open.delete(one);
    }
    const { since, until } = this.query;
    if (kind !== 'commit' || (since !== undefined && time < since) || (until !== undefined && time > until)) {
      return;
    }
    const hasDropped = dropped.length > 0 || group.some(({ databases }) => databases !== undefined);
    // where nearly all transactions stop short of an incident, to make lists for each takes as long as reading
    if (!hasDropped && rowsOf(group) < this.query.minRows) return;
    const commit = { xid, lsn, time };
    this.keep([
      ...this.rowIncidents(commit, group),
      ...this.removals(commit, dropped.map(relationKey), group),
      ...this.droppedDatabases(commit, group),
    ]);
  }

  private keep(incidents: Incident[]): void {
    const { relations } = this.query;
    for (const one of incidents) {
      if (!relations || ('relation' in one && relations.has(one.relation))) this.incidents.push(one);
    }
    if (this.incidents.length < 2 * MOST_INCIDENTS) return;
    this.dropped += this.incidents.length - MOST_INCIDENTS;
    this.incidents = this.incidents.slice(-MOST_INCIDENTS);
  }

  private droppedDatabases(commit: CommitOfIncident, group: OpenTransaction[]): Incident[] {
    const databases = new Map(group.flatMap((transaction) => [...(transaction.databases ?? [])]));
    return Array.from(databases, ([database, filesGone]): Incident => {
      const stopLsn = this.marks.drop(database, filesGone);
      return { ...commit, kind: 'drop-database', database, stopLsn };
    });
  }

  private rowIncidents(commit: CommitOfIncident, group: OpenTransaction[]): Incident[] {
    const sums = new Map<string, { deleted: number; updated: number }>();
    for (const { relation, deleted, updated } of group.flatMap(({ rows }) => rows)) {
      const sum = sums.get(relation) ?? { deleted: 0, updated: 0 };
      sums.set(relation, { deleted: sum.deleted + deleted, updated: sum.updated + updated });
    }
    return [...sums].flatMap(([relation, { deleted, updated }]): Incident[] =>
      deleted + updated >= this.query.minRows && this.isWanted(relation)
        ? [{ ...commit, kind: 'rows', relation, deleted, updated }]
        : [],
    );
  }

  private isWanted(relation: string): boolean {
    return this.query.all === true || relNumberOf(relation) >= FIRST_NORMAL_OBJECT_ID;
  }

  /** Of the files that a commit drops those of tables, as far as the WAL tells them from others. */
  private removals(commit: CommitOfIncident, dropped: string[], group: OpenTransaction[]): Incident[] {
    if (dropped.length === 0) return [];
    const { lsn } = commit;
    const changes = new FileChanges(
      dropped,
      CreatedFiles.of(group, lsn),
      this.owners,
      (since) => isInterrupted(this.span!, since, lsn),
      this.horizons.mayBeCut(commit.xid, lsn, this.span!),
    );
    this.owners.add(changes);
    const files = dropped.filter((relation) => !changes.isOwn(relation) && this.isWanted(relation));
    const isTable = (relation: string): boolean => this.tables.has(relation);
    const told = files
      .filter((relation) => isTable(relation) || !(this.indexes.has(relation) || changes.isIndex(relation)))
      .map((relation) => ({ relation, kind: changes.removalOf(relation, isTable(relation)).kind }))
      .filter(({ relation, kind }) => {
        if (this.query.all) return true;
        // beside a table that is rewritten, its indexes have new files, too
        const isBeside = kind === 'unknown' && changes.isBalanced && !isTable(relation);
        return kind !== 'rewrite' && !isBeside;
      });
    const tables = told.filter(({ relation }) => isTable(relation));
    // DROP removes a table after all that depends on it, and the list has the last one first
    const best = tables.length > 0 ? tables : told.slice(0, 1);
    return best.map(({ relation, kind }): Incident => ({ ...commit, kind, relation, files: files.length }));
  }
}

/** Rows deleted and updated, in all relations. */
function rowsOf(group: readonly OpenTransaction[]): number {
  let sum = 0;
  for (const { rows } of group) for (const { deleted, updated } of rows) sum += deleted + updated;
  return sum;
}

const relNumberOf = (relation: string): number => Number(relation.slice(relation.lastIndexOf('/') + 1));
