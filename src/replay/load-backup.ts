import type { Backup } from '../sources/backup.js';
import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { BLCKSZ, type RelFileLocator } from '../wal/record.js';
import type { BlockStore } from './block-store.js';
import { ClusterFiles, relationPartOf } from './cluster-files.js';

/** A relation is cut into files of this many blocks (1 GiB), unless PostgreSQL was built otherwise (`RELSEG_SIZE`). */
const BLOCKS_PER_PART = 131_072;

/** More than any of the small files has: one of pg_xact has 256 KiB. */
const SMALL_FILE_LIMIT = 16 * 1024 * 1024;

/**
 * Reads a backup's small files, and on the way the blocks of relations that are wanted already.
 * @throws WalError
 */
export async function loadClusterFiles(
  backup: Backup,
  storeOf: (file: RelFileLocator) => BlockStore | undefined,
): Promise<ClusterFiles> {
  const files = new ClusterFiles(backup.name);
  await backup.visit(
    (path) => ClusterFiles.wants(path) || isWantedRelation(path, storeOf),
    async (path, body) => {
      if (ClusterFiles.wants(path)) files.add(path, await readSmallFile(path, body));
      else await loadPart(path, body, storeOf);
    },
  );
  const { blockSize, blocksPerRelationSegment } = files.control;
  if (blockSize !== BLCKSZ) {
    throw new WalError('unsupported-block-size', `${backup.name} has blocks of ${blockSize} bytes`);
  }
  if (blocksPerRelationSegment !== BLOCKS_PER_PART) {
    throw new WalError(
      'unsupported-segment-size',
      `${backup.name} has relations in files of ${blocksPerRelationSegment} blocks`,
    );
  }
  return files;
}

/** Reads the blocks of relations out of a backup. @throws WalError */
export async function loadRelations(
  backup: Backup,
  storeOf: (file: RelFileLocator) => BlockStore | undefined,
): Promise<void> {
  await backup.visit(
    (path) => isWantedRelation(path, storeOf),
    (path, body) => loadPart(path, body, storeOf),
  );
}

function isWantedRelation(path: string, storeOf: (file: RelFileLocator) => BlockStore | undefined): boolean {
  const part = relationPartOf(path);
  return part !== undefined && storeOf(part.file) !== undefined;
}

async function loadPart(
  path: string,
  body: AsyncIterable<Uint8Array>,
  storeOf: (file: RelFileLocator) => BlockStore | undefined,
): Promise<void> {
  const part = relationPartOf(path);
  const store = part && storeOf(part.file);
  if (!part || !store) throw new WalError('unreadable', `${path} is no relation that is wanted`);
  let block = part.part * BLOCKS_PER_PART;
  let page = new Uint8Array(BLCKSZ);
  let filled = 0;
  for await (const piece of body) {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(piece.length - at, BLCKSZ - filled);
      page.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < BLCKSZ) continue;
      store.write(block++, page);
      page = new Uint8Array(BLCKSZ);
      filled = 0;
    }
  }
  // a block that was just being added when the file was read comes whole in the WAL
}

async function readSmallFile(path: string, body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size > SMALL_FILE_LIMIT)
      throw new WalError('file-too-large', `${path} has more bytes than can be right`);
  }
  return concat(pieces);
}
