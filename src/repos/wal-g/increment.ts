import { WalError } from '../../wal/error.js';
import { BLCKSZ } from '../../wal/record.js';
import { BLOCKS_PER_FILE } from '../../wal/relation-path.js';

/**
 * What a delta backup has of a file that changed (WAL-G's internal/databases/postgres/pagefile.go, 3.0.8): `wi1U`,
 * the file's size in 8 bytes, how many blocks there are and their numbers in 4 bytes each, and the blocks.
 */
export interface Increment {
  /** Blocks of the file. */
  size: number;
  /** By its number, where a block lies in {@link bytes}. */
  blocks: ReadonlyMap<number, number>;
  bytes: Uint8Array;
}

const MAGIC = [0x77, 0x69, 0x31, 0x55]; // wi1U
const HEADER_SIZE = 16;
/** The largest that a file of 1 GiB makes, all of whose blocks changed. */
export const LARGEST_INCREMENT = HEADER_SIZE + BLOCKS_PER_FILE * (4 + BLCKSZ);

/** @throws WalError `damaged-backup` */
export function parseIncrement(bytes: Uint8Array, file: string): Increment {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_SIZE || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw damaged(file, 'does not begin as an increment does');
  }
  const size = view.getBigUint64(4, true);
  const count = view.getUint32(12, true);
  if (size % BigInt(BLCKSZ) !== 0n || size > BLOCKS_PER_FILE * BLCKSZ) {
    throw damaged(file, `says that the file has ${size} bytes, which no file of a relation has`);
  }
  const first = HEADER_SIZE + 4 * count;
  if (bytes.length !== first + count * BLCKSZ) {
    throw damaged(file, `says that it has ${count} blocks, and has another size`);
  }
  const blocks = new Map<number, number>();
  for (let i = 0; i < count; i++) {
    blocks.set(view.getUint32(HEADER_SIZE + 4 * i, true), first + i * BLCKSZ);
  }
  return { size: Number(size) / BLCKSZ, blocks, bytes };
}

/**
 * A file as it was when the newest of its increments was taken. What lies beyond the end that the file had in between
 * is zeroes, as the file is cut and grows with each of them.
 * @param increments the newest first, at least one
 * @param base what the file was before all of them
 */
export async function* combined(
  increments: readonly Increment[],
  base: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const [{ size }] = increments;
  let block = 0;
  for await (const page of pagesOf(base)) {
    if (block === size) return;
    yield pageIn(increments, block++) ?? page;
  }
  while (block < size) yield pageIn(increments, block++) ?? new Uint8Array(BLCKSZ);
}

/** Undefined where none of the increments tells. */
function pageIn(increments: readonly Increment[], block: number): Uint8Array | undefined {
  for (const { size, blocks, bytes } of increments) {
    if (block >= size) return new Uint8Array(BLCKSZ);
    const at = blocks.get(block);
    if (at !== undefined) return bytes.subarray(at, at + BLCKSZ);
  }
  return undefined;
}

/** Blocks; the last is filled with zeroes. */
async function* pagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let page = new Uint8Array(BLCKSZ);
  let filled = 0;
  for await (const piece of body) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(piece.length - at, BLCKSZ - filled);
      page.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < BLCKSZ) continue;
      yield page;
      page = new Uint8Array(BLCKSZ);
      filled = 0;
    }
  }
  if (filled > 0) yield page;
}

export function damaged(file: string, what: string): WalError {
  return new WalError('damaged-backup', `${file} ${what}: the backup is damaged, take another one`, { file });
}
