import { type ByteSource, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { findBelow } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';

/** Ways about a repository while it is not known to be one: what cannot be looked at is not there. */

async function there<T>(ask: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

export async function folderIn(
  folder: SourceFolder,
  name: string,
  reading: Reading,
): Promise<SourceFolder | undefined> {
  const found = await there(() => findBelow(folder, name, reading));
  return found && isFolder(found) ? found : undefined;
}

export async function fileIn(
  folder: SourceFolder,
  name: string,
  reading: Reading,
): Promise<ByteSource | undefined> {
  const found = await there(() => findBelow(folder, name, reading));
  return found && !isFolder(found) ? found : undefined;
}

/** A folder's own name, however it was named. */
export function ownName({ id, path, name }: SourceFolder): string {
  return (id ?? path ?? name).replace(/[/\\]+$/, '').replace(/^.*[/\\]/s, '');
}
