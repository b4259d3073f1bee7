import type { ByteView } from '../wal/byte-view.js';

/** Bytes of the page number of an SLRU (`pg_xact`, `pg_multixact`, `pg_commit_ts`): since 17 it has 64 bits. */
export const pageNumberSize = (version: number): number => (version >= 17 ? 8 : 4);

/** @throws OutOfBounds */
export function readPageNumber(view: ByteView, offset: number, version: number): bigint {
  return version >= 17 ? view.i64(offset) : BigInt(view.i32(offset));
}
