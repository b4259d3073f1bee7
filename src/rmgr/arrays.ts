import type { ByteView } from '../wal/byte-view.js';

/** `count` 16-bit numbers (offset numbers, mostly). @throws OutOfBounds before anything is allocated */
export function readU16Array(view: ByteView, offset: number, count: number): number[] {
  const within = view.slice(offset, count * 2);
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) numbers.push(within.u16(i * 2));
  return numbers;
}

/** `count` 32-bit numbers. @throws OutOfBounds before anything is allocated */
export function readU32Array(view: ByteView, offset: number, count: number): number[] {
  const within = view.slice(offset, count * 4);
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) numbers.push(within.u32(i * 4));
  return numbers;
}

/** An array as descriptions show it since 16 (`array_desc`, src/backend/access/rmgrdesc/rmgrdesc_utils.c). */
export function arrayText(items: readonly (number | string)[]): string {
  return ` [${items.join(', ')}]`;
}
