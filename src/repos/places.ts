import { type ByteSource, isFolder, type SourceFolder } from '../sources/byte-source.js';
import { fileBelow, findBelow } from '../sources/folders.js';
import type { Reading } from '../sources/reading.js';
import { problemOf } from '../sources/stored-bytes.js';

/** Ways about a repository while it is not known to be one: what cannot be looked at is not there. */
export async function quietly<T, N>(look: () => Promise<T>, otherwise: N): Promise<T | N> {
  try {
    return await look();
  } catch (error) {
    problemOf(error);
    return otherwise;
  }
}

export async function folderIn(
  folder: SourceFolder,
  name: string,
  reading: Reading,
): Promise<SourceFolder | undefined> {
  const found = await quietly(() => findBelow(folder, name, reading), undefined);
  return found && isFolder(found) ? found : undefined;
}

export const fileIn = (
  folder: SourceFolder,
  name: string,
  reading: Reading,
): Promise<ByteSource | undefined> => quietly(() => fileBelow(folder, name, reading), undefined);

/** A folder's own name, however it was named. */
export function ownName({ id, path, name }: SourceFolder): string {
  return (id ?? path ?? name).replace(/[/\\]+$/, '').replace(/^.*[/\\]/s, '');
}
