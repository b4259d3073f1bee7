import { damaged } from '../../sources/backup-parts.js';
import { ChunkReader } from '../../sources/chunk-reader.js';
import { PageCutter } from '../../sources/page-cutter.js';
import { message } from '../../wal/message.js';
import { BLCKSZ } from '../../wal/record.js';
import { BLOCKS_PER_FILE } from '../../wal/relation-path.js';

/**
 * What a delta backup has of a file that changed (WAL-G's internal/databases/postgres/pagefile.go, 3.0.8): `wi1U`,
 * the file's size in 8 bytes, how many blocks there are and their numbers in 4 bytes each, and the blocks.
 */
export interface Increment {
  /** Blocks of the file. */
  size: number;
  /** By its number, a block; those that newer increments have are left out. */
  blocks: ReadonlyMap<number, Uint8Array>;
}

const MAGIC = [0x77, 0x69, 0x31, 0x55]; // wi1U
const HEADER_SIZE = 16;

/**
 * @param bytes how many there are
 * @param newer increments of the same file, which have been read before
 * @throws WalError `damaged-backup`
 */
export async function readIncrement(
  body: AsyncIterable<Uint8Array>,
  bytes: number,
  file: string,
  newer: readonly Increment[],
): Promise<Increment> {
  const input = new ChunkReader(body);
  const read = async (size: number): Promise<Uint8Array> => {
    const taken = size > bytes ? undefined : await input.take(size);
    if (taken === undefined) throw damaged(file, message`has another size than it says`);
    return taken;
  };
  const header = await read(HEADER_SIZE);
  if (MAGIC.some((byte, i) => header[i] !== byte))
    throw damaged(file, message`does not begin as an increment does`);
  const view = viewOf(header);
  const stated = view.getBigUint64(4, true);
  const count = view.getUint32(12, true);
  if (stated % BigInt(BLCKSZ) !== 0n || stated > BLOCKS_PER_FILE * BLCKSZ) {
    throw damaged(file, message`says that the file has ${stated} bytes, which no file of a relation has`);
  }
  if (count > BLOCKS_PER_FILE || bytes !== HEADER_SIZE + count * (4 + BLCKSZ)) {
    throw damaged(file, message`says that it has ${count} blocks, and has another size than it says`);
  }
  const size = Number(stated) / BLCKSZ;
  const numbers = viewOf((await read(4 * count)).slice());
  const blocks = new Map<number, Uint8Array>();
  for (let i = 0; i < count; i++) {
    const block = numbers.getUint32(4 * i, true);
    const page = await read(BLCKSZ);
    const isNeeded = block < size && newer.every((one) => block < one.size && !one.blocks.has(block));
    if (isNeeded) blocks.set(block, new Uint8Array(page));
  }
  return { size, blocks };
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

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
  for (const { size, blocks } of increments) {
    if (block >= size) return new Uint8Array(BLCKSZ);
    const page = blocks.get(block);
    if (page !== undefined) return page;
  }
  return undefined;
}

/** Blocks; the last is filled with zeroes. */
async function* pagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const cutter = new PageCutter();
  for await (const piece of body) yield* cutter.pagesOf(piece);
  if (cutter.begun) yield cutter.begun;
}
