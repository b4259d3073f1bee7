/**
 * Numbers in pages and tuples, byte by byte: to make a DataView takes longer than all that is read by it. Whoever reads
 * has checked the length.
 */

export const getUint16 = (bytes: Uint8Array, at: number): number => bytes[at] | (bytes[at + 1] << 8);

export const getUint32 = (bytes: Uint8Array, at: number): number =>
  (getUint16(bytes, at) | (getUint16(bytes, at + 2) << 16)) >>> 0;

export function setUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function setUint32(bytes: Uint8Array, at: number, value: number): void {
  setUint16(bytes, at, value);
  setUint16(bytes, at + 2, value >>> 16);
}
