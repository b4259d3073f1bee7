import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WalError } from '../wal/error.js';
import { parseLongPageHeader } from '../wal/page-header.js';
import { type FileKind, fileKind, isUnsupportedSegment } from './file-name.js';
import { readBeginning } from './read.js';
import { type ByteSource, fileNameOf, fileSource, memorySource, unreadable } from './source.js';
import { looksLikeTar, TarFile, tarMembers } from './tar.js';

/** Enough to know WAL and tar files by. */
const BEGINNING = 512;
/** The most that is kept of a history or backup file met in a tar file; real ones have some hundred bytes. */
const SMALL_FILE = 1024 * 1024;

/** A file that matters to walscan, known by its name or, where it was named by the user, by its content. */
export interface FoundFile {
  source: ByteSource;
  /** `unnamed-segment`: WAL by its content, given by the user under a name that says nothing. */
  kind: Exclude<FileKind, { kind: 'other' }> | { kind: 'unnamed-segment' };
  /** The first bytes, unpacked: 512, or all where there are fewer. */
  beginning(): Promise<Uint8Array>;
}

/**
 * Looks through files and folders, in any order and mixture, for what {@link fileKind} knows. Folders are
 * searched recursively, symbolic links followed, each folder once. A tar file is opened where it is named
 * itself, and passed over where a folder search meets it. Other files are passed over.
 * @param problem told of what could not be read within a folder or tar file, so that the search goes on
 * @throws WalError `unreadable` where one of the paths themselves cannot be read
 */
export async function* findFiles(
  paths: Iterable<string | ByteSource>,
  problem: (error: WalError) => void,
): AsyncGenerator<FoundFile> {
  const seen = new Set<string>();
  for (const path of paths) {
    if (typeof path !== 'string') {
      yield* namedFile(path, problem);
      continue;
    }
    const { isDirectory, isFile, real } = await statOf(path);
    if (isDirectory) yield* folder(path, real, seen, problem);
    else if (!isFile)
      throw new WalError('unreadable', `${path} is neither a file nor a folder`, { file: path });
    else if (firstTime(seen, real)) yield* namedFile(fileSource(path), problem);
  }
}

async function statOf(path: string): Promise<{ isDirectory: boolean; isFile: boolean; real: string }> {
  try {
    const stats = await stat(path);
    return { isDirectory: stats.isDirectory(), isFile: stats.isFile(), real: await realpath(path) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function firstTime(seen: Set<string>, path: string): boolean {
  const known = seen.has(path);
  seen.add(path);
  return !known;
}

/** @param real the folder's path without symbolic links, by which it is known again */
async function* folder(
  path: string,
  real: string,
  seen: Set<string>,
  problem: (error: WalError) => void,
): AsyncGenerator<FoundFile> {
  if (!firstTime(seen, real)) return;
  let entries: Awaited<ReturnType<typeof listFolder>>;
  try {
    entries = await listFolder(path);
  } catch (error) {
    problem(unreadable(path, error));
    return;
  }
  for (const entry of entries) {
    const entryPath = join(path, entry.name);
    const kind = fileKind(entry.name);
    if (entry.isDirectory()) yield* folder(entryPath, join(real, entry.name), seen, problem);
    else if (entry.isSymbolicLink()) yield* link(entryPath, kind, seen, problem);
    else if (entry.isFile() && kind.kind !== 'other' && firstTime(seen, join(real, entry.name))) {
      yield foundFile(fileSource(entryPath), kind);
    } else if (isUnsupportedSegment(entry.name)) problem(unsupported(entryPath));
  }
}

function unsupported(file: string): WalError {
  return new WalError(
    'unsupported-compression',
    `${file} is compressed or encrypted in a way that walscan does not know; unpack it first`,
    { file },
  );
}

/** What a folder holds, in the order of names. */
async function listFolder(path: string) {
  const entries = await readdir(path, { withFileTypes: true });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function* link(
  path: string,
  kind: FileKind,
  seen: Set<string>,
  problem: (error: WalError) => void,
): AsyncGenerator<FoundFile> {
  try {
    const { isDirectory, isFile, real } = await statOf(path);
    if (isDirectory) yield* folder(path, real, seen, problem);
    else if (isFile && kind.kind !== 'other' && firstTime(seen, real))
      yield foundFile(fileSource(path), kind);
  } catch (error) {
    // a dead link matters only where its name says that WAL was meant
    if (kind.kind !== 'other') problem(error as WalError);
  }
}

/** A file that the user named: where its name says nothing, its content may. */
async function* namedFile(source: ByteSource, problem: (error: WalError) => void): AsyncGenerator<FoundFile> {
  const kind = fileKind(fileNameOf(source));
  if (kind.kind !== 'other') {
    yield foundFile(source, kind);
    return;
  }
  if (isUnsupportedSegment(fileNameOf(source))) {
    problem(unsupported(source.name));
    return;
  }
  const beginning = await readBeginning(source, BEGINNING);
  if (looksLikeTar(beginning)) yield* tarFile(source, problem);
  else if (isWal(beginning)) {
    yield { source, kind: { kind: 'unnamed-segment' }, beginning: () => Promise.resolve(beginning) };
  }
}

async function* tarFile(source: ByteSource, problem: (error: WalError) => void): AsyncGenerator<FoundFile> {
  const tar = new TarFile(source);
  let index = -1;
  try {
    for await (const { name, size, body } of tarMembers(source)) {
      index++;
      const passing: ByteSource = { name: `${source.name}/${name}`, read: () => body };
      const kind = fileKind(fileNameOf(passing));
      if (kind.kind === 'other') continue;
      if (kind.kind === 'segment' || size > SMALL_FILE) {
        const beginning = readBeginning(passing, BEGINNING);
        await beginning.catch(() => {}); // a damaged member is for whoever asks for it
        yield { source: tar.member(index, name), kind, beginning: () => beginning };
      } else {
        yield foundFile(memorySource(passing.name, await allOf(body)), kind);
      }
    }
  } catch (error) {
    problem(error as WalError);
  }
}

function foundFile(source: ByteSource, kind: FoundFile['kind']): FoundFile {
  return { source, kind, beginning: () => readBeginning(source, BEGINNING) };
}

function isWal(beginning: Uint8Array): boolean {
  try {
    parseLongPageHeader(beginning);
    return true;
  } catch {
    return false;
  }
}

async function allOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
