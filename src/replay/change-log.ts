import type { TupleId } from '../heap/tuple.js';
import type { BlockStore, Pages } from './block-store.js';
import { ByteLog } from './byte-log.js';
import type { ChangeKind, TupleChange, TuplePlace } from './tuple-change.js';

const KINDS: readonly ChangeKind[] = ['insert', 'update', 'delete'];

/** In place of a kind: the change was taken back. */
const TAKEN_BACK = KINDS.length;

/** Before so many bytes are in memory, nothing is put elsewhere. */
const MEMORY_LIMIT = 32 * 1024 * 1024;

/** Changes are kept in pieces of this size: far more than one takes, which has two tuples at most, each of a page. */
const CHUNK = 1 << 18;
const CHUNK_WORDS = CHUNK >> 2;

/** An entry's head, in words; tuples follow it. */
const HEAD_WORDS = 16;
const HEAD = 4 * HEAD_WORDS;
const SEQUENCE_LO = 0;
const SEQUENCE_HI = 1;
const LSN_LO = 2;
const LSN_HI = 3;
const KIND = 4;
const TABLE = 5;
const FROM_BLOCK = 6;
const FROM_OFFSET = 7;
const TO_BLOCK = 8;
const TO_OFFSET = 9;
const OLD_LENGTH = 10;
const NEW_LENGTH = 11;
/** The entries in memory before and after it of the same transaction id: their words' number among all chunks'. */
const PREVIOUS = 12;
const NEXT = 13;
const IS_MOVE = 14;

const NONE = 0xffff_ffff;
const TWO_32 = 2 ** 32;

/** Bytes of many changes, of whatever transactions. */
class Chunk {
  readonly words = new Uint32Array(CHUNK >> 2);
  readonly bytes = new Uint8Array(this.words.buffer);
  filled = 0;
  /** How many of its entries are still needed. */
  live = 0;

  constructor(readonly number: number) {}
}

/** What one transaction id changed. */
class Pending {
  /** Its entries in memory. */
  first = NONE;
  last = NONE;
  bytes = 0;
  /** Those that are not in memory any more, and come before: where the pieces of the log are that have them. */
  readonly spilled: { from: number; to: number }[] = [];
}

/** The changes of transactions that have not ended: those that are many are kept where pages are. */
export class ChangeLog {
  private readonly pending = new Map<number, Pending>();
  /** Those of them that have entries in memory. */
  private readonly inMemory = new Set<Pending>();
  private readonly chunks: Chunk[] = [];
  /** Numbers of those that nothing is in. */
  private readonly free: number[] = [];
  private current: Chunk | undefined;
  private log: ByteLog | undefined;
  private store: BlockStore | undefined;
  /** How many have entries in the log. */
  private spilledCount = 0;

  constructor(
    private readonly pages: Pages,
    private readonly limit = MEMORY_LIMIT,
  ) {}

  /** The ids of transactions that have changes here. */
  xids(): IterableIterator<number> {
    return this.pending.keys();
  }

  /** Keeps a change, and its tuples as they are now. */
  add(xid: number, change: TupleChange): void {
    let pending = this.pending.get(xid);
    if (pending === undefined) {
      pending = new Pending();
      this.pending.set(xid, pending);
    }
    const oldLength = known(lengthOf(change.old));
    const size = HEAD + padded(oldLength + known(lengthOf(change.new)));
    const chunk = this.room(size);
    const { words, bytes, filled } = chunk;
    const at = filled >> 2;
    const address = addressOf(chunk, filled);
    encodeHead(words, at, change);
    copy(bytes, filled + HEAD, change.old);
    copy(bytes, filled + HEAD + oldLength, change.new);
    words[at + PREVIOUS] = pending.last;
    words[at + NEXT] = NONE;
    if (pending.last === NONE) {
      pending.first = address;
      this.inMemory.add(pending);
    } else this.chunkOf(pending.last).words[wordOf(pending.last) + NEXT] = address;
    pending.last = address;
    pending.bytes += size;
    chunk.filled += size;
    chunk.live++;
  }

  /** A chunk with room for so many bytes. */
  private room(size: number): Chunk {
    const { current } = this;
    if (current !== undefined && current.filled + size <= CHUNK) return current;
    if (this.size > this.limit) this.makeRoom();
    if (current?.live === 0) {
      current.filled = 0;
      return current;
    }
    const number = this.free.pop() ?? this.chunks.length;
    this.chunks[number] ??= new Chunk(number);
    this.current = this.chunks[number];
    this.current.filled = 0;
    return this.current;
  }

  /** How many bytes of memory entries take. */
  private get size(): number {
    return (this.chunks.length - this.free.length) * CHUNK;
  }

  private chunkOf(address: number): Chunk {
    return this.chunks[Math.floor(address / CHUNK_WORDS)];
  }

  /** Takes back the last insertion of a tuple: it was speculative, and did not come to stay. */
  takeBack(xid: number, table: number, { block, offset }: TupleId): void {
    const pending = this.pending.get(xid);
    if (pending === undefined) return;
    const isIt = (words: Uint32Array, at: number): boolean =>
      words[at + KIND] === 0 &&
      words[at + TABLE] === table &&
      words[at + TO_BLOCK] === block &&
      words[at + TO_OFFSET] === offset;
    for (let address = pending.last; address !== NONE; ) {
      const { words } = this.chunkOf(address);
      const at = wordOf(address);
      if (isIt(words, at)) {
        words[at + KIND] = TAKEN_BACK;
        return;
      }
      address = words[at + PREVIOUS];
    }
    let found: number | undefined;
    for (const { place, words } of this.spilledHeads(pending)) if (isIt(words, 0)) found = place;
    if (found !== undefined) this.log?.write(found + 4 * KIND, Uint8Array.of(TAKEN_BACK));
  }

  drop(xid: number): void {
    const pending = this.pending.get(xid);
    if (pending === undefined) return;
    this.pending.delete(xid);
    this.release(pending);
    if (pending.spilled.length === 0) return;
    this.spilledCount--;
    if (this.spilledCount > 0) return;
    this.store?.truncate(0);
    this.log = undefined;
  }

  /** Lets go of a transaction's entries in memory. */
  private release(pending: Pending): void {
    for (let address = pending.first; address !== NONE; ) {
      const chunk = this.chunkOf(address);
      address = chunk.words[wordOf(address) + NEXT];
      chunk.live--;
      if (chunk.live === 0 && chunk !== this.current) this.free.push(chunk.number);
    }
    pending.first = NONE;
    pending.last = NONE;
    pending.bytes = 0;
    this.inMemory.delete(pending);
  }

  /** Whether one of these has changes. */
  hasAny(xids: readonly number[]): boolean {
    for (const xid of xids) if (this.pending.has(xid)) return true;
    return false;
  }

  /**
   * All changes of these, in the order of the WAL.
   * @param change stands for each of them until the next one is asked for
   */
  *of<C extends TupleChange>(xids: readonly number[], change: C): Generator<C> {
    const all = xids.flatMap((xid) => this.pending.get(xid) ?? []);
    if (all.length === 1 && all[0].spilled.length === 0) {
      // most transactions: without generators in between
      for (let address = all[0].first; address !== NONE; ) {
        const { words, bytes } = this.chunkOf(address);
        const at = wordOf(address);
        address = words[at + NEXT];
        if (words[at + KIND] === TAKEN_BACK) continue;
        decode(words, at, bytes, 4 * at + HEAD, change);
        yield change;
      }
      return;
    }
    for (const { words, at, bytes, tuplesAt } of merge(all.map((pending) => this.entries(pending)))) {
      if (words[at + KIND] === TAKEN_BACK) continue;
      decode(words, at, bytes, tuplesAt, change);
      yield change;
    }
  }

  private *entries(pending: Pending): Generator<Entry> {
    for (const { place, words, size } of this.spilledHeads(pending)) {
      const bytes = this.log!.read(place + HEAD, size - HEAD).slice();
      yield { words, at: 0, bytes, tuplesAt: 0 };
    }
    for (let address = pending.first; address !== NONE; ) {
      const { words, bytes } = this.chunkOf(address);
      const at = wordOf(address);
      yield { words, at, bytes, tuplesAt: 4 * at + HEAD };
      address = words[at + NEXT];
    }
  }

  /** The heads of a transaction's entries in the log, and where they are. */
  private *spilledHeads({
    spilled,
  }: Pending): Generator<{ place: number; words: Uint32Array; size: number }> {
    for (const { from, to } of spilled) {
      for (let place = from; place < to; ) {
        const words = new Uint32Array(this.log!.read(place, HEAD).slice().buffer);
        const size = sizeOf(words);
        yield { place, words, size };
        place += size;
      }
    }
  }

  /** Puts entries elsewhere until half of the memory is free: so this is seldom, however many transactions there are. */
  private makeRoom(): void {
    const most = [...this.inMemory].sort((a, b) => b.bytes - a.bytes);
    for (const pending of most) {
      if (this.size <= this.limit / 2) return;
      this.spill(pending);
    }
  }

  /** Puts the entries of a transaction where pages are kept. */
  private spill(pending: Pending): void {
    this.store ??= this.pages.newStore();
    this.log ??= new ByteLog(this.store);
    if (pending.spilled.length === 0) this.spilledCount++;
    const from = this.log.length;
    for (let address = pending.first; address !== NONE; ) {
      const { words, bytes } = this.chunkOf(address);
      const at = wordOf(address);
      this.log.append(bytes.subarray(4 * at, 4 * at + sizeOf(words, at)));
      address = words[at + NEXT];
    }
    pending.spilled.push({ from, to: this.log.length });
    this.release(pending);
  }
}

/** An entry, and where its head and its tuples are. */
interface Entry {
  words: Uint32Array;
  at: number;
  bytes: Uint8Array;
  tuplesAt: number;
}

const addressOf = ({ number }: Chunk, at: number): number => number * CHUNK_WORDS + (at >> 2);
const wordOf = (address: number): number => address % CHUNK_WORDS;

const lengthOf = ({ start, end, isKnown }: TuplePlace): number => (isKnown ? end - start : NONE);
const known = (length: number): number => (length === NONE ? 0 : length);
const padded = (length: number): number => (length + 3) & ~3;

/** What an entry takes, by its head. */
const sizeOf = (words: Uint32Array, at = 0): number =>
  HEAD + padded(known(words[at + OLD_LENGTH]) + known(words[at + NEW_LENGTH]));

function encodeHead(words: Uint32Array, at: number, change: TupleChange): void {
  words[at + SEQUENCE_LO] = change.sequence % TWO_32;
  words[at + SEQUENCE_HI] = Math.floor(change.sequence / TWO_32);
  words[at + LSN_LO] = change.lsnLo;
  words[at + LSN_HI] = change.lsnHi;
  words[at + KIND] = KINDS.indexOf(change.kind);
  words[at + TABLE] = change.table;
  words[at + FROM_BLOCK] = change.fromBlock;
  words[at + FROM_OFFSET] = change.fromOffset;
  words[at + TO_BLOCK] = change.toBlock;
  words[at + TO_OFFSET] = change.toOffset;
  words[at + OLD_LENGTH] = lengthOf(change.old);
  words[at + NEW_LENGTH] = lengthOf(change.new);
  words[at + IS_MOVE] = change.isMove ? 1 : 0;
}

const sequenceOf = ({ words, at }: Entry): number =>
  words[at + SEQUENCE_HI] * TWO_32 + words[at + SEQUENCE_LO];

function decode(
  words: Uint32Array,
  at: number,
  bytes: Uint8Array,
  tuplesAt: number,
  change: TupleChange,
): void {
  change.sequence = words[at + SEQUENCE_HI] * TWO_32 + words[at + SEQUENCE_LO];
  change.lsnLo = words[at + LSN_LO];
  change.lsnHi = words[at + LSN_HI];
  change.kind = KINDS[words[at + KIND]];
  change.table = words[at + TABLE];
  change.fromBlock = words[at + FROM_BLOCK];
  change.fromOffset = words[at + FROM_OFFSET];
  change.toBlock = words[at + TO_BLOCK];
  change.toOffset = words[at + TO_OFFSET];
  change.isMove = words[at + IS_MOVE] !== 0;
  const madeAt = place(change.old, bytes, tuplesAt, words[at + OLD_LENGTH]);
  place(change.new, bytes, madeAt, words[at + NEW_LENGTH]);
}

/** @returns where what follows begins */
function place(tuple: TuplePlace, bytes: Uint8Array, start: number, length: number): number {
  if (length === NONE) {
    tuple.clear();
    return start;
  }
  tuple.set(bytes, start, start + length);
  return start + length;
}

/** Copies a tuple: byte by byte, for to make a view of so few takes longer. */
function copy(to: Uint8Array, at: number, { bytes, start, end }: TuplePlace): void {
  for (let i = start, j = at; i < end; i++, j++) to[j] = bytes[i];
}

/** Joins what is in order by itself. */
function* merge(parts: Iterator<Entry>[]): Generator<Entry> {
  const heads = parts.flatMap((part) => {
    const { value, done } = part.next();
    return done ? [] : [{ part, entry: value as Entry }];
  });
  while (heads.length > 0) {
    let first = 0;
    for (let i = 1; i < heads.length; i++) {
      if (sequenceOf(heads[i].entry) < sequenceOf(heads[first].entry)) first = i;
    }
    yield heads[first].entry;
    const { value, done } = heads[first].part.next();
    if (done) heads.splice(first, 1);
    else heads[first].entry = value as Entry;
  }
}
