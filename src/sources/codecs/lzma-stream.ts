import { message } from '../../wal/message.js';
import { WindowRoom } from '../../wal/window-room.js';
import { corrupt } from './codec.js';

const HEADER_SIZE = 13;
/** What the range coder begins with. */
const CODE_SIZE = 5;
/** More than a literal or a match takes of the input. */
const LOOKAHEAD = 32;
const PIECE_SIZE = 256 * 1024;
const LONGEST_MATCH = 273;
/** As of xz: what `xz -9` makes. */
const LARGEST_DICTIONARY = 64 * 1024 * 1024;
const LEAST_DICTIONARY = 4096;

const STATES = 12;
const POSITIONS = 16;
const DISTANCE_STATES = 4;
/** Of a model of lengths: two choices, lengths of 2 to 9 and 10 to 17 by position, and the long ones. */
const SHORT_LENGTHS = 2;
const MIDDLE_LENGTHS = SHORT_LENGTHS + 8 * POSITIONS;
const LONG_LENGTHS = MIDDLE_LENGTHS + 8 * POSITIONS;
const LENGTH_MODEL = LONG_LENGTHS + 256;

/** Where the probabilities of each kind begin. */
const IS_MATCH = 0;
const IS_REPEATED = IS_MATCH + STATES * POSITIONS;
const IS_NOT_NEWEST = IS_REPEATED + STATES;
const IS_NOT_SECOND = IS_NOT_NEWEST + STATES;
const IS_NOT_THIRD = IS_NOT_SECOND + STATES;
const IS_LONG = IS_NOT_THIRD + STATES;
const SLOTS = IS_LONG + STATES * POSITIONS;
const DISTANCES = SLOTS + DISTANCE_STATES * 64;
const ALIGN = DISTANCES + 115;
const LENGTHS = ALIGN + 16;
const REPEATED_LENGTHS = LENGTHS + LENGTH_MODEL;
const LITERALS = REPEATED_LENGTHS + LENGTH_MODEL;
const LITERAL_MODEL = 0x300;

const AFTER_END = message`it has something else after its end`;

/** Of 2048: as likely as not. */
const EVEN = 1024;

/**
 * Unpacks a file of LZMA alone, piece by piece. By no library: docs/decisions/compression.md. Format: LZMA
 * specification (draft of 2015-06-14), part of the LZMA SDK.
 */
export class LzmaStream {
  private input = new Uint8Array(0);
  private at = 0;
  private hasEnded = false;

  private probabilities = new Uint16Array(0);
  private contextBits = 0;
  private literalMask = 0;
  private positionMask = 0;
  private dictionary = 0;
  /** Undefined where a mark tells the end. */
  private size: number | undefined;

  private range = 0xffffffff;
  private code = 0;
  private state = 0;
  /** How far back the last four matches were, less one. */
  private distances: [number, number, number, number] = [0, 0, 0, 0];
  private readonly room = new WindowRoom();
  private unpacked = 0;
  private isDone = false;

  /** @throws WalError `corrupt-compression` */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    const left = this.input.subarray(this.at);
    const joined = new Uint8Array(left.length + chunk.length);
    joined.set(left);
    joined.set(chunk, left.length);
    this.input = joined;
    this.at = 0;
    yield* this.run();
  }

  /** What is left. @throws WalError `corrupt-compression`, also where the input has ended too early */
  *end(): Generator<Uint8Array> {
    this.hasEnded = true;
    yield* this.run();
  }

  private get left(): number {
    return this.input.length - this.at;
  }

  private *run(): Generator<Uint8Array> {
    if (this.probabilities.length === 0) {
      if (this.left < HEADER_SIZE + CODE_SIZE) {
        if (this.hasEnded) throw corrupt(message`it ends too early`);
        return;
      }
      this.begin();
    }
    while (this.goesOn()) {
      const { room } = this;
      room.reserve(PIECE_SIZE + LONGEST_MATCH, this.dictionary, 2 * PIECE_SIZE);
      const from = room.used;
      try {
        while (room.used - from < PIECE_SIZE && this.goesOn()) this.step();
      } finally {
        if (room.used > from) yield room.bytes.slice(from, room.used);
      }
    }
    if (this.isDone && this.left > 0) throw corrupt(AFTER_END);
  }

  private goesOn(): boolean {
    // a mark may come after the size that is stated
    if (this.hasEnded && this.left === 0 && this.unpacked === this.size) this.isDone = true;
    return !this.isDone && (this.hasEnded || this.left >= LOOKAHEAD);
  }

  private begin(): void {
    const view = new DataView(this.input.buffer, this.input.byteOffset, this.input.byteLength);
    const properties = view.getUint8(0);
    if (properties >= 9 * 5 * 5) throw corrupt(message`it does not begin as LZMA does`);
    const dictionary = view.getUint32(1, true);
    const size = view.getBigUint64(5, true);
    if (dictionary > LARGEST_DICTIONARY) throw corrupt(message`it needs a dictionary of more than 64 MiB`);
    this.dictionary = Math.max(dictionary, LEAST_DICTIONARY);
    this.size = size === 2n ** 64n - 1n ? undefined : Number(size);
    this.contextBits = properties % 9;
    const literalBits = Math.floor(properties / 9) % 5;
    this.literalMask = 2 ** literalBits - 1;
    this.positionMask = 2 ** Math.floor(properties / 45) - 1;
    const literals = LITERAL_MODEL << (this.contextBits + literalBits);
    this.probabilities = new Uint16Array(LITERALS + literals).fill(EVEN);
    this.at = HEADER_SIZE;
    if (this.byte() !== 0) throw corrupt(message`it does not begin as LZMA does`);
    for (let i = 1; i < CODE_SIZE; i++) this.code = ((this.code << 8) | this.byte()) >>> 0;
  }

  /** A literal, a match, or the mark of the end. */
  private step(): void {
    const { state } = this;
    const position = this.unpacked & this.positionMask;
    if (this.bit(IS_MATCH + state * POSITIONS + position) === 0) {
      this.literal();
    } else if (this.bit(IS_REPEATED + state) === 0) {
      const length = this.length(LENGTHS, position);
      this.state = state < 7 ? 7 : 10;
      const distance = this.distance(length);
      if (distance === 0xffffffff) {
        const isEnd = this.size === undefined || this.size === this.unpacked;
        if (!isEnd || this.code !== 0) throw corrupt(message`it ends where it should not`);
        this.isDone = true;
        return;
      }
      const [newest, second, third] = this.distances;
      this.distances = [distance, newest, second, third];
      this.copy(length);
    } else this.repeated(position);
  }

  private literal(): void {
    const { room, unpacked } = this;
    if (unpacked === this.size) throw corrupt(AFTER_END);
    const before = unpacked === 0 ? 0 : room.bytes[room.used - 1];
    const context = ((unpacked & this.literalMask) << this.contextBits) + (before >> (8 - this.contextBits));
    const model = LITERALS + LITERAL_MODEL * context;
    let symbol = 1;
    if (this.state >= 7) {
      let match = room.bytes[this.source()];
      do {
        const expected = (match >> 7) & 1;
        match <<= 1;
        const bit = this.bit(model + ((1 + expected) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== expected) break;
      } while (symbol < 0x100);
    }
    while (symbol < 0x100) symbol = (symbol << 1) | this.bit(model + symbol);
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
    room.bytes[room.used++] = symbol;
    this.unpacked++;
  }

  /** A match as far back as one of the last four. */
  private repeated(position: number): void {
    const { state, distances } = this;
    const [newest, second, third, fourth] = distances;
    if (this.bit(IS_NOT_NEWEST + state) === 0) {
      if (this.bit(IS_LONG + state * POSITIONS + position) === 0) {
        this.state = state < 7 ? 9 : 11;
        this.copy(1);
        return;
      }
    } else if (this.bit(IS_NOT_SECOND + state) === 0) {
      this.distances = [second, newest, third, fourth];
    } else if (this.bit(IS_NOT_THIRD + state) === 0) {
      this.distances = [third, newest, second, fourth];
    } else this.distances = [fourth, newest, second, third];
    const length = this.length(REPEATED_LENGTHS, position);
    this.state = state < 7 ? 8 : 11;
    this.copy(length);
  }

  private copy(length: number): void {
    const { room } = this;
    if (this.size !== undefined && this.unpacked + length > this.size) {
      throw corrupt(message`it does not unpack to the size it states`);
    }
    let from = this.source();
    const { bytes } = room;
    for (const end = room.used + length; room.used < end; ) bytes[room.used++] = bytes[from++];
    this.unpacked += length;
  }

  /** Where the newest distance leads. */
  private source(): number {
    const [distance] = this.distances;
    if (distance >= this.unpacked || distance >= this.dictionary) {
      throw corrupt(message`it refers to what is before its beginning`);
    }
    return this.room.used - distance - 1;
  }

  private length(model: number, position: number): number {
    if (this.bit(model) === 0) return 2 + this.tree(model + SHORT_LENGTHS + 8 * position, 3);
    if (this.bit(model + 1) === 0) return 10 + this.tree(model + MIDDLE_LENGTHS + 8 * position, 3);
    return 18 + this.tree(model + LONG_LENGTHS, 8);
  }

  private distance(length: number): number {
    const slot = this.tree(SLOTS + 64 * Math.min(length - 2, DISTANCE_STATES - 1), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return high + this.reverseTree(DISTANCES + high - slot, bits);
    return high + this.direct(bits - 4) * 16 + this.reverseTree(ALIGN, 4);
  }

  private tree(model: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.bit(model + symbol);
    return symbol - (1 << bits);
  }

  private reverseTree(model: number, bits: number): number {
    let node = 1;
    let symbol = 0;
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(model + node);
      node = (node << 1) | bit;
      symbol |= bit << i;
    }
    return symbol;
  }

  /** Bits that are as likely as not. */
  private direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.range >>>= 1;
      const bit = this.code >= this.range ? 1 : 0;
      if (bit === 1) this.code -= this.range;
      value = value * 2 + bit;
      this.normalize();
    }
    return value;
  }

  private bit(index: number): 0 | 1 {
    const probability = this.probabilities[index];
    const bound = (this.range >>> 11) * probability;
    let bit: 0 | 1;
    if (this.code < bound) {
      this.range = bound;
      this.probabilities[index] = probability + ((2048 - probability) >> 5);
      bit = 0;
    } else {
      this.range -= bound;
      this.code -= bound;
      this.probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    // as normalize(), which would take a call for each bit
    if (this.range < 2 ** 24) {
      this.range = (this.range << 8) >>> 0;
      this.code = ((this.code << 8) | this.byte()) >>> 0;
    }
    return bit;
  }

  private normalize(): void {
    if (this.range >= 2 ** 24) return;
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | this.byte()) >>> 0;
  }

  private byte(): number {
    if (this.at === this.input.length) throw corrupt(message`it ends too early`);
    return this.input[this.at++];
  }
}
