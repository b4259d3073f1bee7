import type { ByteView } from '../../wal/byte-view.js';
import { message } from '../../wal/message.js';
import { formatFloat8 } from './float.js';
import { corruptValue, type Output } from './type.js';

/** Geometric types (PostgreSQL: src/include/utils/geo_decls.h, src/backend/utils/adt/geo_ops.c). */

const number = (v: ByteView, at: number): string => formatFloat8(v.f64(at));
const pointAt = (v: ByteView, at: number): string => `(${number(v, at)},${number(v, at + 8)})`;

/** The header of a varlena is not part of `v`: points start at byte `start`. */
function points(v: ByteView, count: number, start: number): string {
  if (v.length !== start + count * 16) throw corruptValue(message`${count} points in ${v.length} bytes`);
  return Array.from({ length: count }, (_, i) => pointAt(v, start + i * 16)).join(',');
}

export const point: Output = (v) => pointAt(v, 0);
export const line: Output = (v) => `{${number(v, 0)},${number(v, 8)},${number(v, 16)}}`;
export const lseg: Output = (v) => `[${points(v, 2, 0)}]`;
export const box: Output = (v) => points(v, 2, 0);
export const circle: Output = (v) => `<${pointAt(v, 0)},${number(v, 16)}>`;

/** Number of points, whether closed, four unused bytes, the points. */
export const path: Output = (v) => {
  const inner = points(v, v.u32(0), 12);
  const closed = v.i32(4);
  if (closed !== 0 && closed !== 1)
    throw corruptValue(message`a path that is neither open nor closed: ${closed}`);
  return closed ? `(${inner})` : `[${inner}]`;
};

/** Number of points, the bounding box, the points. */
export const polygon: Output = (v) => `(${points(v, v.u32(0), 36)})`;
