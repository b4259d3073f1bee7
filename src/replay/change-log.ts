import type { TupleId } from '../heap/tuple.js';
import type { Lsn } from '../wal/lsn.js';
import type { BlockStore, Pages } from './block-store.js';
import { ByteLog } from './byte-log.js';

/** A change of a row as the WAL has it: tuples, not values. */
export interface TupleChange {
  /** Counts changes in the order of the WAL. */
  sequence: number;
  lsn: Lsn;
  kind: 'insert' | 'update' | 'delete';
  /** The table that it is of, as {@link ChangeLog} numbers them. */
  table: number;
  /** Where the old tuple is, and the new one. */
  from: TupleId | undefined;
  to: TupleId | undefined;
  /** The old tuple and the new one; undefined where they are not known. */
  old: Uint8Array | undefined;
  new: Uint8Array | undefined;
  /** The row was moved to another partition. */
  isMove: boolean;
}

/** What one transaction id changed. */
class Pending {
  entries: TupleChange[] = [];
  bytes = 0;
  /** Of entries that are not in memory any more: where they begin in the log. */
  places = new Float64Array(0);
  spilled = 0;
}

/** What an entry takes in memory besides its tuples, more or less. */
const ENTRY_BYTES = 250;

/** Before this much is in memory, nothing is put elsewhere. */
const MEMORY_LIMIT = 48 * 1024 * 1024;

/** Tuples are copied into pieces of this size. */
const ARENA = 1 << 20;

const HEAD = 48;
const KINDS = ['insert', 'update', 'delete'] as const;

/** The changes of transactions that have not ended: those that are many are kept where pages are. */
export class ChangeLog {
  private readonly pending = new Map<number, Pending>();
  private bytes = 0;
  private log: ByteLog | undefined;
  private store: BlockStore | undefined;
  private spilledCount = 0;
  private arena = new Uint8Array(0);
  private filled = 0;

  constructor(
    private readonly pages: Pages,
    private readonly limit = MEMORY_LIMIT,
  ) {}

  /** The ids of transactions that have changes here. */
  xids(): IterableIterator<number> {
    return this.pending.keys();
  }

  /** Keeps a tuple as it is now. */
  copy(tuple: Uint8Array): Uint8Array {
    if (this.filled + tuple.length > this.arena.length) {
      this.arena = new Uint8Array(Math.max(ARENA, tuple.length));
      this.filled = 0;
    }
    const copy = this.arena.subarray(this.filled, this.filled + tuple.length);
    copy.set(tuple);
    this.filled += tuple.length;
    return copy;
  }

  add(xid: number, change: TupleChange): void {
    let pending = this.pending.get(xid);
    if (pending === undefined) {
      pending = new Pending();
      this.pending.set(xid, pending);
    }
    pending.entries.push(change);
    const bytes = sizeOf(change);
    pending.bytes += bytes;
    this.bytes += bytes;
    if (this.bytes > this.limit) this.spill();
  }

  /** Takes back the last insertion of a tuple: it was speculative, and did not come to stay. */
  takeBack(xid: number, table: number, { block, offset }: TupleId): void {
    const pending = this.pending.get(xid);
    if (pending === undefined) return;
    const isIt = ({ kind, to, table: of }: TupleChange): boolean =>
      kind === 'insert' && of === table && to?.block === block && to.offset === offset;
    const at = pending.entries.findLastIndex(isIt);
    if (at >= 0) {
      const [{ old, new: tuple }] = pending.entries.splice(at, 1);
      const bytes = ENTRY_BYTES + (old?.length ?? 0) + (tuple?.length ?? 0);
      pending.bytes -= bytes;
      this.bytes -= bytes;
      return;
    }
    for (let i = pending.spilled - 1; i >= 0; i--) {
      if (!isIt(this.read(pending.places[i]))) continue;
      pending.places.copyWithin(i, i + 1, pending.spilled--);
      this.spilledCount--;
      return;
    }
  }

  drop(xid: number): void {
    const pending = this.pending.get(xid);
    if (pending === undefined) return;
    this.pending.delete(xid);
    this.bytes -= pending.bytes;
    this.spilledCount -= pending.spilled;
    if (this.spilledCount > 0 || this.log === undefined) return;
    this.store?.truncate(0);
    this.log = undefined;
  }

  /** Whether one of these has changes. */
  hasAny(xids: readonly number[]): boolean {
    for (const xid of xids) if (this.pending.has(xid)) return true;
    return false;
  }

  /** All changes of these, in the order of the WAL. */
  *of(xids: readonly number[]): Generator<TupleChange> {
    const all = xids.flatMap((xid) => this.pending.get(xid) ?? []);
    if (all.every(({ spilled }) => spilled === 0)) {
      if (all.length === 1) yield* all[0].entries;
      else yield* all.flatMap(({ entries }) => entries).sort((a, b) => a.sequence - b.sequence);
      return;
    }
    yield* merge(all.map((pending) => this.inOrder(pending)));
  }

  private *inOrder({ spilled, places, entries }: Pending): Generator<TupleChange> {
    for (let i = 0; i < spilled; i++) yield this.read(places[i]);
    yield* entries;
  }

  /** Puts the entries of the one that has most of them where pages are kept. */
  private spill(): void {
    let most: Pending | undefined;
    for (const pending of this.pending.values()) if (pending.bytes > (most?.bytes ?? 0)) most = pending;
    if (most === undefined) return;
    this.store ??= this.pages.newStore();
    this.log ??= new ByteLog(this.store);
    const total = most.spilled + most.entries.length;
    const places = new Float64Array(total);
    places.set(most.places);
    for (const entry of most.entries) places[most.spilled++] = this.log.append(encode(entry));
    this.spilledCount += most.entries.length;
    most.places = places;
    this.bytes -= most.bytes;
    most.bytes = 0;
    most.entries = [];
  }

  private read(at: number): TupleChange {
    const log = this.log!;
    const head = log.read(at, HEAD).slice();
    const view = new DataView(head.buffer);
    const tid = (from: number): TupleId | undefined => {
      const offset = view.getUint16(from + 4, true);
      return offset === 0 ? undefined : { block: view.getUint32(from, true), offset };
    };
    const [oldLength, newLength] = [view.getInt32(40, true), view.getInt32(44, true)];
    const tuple = (from: number, length: number): Uint8Array | undefined =>
      length < 0 ? undefined : log.read(from, length).slice();
    return {
      sequence: view.getFloat64(0, true),
      lsn: view.getBigUint64(8, true),
      kind: KINDS[view.getUint8(16)],
      isMove: view.getUint8(17) !== 0,
      table: view.getUint32(20, true),
      from: tid(24),
      to: tid(32),
      old: tuple(at + HEAD, oldLength),
      new: tuple(at + HEAD + Math.max(0, oldLength), newLength),
    };
  }
}

const sizeOf = (change: TupleChange): number =>
  ENTRY_BYTES + (change.old?.length ?? 0) + (change.new?.length ?? 0);

function encode(change: TupleChange): Uint8Array {
  const bytes = new Uint8Array(HEAD + (change.old?.length ?? 0) + (change.new?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setFloat64(0, change.sequence, true);
  view.setBigUint64(8, change.lsn, true);
  view.setUint8(16, KINDS.indexOf(change.kind));
  view.setUint8(17, Number(change.isMove));
  view.setUint32(20, change.table, true);
  [change.from, change.to].forEach((tid, i) => {
    view.setUint32(24 + 8 * i, tid?.block ?? 0, true);
    view.setUint16(28 + 8 * i, tid?.offset ?? 0, true);
  });
  view.setInt32(40, change.old?.length ?? -1, true);
  view.setInt32(44, change.new?.length ?? -1, true);
  if (change.old) bytes.set(change.old, HEAD);
  if (change.new) bytes.set(change.new, HEAD + (change.old?.length ?? 0));
  return bytes;
}

/** Joins what is in order by itself. */
function* merge(parts: Iterator<TupleChange>[]): Generator<TupleChange> {
  const heads = parts.flatMap((part) => {
    const { value, done } = part.next();
    return done ? [] : [{ part, change: value as TupleChange }];
  });
  while (heads.length > 0) {
    let first = 0;
    for (let i = 1; i < heads.length; i++) {
      if (heads[i].change.sequence < heads[first].change.sequence) first = i;
    }
    yield heads[first].change;
    const { value, done } = heads[first].part.next();
    if (done) heads.splice(first, 1);
    else heads[first].change = value as TupleChange;
  }
}
