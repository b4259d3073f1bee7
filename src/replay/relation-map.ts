import { ByteView } from '../wal/byte-view.js';
import { crc32c } from '../wal/crc32c.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';

/**
 * `pg_filenode.map`: the files of those catalogs that pg_class cannot tell about, since it is one of them
 * (PostgreSQL: src/backend/utils/cache/relmapper.c). Room for 62 entries, since 16 for 64; the same file is in
 * the WAL where it changes.
 */

const MAGIC = 0x592717;
const ENTRY_SIZE = 8;

/** The relfilenode of each mapped relation's oid. @throws WalError `corrupt-relation-map` */
export function readRelationMap(bytes: Uint8Array, version: number): Map<number, number> {
  const view = ByteView.of(bytes);
  const crcAt = 8 + (version >= 16 ? 64 : 62) * ENTRY_SIZE;
  if (view.length < crcAt + 4 || view.u32(0) !== MAGIC || view.u32(crcAt) !== crc32c(view.bytes(0, crcAt))) {
    throw new WalError('corrupt-relation-map', message`a pg_filenode.map is damaged`);
  }
  const map = new Map<number, number>();
  const count = Math.min(view.u32(4), (crcAt - 8) / ENTRY_SIZE);
  for (let i = 0; i < count; i++) map.set(view.u32(8 + i * ENTRY_SIZE), view.u32(12 + i * ENTRY_SIZE));
  return map;
}
