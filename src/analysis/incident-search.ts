import { joinSpans, type WalSpan } from '../reader/span.js';
import type { Lsn } from '../wal/lsn.js';
import type { TimestampTz } from '../wal/timestamp.js';
import type { FileUse } from './file-use.js';
import { relationKey } from './first-relation.js';
import { type IncidentChunk, type IncidentPart, incidentChunkOf } from './incident-part.js';
import { addContents, asOf, type CreatedFile, createdFile, type RemovalKind, removalOf } from './removal.js';
import { eventAt, isPlainEnd, type TransactionEnd } from './transaction-events.js';

/** What a committed transaction did to a relation, or a database. */
export type Incident = CommitOfIncident &
  (
    | { kind: 'rows'; relation: string; deleted: number; updated: number }
    /** `files`: how many files the transaction removed in all: those of indexes and TOAST tables, too. */
    | { kind: RemovalKind; relation: string; files: number }
    | { kind: 'drop-database'; database: number }
  );

interface CommitOfIncident {
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
  files: CreatedFile[];
  databases: number[];
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
    this.undecodable.push(...undecodable);
    // what a transaction does comes before its end, and what comes after that is another one's with the same number
    let [changed, created, removed] = [0, 0, 0];
    const addUpTo = (end: Lsn | undefined): void => {
      const isDue = (lsn: Lsn): boolean => end === undefined || lsn < end;
      for (; changed < rows.xids.length && isDue(rows.lsns[changed]); changed++) {
        const relation = rows.names[rows.relations[changed]];
        this.addRows(rows.xids[changed], relation, rows.deleted[changed], rows.updated[changed]);
      }
      for (; created < files.creations.length && isDue(files.creations[created].lsn); created++) {
        const { xid, relation } = files.creations[created];
        if (xid === 0) continue;
        this.openTransaction(xid).files.push(createdFile(relation, files.contents));
      }
      for (; removed < databases.length && isDue(databases[removed].lsn); removed++) {
        const { xid, dbOid } = databases[removed];
        // without a transaction it is a database that has moved to another tablespace
        if (xid !== 0) this.openTransaction(xid).databases.push(dbOid);
      }
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
      transaction = { prepared: false, rows: [], files: [], databases: [] };
      this.open.set(xid, transaction);
    }
    return transaction;
  }

  private addRows(xid: number, relation: string, deleted: number, updated: number): void {
    const { rows } = this.openTransaction(xid);
    const known = rows.find((one) => one.relation === relation);
    if (known === undefined) rows.push({ relation, deleted, updated });
    else {
      known.deleted += deleted;
      known.updated += updated;
    }
  }

  /** What was written to files, among them those that open transactions made in an earlier chunk. */
  private addContents({ contents }: FileUse): void {
    for (const [relation, { row, other }] of contents) {
      if (row !== undefined) this.tables.add(relation);
      else if (other !== undefined) this.indexes.add(relation);
    }
    for (const { files } of this.open.values()) addContents(files, contents);
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
    const commit = { xid, lsn, time };
    this.keep([
      ...this.rowIncidents(commit, group),
      ...this.removals(commit, dropped.map(relationKey), group),
      ...[...new Set(group.flatMap(({ databases }) => databases))].map(
        (database): Incident => ({ ...commit, kind: 'drop-database', database }),
      ),
    ]);
  }

  private keep(incidents: Incident[]): void {
    const { relations } = this.query;
    this.incidents.push(
      ...incidents.filter((one) => !relations || ('relation' in one && relations.has(one.relation))),
    );
    if (this.incidents.length < 2 * MOST_INCIDENTS) return;
    this.dropped += this.incidents.length - MOST_INCIDENTS;
    this.incidents = this.incidents.slice(-MOST_INCIDENTS);
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

  /** By what was written to it or to the new file that pairs up with it in the reverse order: see {@link removalOf}. */
  private isIndex(relation: string, dropped: readonly string[], created: readonly CreatedFile[]): boolean {
    if (this.indexes.has(relation)) return true;
    if (created.length !== dropped.length) return false;
    return created[dropped.length - 1 - dropped.indexOf(relation)].other !== undefined;
  }

  /** Of the files that a commit drops those of tables, as far as the WAL tells them from others. */
  private removals(commit: CommitOfIncident, dropped: string[], group: OpenTransaction[]): Incident[] {
    if (dropped.length === 0) return [];
    const created = group.flatMap(({ files }) => files).map((file) => asOf(file, commit.lsn));
    const own = new Set(created.map(({ relation }) => relation));
    const files = dropped.filter((relation) => !own.has(relation) && this.isWanted(relation));
    const candidates = files
      .filter((relation) => this.tables.has(relation) || !this.isIndex(relation, dropped, created))
      .map((relation) => ({
        relation,
        kind: removalOf(relation, dropped, created, this.tables.has(relation)).kind,
      }));
    const isRewrite = candidates.some(({ kind }) => kind === 'rewrite');
    const told = candidates.filter(
      // beside a table that is rewritten its TOAST table, too, has a new file, which may be empty
      ({ relation, kind }) =>
        this.query.all || (kind !== 'rewrite' && (!isRewrite || this.tables.has(relation))),
    );
    const tables = told.filter(({ relation }) => this.tables.has(relation));
    // DROP removes a table after all that depends on it, and the list has the last one first
    const best = tables.length > 0 ? tables : told.slice(0, 1);
    return best.map(({ relation, kind }): Incident => ({ ...commit, kind, relation, files: files.length }));
  }
}

const relNumberOf = (relation: string): number => Number(relation.slice(relation.lastIndexOf('/') + 1));
