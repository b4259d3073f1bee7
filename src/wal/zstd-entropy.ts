import { WalError } from './error.js';
import { type Message, message } from './message.js';

/** How to get from one state of a decoder to the next (FSE). */
export interface StateTable {
  /** The bits that the first state takes. */
  log: number;
  /** By state: its symbol, from bit 8 on how many bits to read, and from bit 16 on what they are to be added to. */
  entries: Uint32Array;
}

/** What the next {@link bits} of input stand for: a symbol in the lower 8 bits, above them how many bits it takes. */
export interface PrefixTable {
  bits: number;
  entries: Uint16Array;
}

/** A code table of literals takes no more bits. */
const LONGEST_LITERAL_CODE = 11;

const MOST_SYMBOLS = 256;
/** Room to build one table after the other in. */
const counts = new Int16Array(MOST_SYMBOLS);
const states = new Uint16Array(MOST_SYMBOLS);
const weights = new Uint8Array(MOST_SYMBOLS);
const nextEntry = new Uint16Array(LONGEST_LITERAL_CODE + 2);

/**
 * Reads a description of a state table (RFC 8878, section 4.1.1) at `at` of `bytes`, where no more than what comes
 * before `end` belongs to it.
 * @throws WalError `corrupt-compression`
 */
export function readStateTable(
  bytes: Uint8Array,
  at: number,
  end: number,
  largestLog: number,
  largestSymbol: number,
): { table: StateTable; at: number } {
  if (at >= end) throw corrupt(message`has a table that is cut off`);
  const log = (bytes[at] & 15) + 5;
  if (log > largestLog) throw corrupt(message`has too large a table`);
  let bit = at * 8 + 4;
  let left = 1 << log;
  let symbol = 0;
  while (left > 0) {
    if (symbol > largestSymbol) throw corrupt(message`has a table with too many symbols`);
    // the smaller ones of 0 … left + 1 take a bit less
    const width = 32 - Math.clz32(left + 1);
    const shorter = (1 << width) - 2 - left;
    const value = bitsAt(bytes, bit, width);
    const low = value & ((1 << (width - 1)) - 1);
    bit += low < shorter ? width - 1 : width;
    const count = (low < shorter ? low : value < 1 << (width - 1) ? value : value - shorter) - 1;
    if (bit > end * 8) throw corrupt(message`has a table that is cut off`);
    counts[symbol++] = count;
    left -= Math.abs(count);
    if (count !== 0) continue;
    for (let more = 3; more === 3; ) {
      more = bitsAt(bytes, bit, 2);
      bit += 2;
      if (bit > end * 8) throw corrupt(message`has a table that is cut off`);
      if (symbol + more > largestSymbol + 1) throw corrupt(message`has a table with too many symbols`);
      counts.fill(0, symbol, symbol + more);
      symbol += more;
    }
  }
  return { table: stateTable(log, counts.subarray(0, symbol)), at: (bit + 7) >> 3 };
}

/** @param counts how often each symbol comes, of 2 ** log; -1 for less than once (RFC 8878, section 4.1.1) */
export function stateTable(log: number, counts: Int16Array): StateTable {
  const size = 1 << log;
  const entries = new Uint32Array(size);
  let high = size;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    if (counts[symbol] === -1) entries[--high] = symbol;
    states[symbol] = Math.abs(counts[symbol]);
  }
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let i = 0; i < counts[symbol]; i++) {
      entries[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  }
  for (let i = 0; i < size; i++) {
    const state = states[entries[i]]++;
    const bits = log - 31 + Math.clz32(state);
    entries[i] |= (bits << 8) | (((state << bits) - size) << 16);
  }
  return { log, entries };
}

/** A table of one symbol, which takes no bits. */
export function singleState(symbol: number): StateTable {
  return { log: 0, entries: Uint32Array.of(symbol) };
}

/**
 * Reads a description of the codes of literals (RFC 8878, section 4.2.1).
 * @throws WalError `corrupt-compression`
 */
export function readPrefixTable(
  bytes: Uint8Array,
  at: number,
  end: number,
): { table: PrefixTable; at: number } {
  if (at >= end) throw corrupt(message`has a table that is cut off`);
  const header = bytes[at++];
  const size = header < 128 ? header : (header - 126) >> 1;
  if (size > end - at) throw corrupt(message`has a table that is cut off`);
  let count = header - 127;
  if (header < 128) count = readWeights(bytes, at, at + size);
  else
    for (let i = 0; i < count; i++)
      weights[i] = i & 1 ? bytes[at + (i >> 1)] & 15 : bytes[at + (i >> 1)] >> 4;
  return { table: prefixTable(count), at: at + size };
}

/** Weights by two states that take turns, until there are no more bits. @returns how many */
function readWeights(bytes: Uint8Array, from: number, end: number): number {
  const { table, at } = readStateTable(bytes, from, end, 6, MOST_SYMBOLS - 1);
  const least = at * 8;
  let bit = lastBit(bytes, at, end) - 2 * table.log;
  if (bit < least) throw corrupt(message`has a table that is cut off`);
  let state = bitsAt(bytes, bit + table.log, table.log);
  let other = bitsAt(bytes, bit, table.log);
  for (let count = 0; count < MOST_SYMBOLS - 2; ) {
    const entry = table.entries[state];
    weights[count++] = entry & 0xff;
    const width = (entry >> 8) & 0xff;
    bit -= width;
    if (bit < least) {
      weights[count++] = table.entries[other] & 0xff;
      return count;
    }
    const next = (entry >> 16) + bitsAt(bytes, bit, width);
    state = other;
    other = next;
  }
  throw corrupt(message`has a table with too many symbols`);
}

/** @param count of weights; that of one symbol more follows from them */
function prefixTable(count: number): PrefixTable {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    if (weights[i] > LONGEST_LITERAL_CODE) throw corrupt(message`has too long a code`);
    sum += (1 << weights[i]) >> 1;
  }
  const bits = 32 - Math.clz32(sum);
  const left = (1 << bits) - sum;
  if (sum === 0 || bits > LONGEST_LITERAL_CODE || (left & (left - 1)) !== 0) {
    throw corrupt(message`has codes that do not fit together`);
  }
  weights[count] = 32 - Math.clz32(left);
  nextEntry.fill(0);
  for (let i = 0; i <= count; i++) nextEntry[weights[i] + 1] += (1 << weights[i]) >> 1;
  for (let weight = 1; weight <= bits; weight++) nextEntry[weight + 1] += nextEntry[weight];
  const entries = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol <= count; symbol++) {
    const weight = weights[symbol];
    if (weight === 0) continue;
    const at = nextEntry[weight];
    nextEntry[weight] += 1 << (weight - 1);
    entries.fill(((bits + 1 - weight) << 8) | symbol, at, nextEntry[weight]);
  }
  return { bits, entries };
}

/** Where what is read backwards begins: below the highest bit that is set. @throws WalError where there is none */
export function lastBit(bytes: Uint8Array, from: number, end: number): number {
  const last = end > from ? bytes[end - 1] : 0;
  if (last === 0) throw corrupt(message`has a sequence of bits without an end`);
  return end * 8 - 1 - Math.clz32(last << 24);
}

/** Up to 16 bits of what may end there. */
function bitsAt(bytes: Uint8Array, bit: number, width: number): number {
  const at = bit >> 3;
  const value = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
  return (value >> (bit & 7)) & ((1 << width) - 1);
}

export function corrupt(what: Message): WalError {
  return new WalError('corrupt-compression', message`Zstandard data ${what}`);
}
