import { message } from '../../wal/message.js';
import { noFacts } from './no-facts.js';

/** Structs nest no deeper in the header of a page. */
const DEEPEST = 4;

/** The numbers and structs of a struct, by the numbers of its fields. */
class CompactStruct {
  constructor(private readonly fields: ReadonlyMap<number, number | CompactStruct>) {}

  /** @throws Error where there is none, or it is negative */
  number(field: number): number {
    const value = this.fields.get(field);
    if (typeof value === 'number' && value >= 0) return value;
    throw noFacts(message`a page has no number in field ${field}`);
  }

  /** @throws Error where there is none */
  struct(field: number): CompactStruct {
    const value = this.fields.get(field);
    if (value instanceof CompactStruct) return value;
    throw noFacts(message`a page has nothing in field ${field}`);
  }
}

/** Kinds of fields in Thrift's compact protocol. */
const STOP = 0;
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I64 = 6;
const BINARY = 8;
const STRUCT = 12;

/** Reads Thrift's compact protocol, and numbers as it has them. */
export class CompactReader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** @throws Error where it is longer than 32 bits */
  number(): number {
    let value = 0;
    for (let shift = 1; shift <= 2 ** 28; shift *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
    throw noFacts(message`a number is too long`);
  }

  /** @throws Error where it is longer than 64 bits */
  skipNumber(): void {
    const end = this.at + 10;
    while (this.byte() >= 0x80) if (this.at === end) throw noFacts(message`a number is too long`);
  }

  take(length: number): Uint8Array {
    this.at += length;
    if (this.at > this.bytes.length) throw noFacts(message`it was cut off`);
    return this.bytes.subarray(this.at - length, this.at);
  }

  struct(depth = 0): CompactStruct {
    if (depth === DEEPEST) throw noFacts(message`a page has structs in structs in structs`);
    const fields = new Map<number, number | CompactStruct>();
    for (let field = 0; ; ) {
      const byte = this.byte();
      const kind = byte & 0x0f;
      if (kind === STOP) return new CompactStruct(fields);
      if (byte < 0x10) throw noFacts(message`the fields of a page are in no order`);
      field += byte >> 4;
      const value = this.value(kind, depth);
      if (value !== undefined) fields.set(field, value);
    }
  }

  /** @returns undefined for what pages need not have */
  private value(kind: number, depth: number): number | CompactStruct | undefined {
    if (kind === TRUE || kind === FALSE) return undefined;
    if (kind === STRUCT) return this.struct(depth + 1);
    if (kind === BINARY) {
      this.take(this.number());
      return undefined;
    }
    if (kind <= BYTE || kind > I64) throw noFacts(message`a page has a field of another kind`);
    const zigzag = this.number();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  private byte(): number {
    if (this.at >= this.bytes.length) throw noFacts(message`it was cut off`);
    return this.bytes[this.at++];
  }
}
