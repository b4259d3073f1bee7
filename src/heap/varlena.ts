import { ByteView, OutOfBounds } from '../wal/byte-view.js';
import { WalError } from '../wal/error.js';
import { lz4BlockDecompress } from '../wal/lz4.js';
import { message } from '../wal/message.js';
import { pglzDecompress } from '../wal/pglz.js';
import { getUint32 } from './bytes.js';

/**
 * Values of variable length (PostgreSQL: src/include/varatt.h, src/include/postgres.h before 16). The first byte
 * tells the kind: `…1` a header of one byte, exactly 1 a pointer to a TOAST table, `…00` a header of four bytes,
 * `…10` the same with compressed data.
 */

/** `VARTAG_ONDISK`, the only kind of external pointer found on disk. */
const VARTAG_ONDISK = 18;
const EXTERNAL_SIZE = 18;

/** Which compression: 0 pglz, 1 lz4 (since 14; before, those bits are always zero). */
type Compression = 'pglz' | 'lz4';

/** A pointer to a value in a TOAST table (`varatt_external`). */
export interface ToastPointer {
  /** Bytes of the value as a plain varlena, less its header of four bytes. */
  rawSize: number;
  /** Bytes stored in the TOAST table. */
  storedSize: number;
  valueId: number;
  /** The oid (not the file) of the TOAST table. */
  toastRelation: number;
}

type Varlena =
  | { kind: 'plain'; data: Uint8Array }
  | { kind: 'compressed'; data: Uint8Array }
  | { kind: 'external'; pointer: ToastPointer };

/** The size in bytes of the varlena at `offset`, its header included. @throws WalError `corrupt-tuple` */
export function varlenaSize(bytes: Uint8Array, offset: number, end = bytes.length): number {
  if (offset >= end) throw new WalError('corrupt-tuple', message`a value is missing at the end of a tuple`);
  const first = bytes[offset];
  if (first === 1) {
    if (bytes[offset + 1] !== VARTAG_ONDISK)
      throw new WalError('corrupt-tuple', message`unknown kind of TOAST pointer`);
    return EXTERNAL_SIZE;
  }
  if (first & 1) return first >> 1;
  if (offset + 4 > end) throw new OutOfBounds(offset, 4, end);
  const size = getUint32(bytes, offset) >>> 2;
  if (size < 4)
    throw new WalError('corrupt-tuple', message`a value of ${size} bytes is shorter than its header`);
  return size;
}

/** Reads a stored varlena (exactly its bytes). @throws WalError `corrupt-tuple`, OutOfBounds */
export function readVarlena(bytes: Uint8Array): Varlena {
  const first = bytes[0];
  if (first === 1) return { kind: 'external', pointer: readPointer(bytes) };
  if (first & 1) return { kind: 'plain', data: bytes.subarray(1) };
  if ((first & 3) === 2) return { kind: 'compressed', data: bytes.subarray(4) };
  return { kind: 'plain', data: bytes.subarray(4) };
}

function readPointer(bytes: Uint8Array): ToastPointer {
  const view = ByteView.of(bytes);
  if (view.u8(1) !== VARTAG_ONDISK)
    throw new WalError('corrupt-tuple', message`unknown kind of TOAST pointer`);
  return {
    rawSize: view.u32(2) - 4,
    storedSize: view.u32(6) & 0x3fffffff,
    valueId: view.u32(10),
    toastRelation: view.u32(14),
  };
}

/** Unpacks compressed data, which begins with its raw size and the compression (`va_tcinfo`). */
export function decompress(data: Uint8Array): Uint8Array {
  const info = ByteView.of(data).u32(0);
  const rawSize = info & 0x3fffffff;
  const compressed = data.subarray(4);
  return compressionOf(info) === 'pglz'
    ? pglzDecompress(compressed, rawSize)
    : lz4BlockDecompress(compressed, rawSize);
}

function compressionOf(info: number): Compression {
  const method = info >>> 30;
  if (method > 1) throw new WalError('corrupt-tuple', message`unknown compression method ${method}`);
  return method === 0 ? 'pglz' : 'lz4';
}

/** Gives the stored bytes of a TOAST value: all chunks in order. @throws WalError `missing-toast` */
export type FetchToast = (pointer: ToastPointer) => Uint8Array;

/** For values that cannot be external, such as those within arrays. */
export const noToast: FetchToast = () => {
  throw new WalError('missing-toast', message`a value lies in a TOAST table that is not at hand`);
};

/** The data of a stored varlena without any header, unpacked. @throws WalError */
export function detoast(bytes: Uint8Array, fetch: FetchToast): Uint8Array {
  const value = readVarlena(bytes);
  if (value.kind === 'plain') return value.data;
  if (value.kind === 'compressed') return decompress(value.data);
  const { rawSize, storedSize } = value.pointer;
  const stored = fetch(value.pointer);
  // compressed when that made it smaller (VARATT_EXTERNAL_IS_COMPRESSED)
  return storedSize < rawSize ? decompress(stored) : stored;
}
