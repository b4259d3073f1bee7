import type { ByteView } from './byte-view.js';

/**
 * Reads a C struct field by field, each aligned to its own size, as compilers for 64-bit machines lay them out.
 * Each read may throw OutOfBounds.
 */
export class CStruct {
  private at = 0;

  constructor(
    private readonly view: ByteView,
    private readonly version: number,
  ) {}

  /** A field that a major version added; undefined before it. */
  since<T>(version: number, read: () => T): T | undefined {
    return this.version >= version ? read() : undefined;
  }

  /** A field that a major version took away; undefined from it on. */
  before<T>(version: number, read: () => T): T | undefined {
    return this.version < version ? read() : undefined;
  }

  /** Goes on at a multiple of `size`, where a struct within the struct ends. @returns the offset */
  align(size: number): number {
    this.at = Math.ceil(this.at / size) * size;
    return this.at;
  }

  /** The offset of a field of `size` bytes, which it steps over. */
  private field(size: number): number {
    const at = this.align(size);
    this.at += size;
    return at;
  }

  bool(): boolean {
    return this.view.u8(this.field(1)) !== 0;
  }

  u32(): number {
    return this.view.u32(this.field(4));
  }

  i32(): number {
    return this.view.i32(this.field(4));
  }

  u64(): bigint {
    return this.view.u64(this.field(8));
  }

  i64(): bigint {
    return this.view.i64(this.field(8));
  }

  f64(): number {
    return this.view.f64(this.field(8));
  }

  bytes(length: number): Uint8Array {
    const at = this.at;
    this.at += length;
    return this.view.bytes(at, length);
  }
}
