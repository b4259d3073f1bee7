import { concat } from '../../wal/concat.js';
import { message } from '../../wal/message.js';
import { corrupt } from './codec.js';

const BLOCK_UNIT = 100_000;
/** How much is given at once: a block of 45 bytes may stand for 45 MB. */
const PIECE_SIZE = 256 * 1024;
/** More than comes before the tables of a block, and than a group of symbols has. */
const LOOKAHEAD = 32 * 1024;

const BLOCK_MAGIC = 0x314159265359;
const END_MAGIC = 0x177245385090;

const MOST_SELECTORS = 2 ** 15;
const MOST_TABLES = 6;
const GROUP_SIZE = 50;
const LONGEST_CODE = 20;
/** Moves of so many bytes are left to the engine, which has a price of its own. */
const SHORT_MOVE = 32;
/** Codes of up to so many bits are looked up at once. */
const SHORT_CODE = 10;

/**
 * Unpacks bzip2 streams, one after the other, piece by piece. By no library: docs/decisions/compression.md. Memory is
 * taken for one block (at most 3.6 MB) and one piece.
 * The format is described nowhere but in its programs; names here are those of bzip2 1.0.8 (`decompress.c`).
 */
export class Bzip2Stream {
  private readonly bits = new BitInput();
  private readonly blocks = new BlockDecoder(this.bits);
  private readonly steps = this.run();

  /** @throws WalError `corrupt-compression` */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.bits.add(chunk);
    yield* this.unpacked();
  }

  /** What is left. @throws WalError `corrupt-compression`, also where the input has ended too early */
  *end(): Generator<Uint8Array> {
    this.bits.hasEnded = true;
    yield* this.unpacked();
  }

  private *unpacked(): Generator<Uint8Array> {
    for (;;) {
      const { value, done } = this.steps.next();
      if (done || value === undefined) return;
      yield value;
    }
  }

  /** Gives nothing where more input has to come first. */
  private *run(): Generator<Uint8Array | undefined, void> {
    const { bits, blocks } = this;
    for (;;) {
      while (bits.areFew) yield undefined;
      if (bits.left === 0) return;
      if (bits.read(24) !== 0x425a68)
        throw corrupt(message`it has something else where bzip2 data should begin`);
      const level = bits.read(8) - 0x30;
      if (level < 1 || level > 9) throw corrupt(message`its header is damaged`);
      let checksum = 0;
      for (;;) {
        while (bits.areFew) yield undefined;
        const magic = bits.read(24) * 2 ** 24 + bits.read(24);
        const expected = bits.readInt32();
        if (magic === END_MAGIC) {
          if (expected !== checksum) throw corrupt(message`the checksum does not fit`);
          bits.align();
          break;
        }
        if (magic !== BLOCK_MAGIC) throw corrupt(message`it has something else where a block should begin`);
        yield* blocks.read(level * BLOCK_UNIT);
        for (let piece = blocks.write(); piece.length > 0; piece = blocks.write()) yield piece;
        if (blocks.checksum !== expected) throw corrupt(message`the checksum of a block does not fit`);
        checksum = ((checksum << 1) | (checksum >>> 31)) ^ expected;
      }
    }
  }
}

/** Input as bits, the highest of each byte first. */
class BitInput {
  hasEnded = false;
  private bytes: Uint8Array = new Uint8Array(0);
  /** Of the next bit. */
  private at = 0;

  add(chunk: Uint8Array): void {
    this.bytes = concat([this.bytes.subarray(this.at >> 3), chunk]);
    this.at &= 7;
  }

  get left(): number {
    return this.bytes.length * 8 - this.at;
  }

  /** Whether more should be there before it goes on. */
  get areFew(): boolean {
    return !this.hasEnded && this.left < LOOKAHEAD * 8;
  }

  /** The next bits, up to 24, without taking them; zeroes where there are no more. */
  peek(count: number): number {
    const { bytes } = this;
    const at = this.at >> 3;
    const word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    return ((word << (this.at & 7)) >>> 8) >> (24 - count);
  }

  skip(count: number): void {
    this.at += count;
    if (this.at > this.bytes.length * 8) throw corrupt(message`the file ends too early`);
  }

  read(count: number): number {
    const value = this.peek(count);
    this.skip(count);
    return value;
  }

  readInt32(): number {
    return (this.read(16) << 16) | this.read(16);
  }

  align(): void {
    this.at = (this.at + 7) & ~7;
  }
}

/** The codes of a table: those of one length follow each other, the shorter ones come first. */
interface CodeTable {
  shortest: number;
  longest: number;
  /** By length: from which code on there are none of it, as if it had the greatest length. */
  limit: Int32Array;
  /** By length: what to add to a code to have its place in {@link symbols}. */
  offset: Int32Array;
  symbols: Uint16Array;
  /** By the next bits: symbol << 5 | length, or 0 where the code is longer. */
  short: Uint16Array;
}

class BlockDecoder {
  checksum = 0;
  private readonly selectors = new Uint8Array(MOST_SELECTORS);
  private readonly tables: CodeTable[] = [];
  private readonly lengths = new Uint8Array(258);
  /** The bytes that occur, those met last first. */
  private readonly recent = new Uint8Array(256);
  private readonly counts = new Int32Array(256);
  /** The block before the transform is undone: bytes, and above them where the next one is. */
  private room = new Uint32Array(0);
  private blockSize = 0;
  /** How many bytes of the block there are. */
  private size = 0;
  /** A run that is being read: its length so far, and the weight of its next digit. */
  private run = 0;
  private weight = 1;
  /** The symbol that ends the block. */
  private endSymbol = 0;
  /** What is to be written: from where on, how many of the block's bytes, what came last and how often in a row. */
  private next = 0;
  private left = 0;
  private last = -1;
  private repeats = 0;
  /** How often the last byte is still to be written. */
  private copies = 0;

  constructor(private readonly bits: BitInput) {}

  /** Reads a block up to its end; gives nothing where more input has to come first. */
  *read(blockSize: number): Generator<undefined, void> {
    const { bits } = this;
    this.blockSize = blockSize;
    if (this.room.length < blockSize) this.room = new Uint32Array(blockSize);
    if (bits.read(1)) throw corrupt(message`it was made by bzip2 before 0.9.5, which is not supported`);
    const origin = bits.read(24);
    this.readBytesInUse();
    const tableCount = bits.read(3);
    if (tableCount < 2 || tableCount > MOST_TABLES)
      throw corrupt(message`a block has a wrong number of tables`);
    const selectorCount = bits.read(15);
    this.readSelectors(selectorCount, tableCount);
    for (let i = 0; i < tableCount; i++) {
      let length = bits.read(5);
      for (let symbol = 0; symbol <= this.endSymbol; symbol++) {
        for (;;) {
          while (bits.areFew) yield undefined;
          if (length < 1 || length > LONGEST_CODE)
            throw corrupt(message`a table has a code of a wrong length`);
          if (bits.read(1) === 0) break;
          length += bits.read(1) === 0 ? 1 : -1;
        }
        this.lengths[symbol] = length;
      }
      this.tables[i] = codeTable(this.lengths.subarray(0, this.endSymbol + 1));
    }
    this.size = 0;
    this.run = 0;
    this.weight = 1;
    this.counts.fill(0);
    for (let group = 0; ; group++) {
      while (bits.areFew) yield undefined;
      if (group === selectorCount) throw corrupt(message`a block has no end`);
      if (this.readGroup(this.tables[this.selectors[group]])) break;
    }
    if (origin >= this.size) throw corrupt(message`a block begins outside of itself`);
    this.undoTransform(origin);
  }

  private readBytesInUse(): void {
    const { bits, recent } = this;
    const used = bits.read(16);
    let count = 0;
    for (let i = 0; i < 16; i++) {
      if (!(used & (0x8000 >> i))) continue;
      const some = bits.read(16);
      for (let j = 0; j < 16; j++) if (some & (0x8000 >> j)) recent[count++] = 16 * i + j;
    }
    if (count === 0) throw corrupt(message`a block has no bytes`);
    this.endSymbol = count + 1;
  }

  private readSelectors(count: number, tableCount: number): void {
    const { bits, selectors } = this;
    const order = [0, 1, 2, 3, 4, 5];
    for (let i = 0; i < count; i++) {
      let index = 0;
      while (bits.read(1))
        if (++index === tableCount) throw corrupt(message`a block refers to a table that it does not have`);
      order.unshift(...order.splice(index, 1));
      selectors[i] = order[0];
    }
  }

  /** @returns whether the block has ended */
  private readGroup(table: CodeTable): boolean {
    const { bits, endSymbol } = this;
    for (let i = 0; i < GROUP_SIZE; i++) {
      const symbol = readSymbol(bits, table);
      if (symbol <= 1) {
        this.run += this.weight << symbol;
        if (this.run > this.blockSize - this.size) throw corrupt(message`a block is too large`);
        this.weight *= 2;
        continue;
      }
      if (this.run > 0) this.endRun();
      if (symbol === endSymbol) return true;
      if (this.size === this.blockSize) throw corrupt(message`a block is too large`);
      this.put(symbol - 1);
    }
    return false;
  }

  private endRun(): void {
    const byte = this.recent[0];
    this.room.fill(byte, this.size, this.size + this.run);
    this.counts[byte] += this.run;
    this.size += this.run;
    this.run = 0;
    this.weight = 1;
  }

  private put(index: number): void {
    const { recent } = this;
    const byte = recent[index];
    if (index < SHORT_MOVE) for (let i = index; i > 0; i--) recent[i] = recent[i - 1];
    else recent.copyWithin(1, 0, index);
    recent[0] = byte;
    this.counts[byte]++;
    this.room[this.size++] = byte;
  }

  /** Links the bytes in the order in which they were (Burrows and Wheeler). */
  private undoTransform(origin: number): void {
    const { room, counts, size } = this;
    let sum = 0;
    for (let byte = 0; byte < 256; byte++) {
      sum += counts[byte];
      counts[byte] = sum - counts[byte];
    }
    for (let i = 0; i < size; i++) room[counts[room[i] & 0xff]++] |= i << 8;
    this.next = room[origin] >>> 8;
    this.left = size;
    this.last = -1;
    this.repeats = 0;
    this.copies = 0;
    this.checksum = 0;
  }

  /** @returns the block's next bytes, none at its end */
  write(): Uint8Array {
    const { room } = this;
    let { next, left, last, repeats, copies } = this;
    const piece = new Uint8Array(Math.min(PIECE_SIZE, copies + left * 255));
    let at = 0;
    while (at < piece.length) {
      if (copies > 0) {
        const to = Math.min(piece.length, at + copies);
        piece.fill(last, at, to);
        copies -= to - at;
        at = to;
        continue;
      }
      if (left === 0) break;
      left--;
      const entry = room[next];
      const byte = entry & 0xff;
      next = entry >>> 8;
      if (repeats === 4) {
        copies = byte;
        repeats = 0;
        continue;
      }
      repeats = byte === last ? repeats + 1 : 1;
      last = byte;
      piece[at++] = byte;
    }
    Object.assign(this, { next, left, last, repeats, copies });
    const bytes = piece.subarray(0, at);
    this.checksum = crc(bytes, this.checksum);
    return bytes;
  }
}

function readSymbol(bits: BitInput, table: CodeTable): number {
  const code = bits.peek(LONGEST_CODE);
  const short = table.short[code >> (LONGEST_CODE - SHORT_CODE)];
  if (short !== 0) {
    bits.skip(short & 31);
    return short >> 5;
  }
  for (let length = table.shortest; length <= table.longest; length++) {
    if (code >= table.limit[length]) continue;
    bits.skip(length);
    return table.symbols[table.offset[length] + (code >> (LONGEST_CODE - length))];
  }
  throw corrupt(message`a block has an unknown code`);
}

/** Makes a table of the lengths of the symbols' codes. @throws WalError where there cannot be such codes */
function codeTable(lengths: Uint8Array): CodeTable {
  const counts = new Int32Array(LONGEST_CODE + 1);
  for (const length of lengths) counts[length]++;
  const table: CodeTable = {
    shortest: lengths.reduce((least, length) => Math.min(least, length)),
    longest: lengths.reduce((most, length) => Math.max(most, length)),
    limit: new Int32Array(LONGEST_CODE + 1),
    offset: new Int32Array(LONGEST_CODE + 1),
    symbols: new Uint16Array(lengths.length),
    short: new Uint16Array(1 << SHORT_CODE),
  };
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST_CODE; length++) {
    table.offset[length] = place - code;
    for (let symbol = 0; counts[length] > 0 && symbol < lengths.length; symbol++) {
      if (lengths[symbol] === length) table.symbols[place++] = symbol;
    }
    code += counts[length];
    if (code > 1 << length) throw corrupt(message`a table has codes that do not fit together`);
    table.limit[length] = code << (LONGEST_CODE - length);
    code <<= 1;
  }
  fillShort(table);
  return table;
}

function fillShort({ shortest, longest, limit, offset, symbols, short }: CodeTable): void {
  let at = 0;
  for (let length = shortest; length <= Math.min(longest, SHORT_CODE); length++) {
    const width = 1 << (SHORT_CODE - length);
    for (const end = limit[length] >> (LONGEST_CODE - SHORT_CODE); at < end; at += width) {
      const symbol = symbols[offset[length] + (at >> (SHORT_CODE - length))];
      short.fill((symbol << 5) | length, at, at + width);
    }
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc < 0 ? 0x04c11db7 : 0);
  return crc;
});

/** The checksum of bytes, bit by bit from the highest on. @param before that of the bytes in front of them */
function crc(bytes: Uint8Array, before: number): number {
  const table = CRC_TABLE;
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc >>> 24) ^ bytes[i]] ^ (crc << 8);
  return ~crc;
}
