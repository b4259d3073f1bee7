import { WalError } from './error.js';
import { message } from './message.js';

/** Thrown by {@link ByteView} when a field would lie outside of the bytes there are. */
export class OutOfBounds extends WalError {
  constructor(offset: number, size: number, length: number) {
    super('out-of-bounds', message`${size} bytes at offset ${offset} do not fit into ${length} bytes`);
  }
}

const FEW = 100;

/**
 * A window on little-endian bytes with checked access: offsets count from the window's start, and any read
 * outside of it throws {@link OutOfBounds}. WAL is written in the byte order of the machine; all platforms that
 * PostgreSQL commonly runs on are little-endian, and so is everything here.
 */
export class ByteView {
  constructor(
    private readonly view: DataView,
    private readonly start: number,
    readonly length: number,
  ) {}

  static of(bytes: Uint8Array): ByteView {
    return new ByteView(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0, bytes.byteLength);
  }

  private at(offset: number, size: number): number {
    // `!(x >= 0)` also catches NaN, and `size` may come from the data
    if (!(offset >= 0) || !(size >= 0) || offset + size > this.length) {
      throw new OutOfBounds(offset, size, this.length);
    }
    return this.start + offset;
  }

  u8(offset: number): number {
    return this.view.getUint8(this.at(offset, 1));
  }

  i8(offset: number): number {
    return this.view.getInt8(this.at(offset, 1));
  }

  u16(offset: number): number {
    return this.view.getUint16(this.at(offset, 2), true);
  }

  i16(offset: number): number {
    return this.view.getInt16(this.at(offset, 2), true);
  }

  u32(offset: number): number {
    return this.view.getUint32(this.at(offset, 4), true);
  }

  i32(offset: number): number {
    return this.view.getInt32(this.at(offset, 4), true);
  }

  u64(offset: number): bigint {
    return this.view.getBigUint64(this.at(offset, 8), true);
  }

  i64(offset: number): bigint {
    return this.view.getBigInt64(this.at(offset, 8), true);
  }

  f32(offset: number): number {
    return this.view.getFloat32(this.at(offset, 4), true);
  }

  f64(offset: number): number {
    return this.view.getFloat64(this.at(offset, 8), true);
  }

  /** `length` bytes from `offset` (to the end when left out), without copying. */
  bytes(offset: number, length: number = this.length - offset): Uint8Array {
    const at = this.at(offset, length);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + at, length);
  }

  /** Copies `length` bytes from `offset` to `to` of a target: few of them one by one, as a view takes longer to make. */
  copy(offset: number, length: number, target: Uint8Array, to: number): void {
    const at = this.at(offset, length);
    if (length > FEW) target.set(this.bytes(offset, length), to);
    else for (let i = 0; i < length; i++) target[to + i] = this.view.getUint8(at + i);
  }

  /** A window within this one. */
  slice(offset: number, length: number = this.length - offset): ByteView {
    return new ByteView(this.view, this.at(offset, length), length);
  }

  /** The bytes from `offset` to before the next zero byte (or to `limit` bytes, or the end). */
  cstring(offset: number, limit: number = this.length - offset): Uint8Array {
    const bytes = this.bytes(offset, Math.min(limit, this.length - offset));
    const end = bytes.indexOf(0);
    return end < 0 ? bytes : bytes.subarray(0, end);
  }
}
