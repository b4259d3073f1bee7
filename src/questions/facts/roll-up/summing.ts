import type { FileContent } from '../../../follow/file-use.js';
import type { Relation } from '../../../follow/relation.js';
import { concatChanges, type RowChanges } from '../../../follow/row-changes.js';
import { RowsByEnd } from '../../../follow/rows-by-end.js';
import type { WalChunk } from '../../../follow/scanner.js';
import type { SummedTransactions } from '../../../follow/summed-transactions.js';
import { type Assignment, isPlainEnd, PREPARE } from '../../../follow/transaction-events.js';
import type { XidHorizon } from '../../../follow/xid-horizon.js';
import type { Lsn } from '../../../wal/lsn.js';
import { compareXids } from '../../../wal/xid.js';
import type { ChangeColumns } from '../changes.js';
import type { RollUpSizes } from './block.js';
import { ChunkChanges } from './chunk-changes.js';
import { ChunkEvents, type KeptEvent } from './chunk-events.js';
import { RelationSum } from './relation-sum.js';

/** Changes of a transaction id that stay a row. */
export interface KeptChanges {
  changes: RowChanges;
  /** What ends the transaction id. */
  end: KeptEvent | undefined;
}

/** What a stretch of WAL comes to. */
export interface SummedStretch {
  rows: KeptChanges[];
  /** In the order of the WAL. */
  events: KeptEvent[];
  assignments: Assignment[];
  /** See `FileUse`: of all chunks. */
  contents: Map<string, FileContent>;
  /** Keys of relations. */
  indexes: Set<string>;
  horizon: XidHorizon | undefined;
  summed: SummedTransactions;
}

/** What is summed up at a time: one after the other, as the WAL goes on. */
export interface Piece {
  chunk: WalChunk<ChangeColumns>;
  /** Where places are counted from. */
  start: Lsn;
  /** Keys of relations that records of indexes and sequences go to. */
  indexes: readonly string[];
}

/**
 * Sums up the transactions of a stretch of WAL that begin and end in it, of which nothing else needs to be known. What
 * others do stays as rows and events, so that who follows transactions through these comes to the same answers.
 */
export class Summing {
  /** Rows of transaction ids that have not ended, by relation. */
  private readonly open = new Map<number, Map<string, RowChanges>>();
  /** The first ids that were seen, and of these the newest. */
  private readonly early = new Set<number>();
  private newestEarly = 0;
  /** Ids of transactions with subtransactions, and of those that are prepared. */
  private readonly entangled = new Set<number>();
  private readonly kept: KeptChanges[] = [];
  private readonly events: KeptEvent[] = [];
  private readonly assignments: Assignment[] = [];
  private readonly contents = new Map<string, FileContent>();
  private readonly indexes = new Set<string>();
  private readonly sums = new Map<string, RelationSum>();
  private horizon: XidHorizon | undefined;
  /** Of all ends so far the one with the latest time. */
  private latest: KeptEvent | undefined;
  private ids: SummedTransactions['ids'];

  constructor(private readonly sizes: RollUpSizes) {}

  /** Takes in a piece in which no file is made or removed, and nothing is cut off. */
  add({ chunk, start, indexes }: Piece): void {
    const { events, files, rows } = chunk;
    for (const index of indexes) this.indexes.add(index);
    for (const [key, content] of files.contents) this.addContent(key, content);
    this.horizon ??= files.horizons[0];
    this.lookAt(chunk);
    const changes = new ChunkChanges(rows, start);
    const ends = new ChunkEvents(events, this.latest);
    const { end } = rows.columns;
    const byEnd = new RowsByEnd(events.kinds.length, end.length, (row) => end[row] - 1);
    for (let i = 0; i < events.kinds.length; i++) {
      const first = byEnd.firstOf(i);
      // nearly all are of this kind: no object is made of them
      if (isPlainEnd(events, i) && this.isAlone(events.xids[i]) && changes.areSettled(first, byEnd)) {
        this.noteId(events.xids[i]);
        changes.sumUp(first, byEnd);
      } else this.takeEvent(ends.at(i), isPlainEnd(events, i), changes.of(first, byEnd));
    }
    for (const row of byEnd.open) this.keepOpen(changes.at(row));
    this.latest = ends.latest;
    changes.addTo((relation) => this.sumOf(relation), ends, this.sizes.newest);
  }

  private addContent(key: string, { row, other }: FileContent): void {
    const known = this.contents.get(key);
    if (known === undefined) this.contents.set(key, { row, other });
    else {
      known.row ??= row;
      known.other ??= other;
    }
  }

  private entangle(xid: number, subxacts: readonly number[]): void {
    this.entangled.add(xid);
    for (const subxact of subxacts) this.entangled.add(subxact);
  }

  /** Learns what has to be known of transaction ids before the first of them ends. */
  private lookAt({ rows: { columns, topXids }, events, assignments }: WalChunk<ChangeColumns>): void {
    for (const assignment of assignments) {
      this.assignments.push(assignment);
      this.entangle(assignment.topXid, assignment.subxacts);
    }
    for (const [row, topXid] of topXids) this.entangle(topXid, [columns.xid[row]]);
    for (const xids of [columns.xid, events.xids]) {
      for (let i = 0; i < xids.length && this.early.size < this.sizes.early; i++) this.noteEarly(xids[i]);
    }
  }

  private noteEarly(xid: number): void {
    const { early } = this;
    if (early.size === 0 || compareXids(xid, this.newestEarly) > 0) this.newestEarly = xid;
    early.add(xid);
  }

  /** Whether all that a transaction id did is in the chunk, as far as can be told, and it is that of no subtransaction. */
  private isAlone(xid: number): boolean {
    return this.isWithin(xid) && !this.open.has(xid);
  }

  /** The same of the stretch. */
  private isWithin(xid: number): boolean {
    return (
      this.early.size === this.sizes.early &&
      compareXids(xid, this.newestEarly) > 0 &&
      !this.entangled.has(xid)
    );
  }

  /** @param rows of its chunk that it ends */
  private takeEvent(event: KeptEvent, isPlain: boolean, rows: readonly RowChanges[]): void {
    const { kind, xid, subxacts } = event;
    if (!isPlain) this.entangle(xid, subxacts);
    if (kind === PREPARE) {
      this.events.push(event);
      return;
    }
    for (const changes of rows) this.keepOpen(changes);
    const all = [xid, ...subxacts].flatMap((one) => this.takeOpen(one));
    if (isPlain && this.isWithin(xid) && all.every(isSettled)) {
      this.noteId(xid);
      for (const changes of all) if (isChange(changes)) this.sumOf(changes.relation).add(changes, event);
    } else {
      this.events.push(event);
      for (const changes of all) this.kept.push({ changes, end: event });
    }
  }

  private sumOf(relation: Relation): RelationSum {
    let sum = this.sums.get(relation.key);
    if (sum === undefined) {
      sum = new RelationSum(relation, this.sizes.newest);
      this.sums.set(relation.key, sum);
    }
    return sum;
  }

  private keepOpen(changes: RowChanges): void {
    const { xid, relation } = changes;
    let rows = this.open.get(xid);
    if (rows === undefined) {
      rows = new Map();
      this.open.set(xid, rows);
    }
    const known = rows.get(relation.key);
    rows.set(relation.key, known === undefined ? changes : concatChanges(known, changes));
  }

  private takeOpen(xid: number): RowChanges[] {
    const rows = this.open.get(xid);
    if (rows === undefined) return [];
    this.open.delete(xid);
    return [...rows.values()];
  }

  private noteId(xid: number): void {
    this.ids ??= { first: xid, last: xid };
    if (compareXids(xid, this.ids.first) < 0) this.ids.first = xid;
    if (compareXids(xid, this.ids.last) > 0) this.ids.last = xid;
  }

  /** No more can be added after that. */
  finish(): SummedStretch {
    const { kept, events, assignments, contents, indexes, horizon, ids } = this;
    const sums = [...this.sums.values()];
    const rows = [...kept, ...sums.flatMap((sum) => sum.newest())];
    for (const xid of [...this.open.keys()]) {
      for (const changes of this.takeOpen(xid)) rows.push({ changes, end: undefined });
    }
    return {
      ...{ rows, assignments, contents, indexes, horizon },
      events: this.eventsOf([...events, ...rows.flatMap(({ end }) => end ?? [])]),
      summed: { ids, relations: sums.flatMap((sum) => sum.summed() ?? []) },
    };
  }

  /** With those that tell which end had the latest time, before each and at last; each once. */
  private eventsOf(events: readonly KeptEvent[]): KeptEvent[] {
    const byLsn = new Map<Lsn, KeptEvent>();
    for (const event of events) byLsn.set(event.lsn, event);
    for (const one of [...events.map(({ latestBefore }) => latestBefore), this.latest]) {
      if (one !== undefined && !byLsn.has(one.lsn)) byLsn.set(one.lsn, one);
    }
    return [...byLsn.values()].sort((a, b) => (a.lsn < b.lsn ? -1 : 1));
  }
}

/** No speculative insertion is open, or was settled that is not here. */
const isSettled = ({ speculative, settled }: RowChanges): boolean =>
  speculative === undefined && settled === undefined;

/** Not where all that is left is an insertion that was withdrawn. */
const isChange = ({ inserted, updated, deleted, moved }: RowChanges): boolean =>
  inserted + updated + deleted + moved > 0;
