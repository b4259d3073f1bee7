import { concat } from '../wal/concat.js';
import type { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { BLCKSZ } from '../wal/record.js';
import { BLOCKS_PER_FILE } from '../wal/relation-path.js';
import { damaged } from './backup-parts.js';
import { ChunkReader } from './chunk-reader.js';

/**
 * A file of a relation out of its versions in a chain of backups, as `pg_combinebackup` makes it
 * (src/bin/pg_combinebackup/reconstruct.c, 17 to 19): of an `INCREMENTAL.*` file the header says which blocks it has,
 * and how many the whole file has at least.
 */

/** A version of the file. */
export interface FileVersion {
  /** As messages name it. */
  name: string;
  kind: 'full' | 'incremental';
  body: AsyncIterable<Uint8Array>;
  /** Why the bytes are not what they should be; known when all of them went by. */
  fault(): WalError | undefined;
  /** Whether anything is to be learnt from bytes that nobody needs. */
  isChecked: boolean;
}

/** `INCREMENTAL_MAGIC` (src/include/backup/basebackup_incremental.h) */
const INCREMENTAL_MAGIC = 0xd3ae1f0d;
/** The magic, the number of blocks, the truncation length. */
const FIXED_SIZE = 12;

/**
 * The whole file, block by block.
 * @param versions the newest first, which is an incremental one, up to a full one
 * @throws WalError `damaged-backup`
 */
export async function* combinedBlocks(versions: AsyncIterable<FileVersion>): AsyncGenerator<Uint8Array> {
  const opened: BlockReader[] = [];
  try {
    for await (const version of versions) opened.push(await BlockReader.of(version));
    const owners = ownersOf(opened);
    for (const [block, owner] of owners.entries()) {
      yield (owner === 0 ? undefined : await opened[owner - 1].read(block)) ?? new Uint8Array(BLCKSZ);
    }
    for (const one of opened) await one.finish();
  } finally {
    for (const one of opened) await one.close();
  }
}

/** By block, which version has it: one more than its place among them; 0 for a block that none has. */
function ownersOf(versions: readonly BlockReader[]): Uint16Array {
  const { truncatedTo, blocks } = versions[0];
  const owners = new Uint16Array(Math.max(truncatedTo, (blocks?.at(-1) ?? -1) + 1));
  for (const block of blocks ?? []) owners[block] = 1;
  for (const [i, version] of versions.entries()) {
    // blocks after the truncation length come from the newest version only
    if (version.blocks === undefined) {
      for (let block = 0; block < truncatedTo; block++) owners[block] ||= i + 1;
    } else for (const block of version.blocks) if (block < truncatedTo) owners[block] ||= i + 1;
  }
  return owners;
}

/** Gives blocks of a version, in their order. */
class BlockReader {
  private position = 0;

  private constructor(
    private readonly version: FileVersion,
    private readonly input: ChunkReader,
    /** Those that it has, the lowest first; undefined for a full file. */
    readonly blocks: Uint32Array | undefined,
    /** How many the file had once it was truncated for the last time; of a full file it says nothing. */
    readonly truncatedTo: number,
  ) {}

  static async of(version: FileVersion): Promise<BlockReader> {
    const input = new ChunkReader(version.body);
    if (version.kind === 'full') return new BlockReader(version, input, undefined, 0);
    try {
      const { blocks, truncatedTo } = await readHeader(input, version.name);
      return new BlockReader(version, input, blocks, truncatedTo);
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  /** Undefined where a full file ends before that block: it was added later, and never written to. */
  async read(block: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const at = this.blocks === undefined ? this.position : this.blocks[this.position];
      const bytes = await this.input.peek(BLCKSZ);
      if (bytes.length < BLCKSZ) {
        if (this.blocks === undefined) return undefined;
        throw damaged(this.version.name, message`ends before all blocks that it says it has`);
      }
      await this.input.take(BLCKSZ);
      this.position++;
      if (at === block) return bytes;
    }
  }

  /** @throws WalError what is wrong with its bytes, as far as that can be told */
  async finish(): Promise<void> {
    const { isChecked, fault } = this.version;
    if (!isChecked) return;
    for await (const _ of this.input.rest());
    const problem = fault();
    if (problem) throw problem;
  }

  close(): Promise<void> {
    return this.input.close();
  }
}

async function readHeader(
  input: ChunkReader,
  name: string,
): Promise<{ blocks: Uint32Array; truncatedTo: number }> {
  const [magic, count, truncatedTo] = await readNumbers(input, FIXED_SIZE / 4, name);
  if (magic !== INCREMENTAL_MAGIC) throw damaged(name, message`does not begin as an incremental file does`);
  if (count > BLOCKS_PER_FILE || truncatedTo > BLOCKS_PER_FILE) {
    throw damaged(
      name,
      message`says that it has ${count} blocks of ${truncatedTo}, more than a file can have`,
    );
  }
  const blocks = await readNumbers(input, count, name);
  const isSorted = blocks.every((block, i) => i === 0 || block > blocks[i - 1]);
  if (!isSorted || (blocks.at(-1) ?? 0) >= BLOCKS_PER_FILE) {
    throw damaged(
      name,
      message`has numbers of blocks that are out of order, or of none that a file can have`,
    );
  }
  // the blocks begin at the next multiple of their size
  const size = FIXED_SIZE + 4 * count;
  if (count > 0) await readExactly(input, (BLCKSZ - (size % BLCKSZ)) % BLCKSZ, name);
  return { blocks, truncatedTo };
}

async function readNumbers(input: ChunkReader, count: number, name: string): Promise<Uint32Array> {
  const bytes = await readExactly(input, 4 * count, name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: count }, (_, i) => view.getUint32(4 * i, true));
}

async function readExactly(input: ChunkReader, size: number, name: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let left = size; left > 0; ) {
    const piece = await input.some(left);
    if (piece === undefined) throw damaged(name, message`ends within its header`);
    pieces.push(piece);
    left -= piece.length;
  }
  return concat(pieces);
}
