import { message } from './message.js';
import {
  corrupt,
  lastBit,
  type PrefixTable,
  readPrefixTable,
  readStateTable,
  type StateTable,
  singleState,
  stateTable,
} from './zstd-entropy.js';

/** More than this no block has, packed or unpacked. */
export const LARGEST_BLOCK = 128 * 1024;

/** From here on the engine's own copying is faster than a loop (docs/decisions/compression.md). */
const LONG = 48;

/** How one of the three numbers of a sequence is stored. */
interface NumberCodes {
  /** What codes stand for: how many bits to read, and from bit 5 on what they are to be added to. */
  codes: Uint32Array;
  largestLog: number;
  /** Where a block brings none of its own. */
  usual: StateTable;
}

const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);
const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

function numberCodes(
  first: number,
  extra: number[],
  largestLog: number,
  log: number,
  counts: number[],
): NumberCodes {
  let next = first;
  return {
    codes: Uint32Array.from(extra, (bits) => {
      const base = next;
      next += 2 ** bits;
      return base * 32 + bits;
    }),
    largestLog,
    usual: stateTable(log, Int16Array.from(counts)),
  };
}

// RFC 8878, sections 3.1.1.3.2.1.1 and 3.1.1.3.2.2
const LITERALS = numberCodes(0, [...times(16, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, ...upTo(6, 16)], 9, 6, [
  ...[4, 3, ...times(11, 2), 1, 1, 1, ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)],
]);
const DISTANCES = numberCodes(1, upTo(0, 30), 8, 5, [
  ...[...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)],
]);
const MATCHES = numberCodes(3, [...times(32, 0), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, ...upTo(7, 16)], 9, 6, [
  1,
  4,
  3,
  ...times(6, 2),
  ...times(37, 1),
  ...times(7, -1),
]);
/** In the order in which a block describes them. */
const NUMBERS = [LITERALS, DISTANCES, MATCHES] as const;
/** The greatest window has 2 ** 27 bytes, and 3 are added to distances. */
const LARGEST_DISTANCE_CODE = 27;

/** The block at hand, with room behind it to read four bytes at once. */
const input = new Uint8Array(LARGEST_BLOCK + 4);
const inputView = new DataView(input.buffer);
const unpackedLiterals = new Uint8Array(LARGEST_BLOCK);

/**
 * Unpacks the compressed blocks of one frame, one after the other (RFC 8878, section 3.1.1.3). All that a block says
 * is checked before it is followed: it makes no more than 128 KiB and looks at nothing but the frame's own bytes.
 */
export class BlockDecoder {
  private codes: PrefixTable | undefined;
  private readonly tables: (StateTable | undefined)[] = [];
  private readonly lastDistances = Int32Array.of(1, 4, 8);
  /** Where the literals of the block are. */
  private literals = input;
  private from = 0;
  private literalsEnd = 0;

  /**
   * @param out what the frame has been unpacked to so far, up to `to`
   * @param window how far back a match may reach
   * @returns where the unpacked bytes end
   * @throws WalError `corrupt-compression`
   */
  unpack(block: Uint8Array, out: Uint8Array, to: number, window: number): number {
    input.set(block);
    const end = block.length;
    const limit = to + Math.min(window, LARGEST_BLOCK);
    let at = this.readLiterals(end);
    const byte = input[at];
    if (at + (byte < 128 ? 1 : byte < 255 ? 2 : 3) > end) throw corrupt(message`has a block that is cut off`);
    let count = byte;
    if (byte === 255) count = inputView.getUint16(at + 1, true) + 0x7f00;
    else if (byte > 127) count = ((byte - 128) << 8) | input[at + 1];
    at += byte < 128 ? 1 : byte < 255 ? 2 : 3;
    const written = count === 0 ? to : this.copySequences(count, at, end, out, to, limit, window);
    if (count === 0 && at !== end) throw corrupt(message`has something else after a block`);
    const rest = this.literalsEnd - this.from;
    if (rest > limit - written) throw corrupt(message`has too large a block`);
    out.set(this.literals.subarray(this.from, this.literalsEnd), written);
    return written + rest;
  }

  /** @returns where they end */
  private readLiterals(end: number): number {
    const [first, second, third, fourth, fifth] = input;
    const type = first & 3;
    const format = (first >> 2) & 3;
    const isPacked = type > 1;
    const headerSize = isPacked ? [3, 3, 4, 5][format] : [1, 2, 1, 3][format];
    if (headerSize > end) throw corrupt(message`has a block that is cut off`);
    if (!isPacked) {
      const size = format & 1 ? (first >> 4) | (second << 4) | (format & 2 ? third << 12 : 0) : first >> 3;
      if (size > LARGEST_BLOCK) throw corrupt(message`has too large a block`);
      const stored = type === 0 ? size : 1;
      if (stored > end - headerSize) throw corrupt(message`has a block that is cut off`);
      this.setLiterals(type === 0 ? input : unpackedLiterals, type === 0 ? headerSize : 0, size);
      if (type === 1) unpackedLiterals.fill(input[headerSize], 0, size);
      return headerSize + stored;
    }
    const width = [10, 10, 14, 18][format];
    const header = first + second * 2 ** 8 + third * 2 ** 16 + fourth * 2 ** 24 + fifth * 2 ** 32;
    const size = Math.floor(header / 16) % 2 ** width;
    const at = headerSize;
    const to = at + (Math.floor(header / 2 ** (4 + width)) % 2 ** width);
    if (size > LARGEST_BLOCK) throw corrupt(message`has too large a block`);
    if (to > end) throw corrupt(message`has a block that is cut off`);
    this.setLiterals(unpackedLiterals, 0, size);
    this.unpackLiterals(type === 2, format > 0, size, at, to);
    return to;
  }

  private setLiterals(bytes: Uint8Array<ArrayBuffer>, from: number, size: number): void {
    this.literals = bytes;
    this.from = from;
    this.literalsEnd = from + size;
  }

  private unpackLiterals(
    bringsCodes: boolean,
    isOfFour: boolean,
    size: number,
    at: number,
    end: number,
  ): void {
    if (bringsCodes) {
      const { table, at: next } = readPrefixTable(input, at, end);
      this.codes = table;
      at = next;
    }
    const { codes } = this;
    if (codes === undefined) throw corrupt(message`refers to a table that it does not have`);
    if (!isOfFour) {
      unpackBits(codes, at, end, 0, size);
      return;
    }
    if (size < 6 || end - at < 6) throw corrupt(message`has a block that is cut off`);
    const part = (size + 3) >> 2;
    let from = at + 6;
    for (let i = 0; i < 3; i++) {
      const to = from + inputView.getUint16(at + 2 * i, true);
      if (to > end) throw corrupt(message`has a block that is cut off`);
      unpackBits(codes, from, to, i * part, (i + 1) * part);
      from = to;
    }
    unpackBits(codes, from, end, 3 * part, size);
  }

  /** Reads or takes over the tables of the three numbers. @returns where they end */
  private readTables(at: number, end: number): number {
    if (at >= end) throw corrupt(message`has a block that is cut off`);
    const modes = input[at++];
    if (modes & 3) throw corrupt(message`has an unknown kind of block`);
    for (const [i, { usual, codes, largestLog }] of NUMBERS.entries()) {
      const mode = (modes >> (6 - 2 * i)) & 3;
      if (mode === 0) this.tables[i] = usual;
      else if (mode === 1) {
        if (at >= end || input[at] >= codes.length) throw corrupt(message`has an unknown code`);
        this.tables[i] = singleState(input[at++]);
      } else if (mode === 2) {
        const { table, at: next } = readStateTable(input, at, end, largestLog, codes.length - 1);
        this.tables[i] = table;
        at = next;
      } else if (this.tables[i] === undefined)
        throw corrupt(message`refers to a table that it does not have`);
    }
    return at;
  }

  /** Copies literals and matches in turns. @returns where they end in `out` */
  private copySequences(
    count: number,
    at: number,
    end: number,
    out: Uint8Array,
    to: number,
    limit: number,
    window: number,
  ): number {
    const least = this.readTables(at, end) * 8;
    const [literalTable, distanceTable, matchTable] = this.tables as StateTable[];
    const literalStates = literalTable.entries;
    const distanceStates = distanceTable.entries;
    const matchStates = matchTable.entries;
    const literalCodes = LITERALS.codes;
    const matchCodes = MATCHES.codes;
    const view = inputView;
    const { literals, literalsEnd, lastDistances } = this;
    let { from } = this;
    let bit = lastBit(input, least >> 3, end) - literalTable.log - distanceTable.log - matchTable.log;
    if (bit < least) throw corrupt(message`has a block that is cut off`);
    let literalEntry =
      literalStates[bitsAt(view, bit + distanceTable.log + matchTable.log, literalTable.log)];
    let distanceEntry = distanceStates[bitsAt(view, bit + matchTable.log, distanceTable.log)];
    let matchEntry = matchStates[bitsAt(view, bit, matchTable.log)];
    for (;;) {
      const literalCode = literalCodes[literalEntry & 0xff];
      const matchCode = matchCodes[matchEntry & 0xff];
      const distanceBits = distanceEntry & 0xff;
      if (distanceBits > LARGEST_DISTANCE_CODE) throw corrupt(message`refers to bytes before its beginning`);
      const literalBits = literalCode & 31;
      const matchBits = matchCode & 31;
      bit -= distanceBits + matchBits + literalBits;
      if (bit < least) throw corrupt(message`has a block that is cut off`);
      const length = (literalCode >> 5) + bitsAt(view, bit, literalBits);
      const matchLength = (matchCode >> 5) + bitsAt(view, bit + literalBits, matchBits);
      const value = (1 << distanceBits) + manyBitsAt(view, bit + literalBits + matchBits, distanceBits);
      const distance = distanceOf(value, length, lastDistances);

      if (length > literalsEnd - from) throw corrupt(message`has too long a literal`);
      if (length + matchLength > limit - to) throw corrupt(message`has too large a block`);
      if (length < LONG) for (const stop = to + length; to < stop; ) out[to++] = literals[from++];
      else {
        out.set(literals.subarray(from, from + length), to);
        from += length;
        to += length;
      }
      if (distance === 0 || distance > to || distance > window) {
        throw corrupt(message`refers to bytes before its beginning`);
      }
      if (matchLength >= LONG && matchLength <= distance) {
        out.copyWithin(to, to - distance, to - distance + matchLength);
        to += matchLength;
      } else {
        // byte by byte: a match longer than its distance repeats bytes that it has just written
        for (const stop = to + matchLength; to < stop; to++) out[to] = out[to - distance];
      }

      if (--count === 0) break;
      const literalStep = (literalEntry >> 8) & 0xff;
      const matchStep = (matchEntry >> 8) & 0xff;
      const distanceStep = (distanceEntry >> 8) & 0xff;
      bit -= literalStep + matchStep + distanceStep;
      if (bit < least) throw corrupt(message`has a block that is cut off`);
      literalEntry =
        literalStates[(literalEntry >> 16) + bitsAt(view, bit + distanceStep + matchStep, literalStep)];
      matchEntry = matchStates[(matchEntry >> 16) + bitsAt(view, bit + distanceStep, matchStep)];
      distanceEntry = distanceStates[(distanceEntry >> 16) + bitsAt(view, bit, distanceStep)];
    }
    if (bit !== least) throw corrupt(message`has something else after a block`);
    this.from = from;
    return to;
  }
}

/** Values of 1 to 3 stand for the last distances, or one less than the last (RFC 8878, section 3.1.1.5). */
function distanceOf(value: number, literals: number, last: Int32Array): number {
  const one = last[0];
  const two = last[1];
  if (value <= 3) {
    const index = literals === 0 ? value + 1 : value;
    if (index === 1) return one;
    if (index === 2) {
      last[0] = two;
      last[1] = one;
      return two;
    }
    last[0] = index === 3 ? last[2] : one - 1;
  } else last[0] = value - 3;
  last[1] = one;
  last[2] = two;
  return last[0];
}

/** Unpacks one stream of literals, which has to end with the last of them. */
function unpackBits(codes: PrefixTable, from: number, end: number, at: number, to: number): void {
  const { bits: width, entries } = codes;
  const mask = (1 << width) - 1;
  const least = from * 8;
  const view = inputView;
  const out = unpackedLiterals;
  let bit = lastBit(input, from, end);
  // two at once, which take 22 bits at the most
  while (bit - least >= 24 && to - at >= 2) {
    const word = bitsAt(view, bit - 24, 24);
    const one = entries[word >> (24 - width)];
    const two = entries[(word >> (24 - width - (one >> 8))) & mask];
    out[at] = one;
    out[at + 1] = two;
    at += 2;
    bit -= (one >> 8) + (two >> 8);
  }
  for (; at < to; at++) {
    const there = Math.min(bit - least, width);
    const entry = entries[bitsAt(view, bit - there, there) << (width - there)];
    out[at] = entry;
    bit -= entry >> 8;
    if (bit < least) throw corrupt(message`has a block that is cut off`);
  }
  if (bit !== least) throw corrupt(message`has something else after a block`);
}

/** Up to 25 bits of the block. */
function bitsAt(view: DataView, bit: number, width: number): number {
  return (view.getUint32(bit >> 3, true) >>> (bit & 7)) & ((1 << width) - 1);
}

function manyBitsAt(view: DataView, bit: number, width: number): number {
  return width <= 25
    ? bitsAt(view, bit, width)
    : bitsAt(view, bit, 16) | (bitsAt(view, bit + 16, width - 16) << 16);
}
