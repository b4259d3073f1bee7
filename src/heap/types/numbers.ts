import type { ByteView } from '../../wal/byte-view.js';
import { formatLsnOf } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { formatFloat4, formatFloat8 } from './float.js';
import { corruptValue, type Output } from './type.js';

/** Numbers and identifiers of fixed size. */

export const bool: Output = (v) => {
  const byte = v.u8(0);
  if (byte > 1) throw corruptValue(message`a bool of the byte ${byte}`);
  return byte ? 't' : 'f';
};
export const int2: Output = (v) => String(v.i16(0));
export const int4: Output = (v) => String(v.i32(0));
export const int8: Output = (v) => String(v.i64(0));
/** oid, xid, cid. */
export const uint4: Output = (v) => String(v.u32(0));
export const uint8: Output = (v) => String(v.u64(0));
export const float4: Output = (v) => formatFloat4(v.f32(0));
export const float8: Output = (v) => formatFloat8(v.f64(0));
export const pgLsn: Output = (v, { version }) => formatLsnOf(v.u64(0), version);

/** The block number is stored as two halves, the higher one first. */
export const tid: Output = (v) => `(${v.u16(0) * 65536 + v.u16(2)},${v.u16(4)})`;

/** txid_snapshot, pg_snapshot: how many run, the first one that does, the first one to come, those that run. */
export const snapshot: Output = (v) => {
  const running: bigint[] = [];
  const count = v.u32(0);
  if (v.length !== 20 + count * 8)
    throw corruptValue(message`a snapshot of ${count} transactions in ${v.length} bytes`);
  for (let i = 0; i < count; i++) running.push(v.u64(20 + i * 8));
  return `${v.u64(4)}:${v.u64(12)}:${running.join(',')}`;
};

/** money with `lc_monetary = C`: a dollar sign, two decimals (src/backend/utils/adt/cash.c). */
export const money: Output = (v) => {
  const cents = v.i64(0);
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${cents < 0n ? '-' : ''}$${whole}.${digits.slice(-2)}`;
};

/** int2vector and oidvector: arrays of one dimension that print as numbers between spaces. */
export const int2Vector: Output = (v) => vector(v, 2, (at) => v.i16(at));
export const oidVector: Output = (v) => vector(v, 4, (at) => v.u32(at));

function vector(v: ByteView, size: number, read: (at: number) => number): string {
  const start = 20;
  const count = v.i32(12);
  if (v.length !== start + count * size)
    throw corruptValue(message`a vector of ${count} numbers in ${v.length} bytes`);
  return Array.from({ length: count }, (_, i) => read(start + i * size)).join(' ');
}
