import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type ByteSource, PIECE_SIZE, type SourceFolder } from '../../sources/byte-source.js';
import { ChunkReader } from '../../sources/chunk-reader.js';
import { bzip2 } from '../../sources/codecs/bzip2.js';
import type { Unpack } from '../../sources/codecs/codec.js';
import { gzip } from '../../sources/codecs/gzip.js';
import type { KnownCodec } from '../../sources/codecs/index.js';
import { lz4 } from '../../sources/codecs/lz4.js';
import { unpackZlib } from '../../sources/codecs/zlib.js';
import { zstd } from '../../sources/codecs/zstd.js';
import { fileBelow } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { storedBytes } from '../../sources/stored-bytes.js';
import { concat } from '../../wal/concat.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { BETA_VERSION, withoutBlockNumbers, withoutChunkSizes } from './beta-blocks.js';
import { type BlockRun, readBlockMap } from './block-map.js';
import { deciphered } from './cipher.js';
import type { CompressType, Manifest, StoredFile } from './manifest.js';

/** What it takes to read files of a backup. */
export interface BackupPlace {
  manifest: Manifest;
  /** The folder of a backup. @throws WalError `missing-backup` */
  folderOf(label: string): Promise<SourceFolder>;
}

const CODECS: Readonly<Record<Exclude<CompressType, 'none'>, KnownCodec>> = {
  gz: gzip,
  lz4,
  zst: zstd,
  bz2: bzip2,
};

/** What a file of it is called after its name in the data folder (`BACKUP_BLOCK_INCR_EXT`, src/command/backup/common.h). */
function suffixOf({ blocks }: Pick<StoredFile, 'blocks'>, compressType: CompressType): string {
  if (blocks !== undefined) return '.pgbi';
  return compressType === 'none' ? '' : `.${compressType}`;
}

/** Where a file lies in the folder of a backup (`backupFileRepoPath`, src/command/backup/common.c). */
export function placeOf(
  file: Pick<StoredFile, 'path' | 'blocks' | 'bundle'>,
  compressType: CompressType,
): string {
  return file.bundle ? `bundle/${file.bundle.id}` : file.path + suffixOf(file, compressType);
}

/**
 * The bytes of a file as they were in the data folder (src/command/restore/file.c.inc).
 * @throws WalError `missing-backup`; `damaged-backup` with the file's name in the repository; what reading it throws
 */
export async function* plainBytes(
  place: BackupPlace,
  file: StoredFile,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  if (file.size === 0) return;
  const stored = await storedPart(place, file, reading);
  const bytes = unpackedFile(place, file, stored, reading);
  yield* CHECKED.test(file.path)
    ? checked(bytes, file, stored.name)
    : bytesUpTo(file.size, bytes, file, stored.name);
}

/** Files that are read by themselves. Of others, what is whole can be used though they are damaged: their reader checks them. */
const CHECKED = /^pg_data\/(?:backup_label|tablespace_map|global\/pg_control|.*\.(?:conf|signal))$/;

/** No more than there should be, however much it would unpack to. */
async function* bytesUpTo(
  most: number,
  bytes: AsyncIterable<Uint8Array>,
  { path }: StoredFile,
  stored: string,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > most)
      throw differs(stored, message`${path} has more than the ${most} bytes that its manifest says`);
    yield piece;
  }
}

/** Bytes that are no others than they should be, which is known before the last of them is given. */
async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  file: StoredFile,
  stored: string,
): AsyncGenerator<Uint8Array> {
  const { path, size, checksum } = file;
  const digest = sha1.create();
  let given = 0;
  let held: Uint8Array | undefined;
  for await (const piece of bytesUpTo(size, bytes, file, stored)) {
    if (held) yield held;
    held = piece;
    given += piece.length;
    digest.update(piece);
  }
  if (given < size)
    throw differs(stored, message`${path} has ${given} of the ${size} bytes that its manifest says`);
  const hex = bytesToHex(digest.digest());
  if (checksum !== undefined && checksum !== hex) {
    throw differs(
      stored,
      message`${path} has another checksum than its manifest says (SHA1 ${hex}, not ${checksum})`,
    );
  }
  if (held) yield held;
}

function differs(file: string, what: Message): WalError {
  return new WalError('damaged-backup', message`${file} is damaged: ${what}`, { file });
}

function unpackedFile(
  place: BackupPlace,
  file: StoredFile,
  stored: ByteSource,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  if (file.blocks) return bytesOfBlocks(place, file, stored, reading);
  const { compressType, cipherPass: passphrase, isBundleRaw } = place.manifest;
  return unpacked(
    stored,
    { compressType, passphrase, isRaw: file.bundle !== undefined && isBundleRaw },
    reading,
  );
}

/** What is stored of a file: all of one, or its part of a bundle. */
async function storedPart(place: BackupPlace, file: StoredFile, reading: Reading): Promise<ByteSource> {
  const { manifest } = place;
  const folder = await place.folderOf(file.reference ?? manifest.label);
  const path = placeOf(file, manifest.compressType);
  const source = await fileOf(folder, path, file.path, reading);
  const from = file.bundle?.offset ?? 0;
  return file.bundle || file.blocks ? partOf(source, from, from + file.storedSize) : source;
}

async function fileOf(
  folder: SourceFolder,
  path: string,
  wanted: string,
  reading: Reading,
): Promise<ByteSource> {
  const source = await fileBelow(folder, path, reading);
  if (source !== undefined) return source;
  const file = `${folder.name}/${path}`;
  const text = message`${file} is missing: by its manifest the backup has ${wanted} in it`;
  throw new WalError('damaged-backup', text, { file });
}

/** Bytes of a source from one place up to another: an error where it ends before that. */
function partOf(source: ByteSource, from: number, to: number): ByteSource {
  const cutOff = (at: number): WalError => {
    const text = message`${source.name} is cut off: it ends after ${at} bytes, and what is wanted of it is at ${from} to ${to}`;
    return new WalError('damaged-backup', text, { file: source.name });
  };
  return {
    name: source.name,
    read:
      source.read && ((start, end, options) => source.read!(from + start, Math.min(to, from + end), options)),
    async *open(options) {
      let at = from;
      if (source.read) {
        while (at < to) {
          const piece = await source.read(at, Math.min(to, at + PIECE_SIZE), options);
          if (piece.length === 0) throw cutOff(at);
          yield piece;
          at += piece.length;
        }
        return;
      }
      let passed = 0;
      for await (const piece of source.open(options)) {
        const wanted = piece.subarray(Math.max(0, from - passed), Math.max(0, to - passed));
        passed += piece.length;
        if (wanted.length > 0) yield wanted;
        if (passed >= to) return;
      }
      throw cutOff(passed);
    },
  };
}

/** How bytes are stored. */
interface Form {
  compressType: CompressType;
  passphrase: string | undefined;
  /** What a codec or a cipher begins with has been left out. */
  isRaw: boolean;
  /** See {@link withoutChunkSizes}. */
  isChunked?: boolean;
}

/** Bytes of a repository, deciphered and unpacked. */
async function* unpacked(
  stored: ByteSource,
  { compressType, passphrase, isRaw, isChunked }: Form,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const again = (): AsyncIterable<Uint8Array> => {
    const all = storedBytes(stored, reading);
    const bytes = isChunked ? withoutChunkSizes(all) : all;
    return passphrase === undefined ? bytes : deciphered(bytes, { passphrase, raw: isRaw }, reading);
  };
  const input = new ChunkReader(again());
  try {
    const unpack = unpackOf(compressType, isRaw, reading);
    yield* named(
      stored.name,
      unpack === undefined ? input.rest() : unpack({ input, again, pieceSize: PIECE_SIZE }),
    );
  } finally {
    await input.close().catch(() => {});
  }
}

/** The same, what is wrong with it told as damage of the file. */
async function* named(file: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw error instanceof WalError && error.file === undefined ? damaged(file, error) : error;
  }
}

/** Raw, what gzip makes is as zlib has it; the others are the same (src/common/compress). */
function unpackOf(type: CompressType, isRaw: boolean, { native }: Reading): Unpack | undefined {
  if (type === 'none') return undefined;
  if (type === 'gz' && isRaw) return unpackZlib;
  const codec = CODECS[type];
  return native?.[codec.name] ?? codec.unpack;
}

function damaged(file: string, cause: WalError): WalError {
  return new WalError('damaged-backup', message`${file} cannot be unpacked: ${cause.said}`, {
    file,
    cause,
  });
}

/** A super block that is being read. */
interface OpenBlock {
  offset: number;
  bytes: ChunkReader;
  /** How many of its bytes have been passed. */
  at: number;
}

/**
 * A file out of its blocks, each of which is in the backup that last wrote it. A super block is unpacked once: it and
 * those of other backups take turns.
 */
async function* bytesOfBlocks(
  place: BackupPlace,
  file: StoredFile,
  stored: ByteSource,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const { manifest } = place;
  const { size: blockSize } = file.blocks!;
  const runs = await blockRuns(place, file, stored, reading);
  const open = new Map<number, OpenBlock>();
  try {
    for (const run of runs) {
      const { from, to } = placeIn(run, blockSize);
      let block = open.get(run.reference);
      if (block?.offset !== run.offset) {
        await block?.bytes.close();
        block = {
          offset: run.offset,
          bytes: await openSuperBlock(place, file, run, stored.name, reading),
          at: 0,
        };
        open.set(run.reference, block);
      }
      while (block.at < to) {
        const piece = await block.bytes.some((block.at < from ? from : to) - block.at);
        if (piece === undefined) throw shortBlock(stored.name, manifest, run);
        if (block.at >= from) yield piece;
        block.at += piece.length;
      }
    }
  } finally {
    for (const { bytes } of open.values()) await bytes.close();
  }
}

/** What a run has of its super block. */
function placeIn(
  { block, count, superBlockSize }: BlockRun,
  blockSize: number,
): { from: number; to: number } {
  const from = block * blockSize;
  return { from, to: Math.min(superBlockSize, from + count * blockSize) };
}

/**
 * In which file of the repository a byte of a file lies, by its place; for files that are stored by blocks.
 * @throws WalError as reading the file does
 */
export async function partsOfBlocks(
  place: BackupPlace,
  file: StoredFile,
  reading: Reading,
): Promise<(at: number) => string> {
  const stored = await storedPart(place, file, reading);
  const ends: number[] = [];
  const names: string[] = [];
  let end = 0;
  for (const run of await blockRuns(place, file, stored, reading)) {
    const { from, to } = placeIn(run, file.blocks!.size);
    end += to - from;
    ends.push(end);
    const { folder, path } = await superBlockPlace(place, file, run, stored.name);
    names.push(`${folder.name}/${path}`);
  }
  return (at) => names[firstAfter(ends, at)] ?? stored.name;
}

/** The index of the first of ascending numbers that is greater. */
function firstAfter(numbers: readonly number[], than: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] > than) high = middle;
    else low = middle + 1;
  }
  return low;
}

async function blockRuns(
  { manifest }: BackupPlace,
  file: StoredFile,
  stored: ByteSource,
  reading: Reading,
): Promise<BlockRun[]> {
  const { size, checksumSize, mapSize } = file.blocks!;
  const map = partOf(stored, file.storedSize - mapSize, file.storedSize);
  const pieces: Uint8Array[] = [];
  // a map is encrypted, and never compressed
  const form: Form = { compressType: 'none', passphrase: manifest.cipherPass, isRaw: true };
  for await (const piece of unpacked(map, form, reading)) pieces.push(piece);
  try {
    return readBlockMap(concat(pieces), size, checksumSize);
  } catch (error) {
    throw error instanceof WalError ? damaged(stored.name, error) : error;
  }
}

/** Where the file is that has a super block. */
async function superBlockPlace(
  { manifest, folderOf }: BackupPlace,
  file: StoredFile,
  { reference, bundleId, offset }: BlockRun,
  mapName: string,
): Promise<{ folder: SourceFolder; path: string }> {
  const label = manifest.references[reference];
  if (label === undefined) {
    throw differs(
      mapName,
      message`the block map of ${file.path} refers to a backup that the manifest does not have`,
    );
  }
  const bundle = bundleId === 0 ? undefined : { id: bundleId, offset };
  return { folder: await folderOf(label), path: placeOf({ ...file, bundle }, manifest.compressType) };
}

async function openSuperBlock(
  place: BackupPlace,
  file: StoredFile,
  run: BlockRun,
  mapName: string,
  reading: Reading,
): Promise<ChunkReader> {
  const { offset, size, superBlockSize } = run;
  const { folder, path } = await superBlockPlace(place, file, run, mapName);
  const source = await fileOf(folder, path, file.path, reading);
  const part = partOf(source, offset, offset + size);
  const { compressType, cipherPass: passphrase, toolVersion } = place.manifest;
  const isChunked = toolVersion === BETA_VERSION;
  const bytes = unpacked(part, { compressType, passphrase, isRaw: true, isChunked }, reading);
  if (!isChunked) return new ChunkReader(bytes);
  return new ChunkReader(named(source.name, withoutBlockNumbers(bytes, file.blocks!.size, superBlockSize)));
}

function shortBlock(mapName: string, { references }: Manifest, { reference, offset }: BlockRun): WalError {
  return differs(
    mapName,
    message`a block at ${offset} of ${references[reference]} is shorter than its map says`,
  );
}
