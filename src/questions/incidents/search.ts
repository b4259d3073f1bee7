import {
  type EndedTransaction,
  type KeptOf,
  OpenTransactions,
  type RowsAt,
} from '../../follow/open-transactions.js';
import { type Relation, relationOf } from '../../follow/relation.js';
import type { CataloguedFiles, FileChanges, RemovalKind } from '../../follow/removal.js';
import { RowsByEnd } from '../../follow/rows-by-end.js';
import type { WalChunk } from '../../follow/scanner.js';
import { endingXids, type TransactionPoint } from '../../follow/transaction-end.js';
import { COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import type { WalSpan } from '../../reader/span.js';
import type { ColumnDrop } from '../../replay/relation-names.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { Incident } from './incident.js';
import { NewestIncidents } from './newest.js';
import { type IncidentPart, type IncidentRows, incidentScan } from './scan.js';

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

/** `FirstNormalObjectId` (src/include/access/transam.h): what `initdb` makes has smaller numbers. */
const FIRST_NORMAL_OBJECT_ID = 16_384;

/** Whether a relation is none of the catalogs. @param all these, too */
export const isMeant = ({ relNumber }: Relation, all = false): boolean =>
  all || relNumber >= FIRST_NORMAL_OBJECT_ID;

/** How many rows a transaction id deleted and updated in a relation. */
interface RowCount {
  relation: Relation;
  deleted: number;
  updated: number;
}

/** Told of each end of a transaction by which files are gone, or of what REPACK (CONCURRENTLY) wrote, incident or not. */
export type FileListener = (
  end: Pick<EndedTransaction<unknown>, 'xid' | 'lsn' | 'time' | 'files' | 'repacked'>,
) => void;

/** Follows the transactions of one timeline, and keeps the newest incidents. */
export class IncidentSearch {
  private readonly open: OpenTransactions<IncidentRows, RowCount[]>;
  private readonly newest = new NewestIncidents();
  /** Keys of files, known by what was written to them. */
  private readonly tables = new Set<string>();
  private readonly indexes = new Set<string>();

  /**
   * @param columnDrops the columns that tables lost on this timeline, by the transactions that dropped them
   * @param catalogued what catalogs tell of files
   */
  constructor(
    private readonly query: IncidentQuery,
    private readonly columnDrops: ReadonlyMap<number, readonly ColumnDrop[]> = new Map(),
    private readonly catalogued?: CataloguedFiles,
    private readonly listener?: FileListener,
  ) {
    this.open = new OpenTransactions(
      {
        scan: incidentScan(),
        begin: () => [],
        rowsAt: (chunk) => this.rowsAt(chunk),
        ended: (transaction) => this.ended(transaction),
        summed: ({ relations }) => {
          for (const { relation, isChanged } of relations) if (isChanged) this.tables.add(relation.key);
        },
      },
      catalogued,
    );
  }

  /** In the order of the WAL. */
  get incidents(): Incident[] {
    return this.newest.list();
  }

  /** The last in the order of the WAL. */
  get last(): Incident | undefined {
    return this.newest.last;
  }

  /** How many older ones were dropped. */
  get dropped(): number {
    return this.newest.dropped;
  }

  get span(): WalSpan | undefined {
    return this.open.span;
  }

  get undecodable(): readonly Lsn[] {
    return this.open.undecodable;
  }

  /** Whether the part that comes next can be taken in, of which nothing that it has summed up is an incident. */
  takes(part: IncidentPart): boolean {
    return this.open.takes(part);
  }

  /** Takes in the part that comes next. */
  add(part: IncidentPart): void {
    this.open.add(part);
  }

  private rowsAt({ rows, files, events }: WalChunk<IncidentRows>): RowsAt<RowCount[]> {
    for (const index of rows.indexes) this.indexes.add(index);
    for (const { key } of rows.relations) this.tables.add(key);
    for (const [key, { row, other }] of files.contents) {
      if (row !== undefined) this.tables.add(key);
      else if (other !== undefined) this.indexes.add(key);
    }
    const { minRows } = this.query;
    const isWanted = (xid: number, count: number): boolean =>
      (count > 0 && count >= minRows) || this.columnDrops.has(xid);
    return new RowCountsAt(rows, events, isWanted, (commit, counts) => this.endOfRows(commit, counts));
  }

  private ended(end: EndedTransaction<RowCount[]>): void {
    const { status, xid, lsn, time, group, repacked, files, databases } = end;
    if (files !== undefined || repacked.size > 0) this.listener?.(end);
    const commit = { xid, lsn, time };
    if (status === 'aborted' || !this.isInWindow(commit)) return;
    const removed = files === undefined ? [] : this.removals(commit, files);
    const dropped = databases.map(({ dbOid, stopLsn }): Incident => {
      return { ...commit, kind: 'drop-database', database: dbOid, stopLsn };
    });
    const rows = group.flat().filter(({ relation }) => !repacked.has(relation.key));
    const columns = this.columnsDropped(commit, endingXids(end));
    this.keepRows(commit, rows);
    this.keep([...removed, ...columns, ...dropped]);
  }

  /** The commit of a transaction that did nothing but this. */
  private endOfRows(commit: TransactionPoint, rows: readonly RowCount[]): void {
    if (!this.isInWindow(commit)) return;
    this.keepRows(commit, rows);
    this.keep(this.columnsDropped(commit, [commit.xid]));
  }

  private columnsDropped(commit: TransactionPoint, xids: readonly number[]): Incident[] {
    if (this.columnDrops.size === 0) return [];
    const byTable = new Map<string, string[]>();
    for (const { file, column } of xids.flatMap((xid) => this.columnDrops.get(xid) ?? [])) {
      const relation = relationOf(file);
      if (!this.isWanted(relation)) continue;
      const columns = byTable.get(relation.key);
      if (columns === undefined) byTable.set(relation.key, [column]);
      else columns.push(column);
    }
    return Array.from(byTable, ([relation, columns]): Incident => {
      return { ...commit, kind: 'drop-column', relation, columns };
    });
  }

  private isInWindow({ time }: TransactionPoint): boolean {
    const { since, until } = this.query;
    return (since === undefined || time >= since) && (until === undefined || time <= until);
  }

  private keep(incidents: Incident[]): void {
    for (const one of incidents) if (this.isAskedFor(one)) this.newest.push(one);
  }

  private isAskedFor(incident: Incident): boolean {
    const { relations } = this.query;
    if (relations === undefined) return true;
    if (incident.kind !== 'drop-database') return relations.has(incident.relation);
    const database = String(incident.database);
    return [...relations].some((relation) => relation.split('/')[1] === database);
  }

  /** No object is made for each: they may be a million. */
  private keepRows(commit: TransactionPoint, rows: readonly RowCount[]): void {
    const { minRows, relations } = this.query;
    for (const { relation, deleted, updated } of sumsOf(rows)) {
      if (deleted + updated < minRows || !this.isWanted(relation)) continue;
      if (relations === undefined || relations.has(relation.key)) {
        this.newest.pushRows(commit, relation.key, deleted, updated);
      }
    }
  }

  private isWanted(relation: Relation): boolean {
    return isMeant(relation, this.query.all);
  }

  /** Of the files that a commit drops those of tables, as far as the WAL tells them from others. */
  private removals(commit: TransactionPoint, changes: FileChanges): Incident[] {
    const files = changes.dropped.filter((relation) => !changes.isOwn(relation) && this.isWanted(relation));
    const hasRows = ({ key }: Relation): boolean => this.tables.has(key);
    const isTable = (relation: Relation): boolean =>
      hasRows(relation) ||
      this.catalogued?.tables.has(relation.key) === true ||
      changes.toastOf(relation)?.isToast === false;
    const isPart = (relation: Relation): boolean =>
      changes.toastOf(relation)?.isToast === true ||
      (!isTable(relation) && (this.indexes.has(relation.key) || changes.isIndex(relation)));
    const isLoss = ({ relation, kind }: { relation: Relation; kind: RemovalKind }): boolean => {
      // beside a table that is rewritten, its indexes have new files, too
      const isBeside = kind === 'unknown' && changes.isBalanced && !isTable(relation);
      return kind !== 'rewrite' && !isBeside;
    };
    const told = files
      .filter((relation) => !isPart(relation))
      .map((relation) => ({ relation, kind: changes.removalOf(relation, isTable(relation)).kind }))
      .filter((one) => this.query.all || isLoss(one));
    // what may be a TOAST table may be a table as well
    const tables = told.filter(({ relation }) => isTable(relation) || changes.toastOf(relation));
    // DROP removes a table after all that depends on it, and the list has the last one first
    const best = tables.length > 0 ? tables : told.slice(0, 1);
    const isKnown = ({ key }: Relation): boolean => this.catalogued?.owners.has(key) === true;
    const known = new Set(best);
    const unknown = told.filter((one) => !known.has(one) && isLoss(one) && !isKnown(one.relation));
    return best.map(({ relation, kind }): Incident => {
      const guess = changes.toastOf(relation);
      return {
        ...commit,
        ...{ kind, relation: relation.key, files: files.length },
        unlogged: hasRows(relation) ? false : changes.isUnlogged(relation),
        mayBeToastOf: guess?.isToast === undefined ? guess?.of.key : undefined,
        unknownFiles: unknown.length,
      };
    });
  }
}

/** By relation, in the order of their numbers; of one, as most transactions have, without a map for a million of them. */
function sumsOf(rows: readonly RowCount[]): readonly RowCount[] {
  if (rows.length < 2) return rows;
  const sums = new Map<string, RowCount>();
  for (const { relation, deleted, updated } of rows) {
    const sum = sums.get(relation.key) ?? { relation, deleted: 0, updated: 0 };
    sums.set(relation.key, {
      relation,
      deleted: sum.deleted + deleted,
      updated: sum.updated + updated,
    });
  }
  return [...sums.values()].sort((a, b) => byNumbers(a.relation, b.relation));
}

const byNumbers = (a: Relation, b: Relation): number =>
  a.spcOid - b.spcOid || a.dbOid - b.dbOid || a.relNumber - b.relNumber;

/** The rows of a chunk: those of transactions that end in it are not handed over where nothing else is open of those. */
class RowCountsAt implements RowsAt<RowCount[]> {
  private opened = 0;
  private readonly byEnd: RowsByEnd;

  /**
   * @param isWanted whether the end of a transaction with so many rows is
   * @param endOfRows told each such end, with its rows
   */
  constructor(
    private readonly rows: IncidentRows,
    private readonly events: TransactionEvents,
    private readonly isWanted: (xid: number, rows: number) => boolean,
    private readonly endOfRows: (end: TransactionPoint, rows: RowCount[]) => void,
  ) {
    const { ends } = rows.counts;
    this.byEnd = new RowsByEnd(events.kinds.length, ends.length, (row) => ends[row] - 1);
  }

  addUpTo(end: Lsn | undefined, keptOf: KeptOf<RowCount[]>): void {
    const { open } = this.byEnd;
    const { lsns } = this.rows.counts;
    for (; this.opened < open.length; this.opened++) {
      const row = open[this.opened];
      if (end !== undefined && lsns[row] >= end) return;
      this.add(row, keptOf);
    }
  }

  addEnding(event: number, keptOf: KeptOf<RowCount[]>): void {
    for (const row of this.rowsOf(event)) this.add(row, keptOf);
  }

  passEnd(event: number): void {
    const { kinds, xids, lsns, times } = this.events;
    if (kinds[event] !== COMMIT) return;
    const { deleted, updated } = this.rows.counts;
    let sum = 0;
    for (let row = this.byEnd.firstOf(event); row >= 0; row = this.byEnd.after(row)) {
      sum += deleted[row] + updated[row];
    }
    if (!this.isWanted(xids[event], sum)) return;
    const end = { xid: xids[event], lsn: lsns[event], time: times[event] };
    this.endOfRows(
      end,
      this.rowsOf(event).map((row) => this.countOf(row)),
    );
  }

  private rowsOf(event: number): number[] {
    const rows: number[] = [];
    for (let row = this.byEnd.firstOf(event); row >= 0; row = this.byEnd.after(row)) rows.push(row);
    return rows;
  }

  private add(row: number, keptOf: KeptOf<RowCount[]>): void {
    const { xids, lastLsns } = this.rows.counts;
    keptOf(xids[row], lastLsns[row]).push(this.countOf(row));
  }

  private countOf(row: number): RowCount {
    const { relations, counts } = this.rows;
    return {
      relation: relations[counts.relations[row]],
      deleted: counts.deleted[row],
      updated: counts.updated[row],
    };
  }
}
