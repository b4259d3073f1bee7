import { expect } from 'vitest';

const INSTALLED = Symbol.for('walscan.equal-bytes');

/** Typed arrays are compared at once: byte by byte, as `toEqual` does it, a megabyte takes seconds. */
function equalBytes(a: unknown, b: unknown): boolean | undefined {
  if (!isTypedArray(a) || !isTypedArray(b) || a.constructor !== b.constructor) return undefined;
  // how they differ is told as it was before
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0 ? true : undefined;
}

const isTypedArray = (value: unknown): value is ArrayBufferView =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

// once in a process, which runs many test files
if (!(INSTALLED in globalThis)) {
  Object.assign(globalThis, { [INSTALLED]: true });
  expect.addEqualityTesters([equalBytes]);
}
