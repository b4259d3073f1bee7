import { type ByteSource, type FolderEntry, isFolder, type SourceFolder } from './byte-source.js';
import type { Reading } from './reading.js';
import { givenBy, givenOnce } from './stored-bytes.js';

/**
 * What a folder holds, in the order of names.
 * @throws as `storedBytes` does
 */
export async function listFolder(folder: SourceFolder, { signal }: Reading): Promise<FolderEntry[]> {
  const entries: FolderEntry[] = [];
  for await (const entry of givenBy(folder.name, () => folder.list({ signal }), signal)) entries.push(entry);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * What is at this path below a folder; undefined where there is nothing.
 * @throws WalError `unreadable` where it cannot be told; as `storedBytes` does
 */
export async function findBelow(
  folder: SourceFolder,
  path: string,
  reading: Reading,
): Promise<ByteSource | SourceFolder | undefined> {
  const [first, ...rest] = path.split('/');
  const entry = await entryOf(folder, first, reading);
  if (entry?.kind === 'unreadable') throw entry.error;
  if (entry?.kind === 'file') return rest.length === 0 ? entry.source : undefined;
  if (entry?.kind !== 'folder') return undefined;
  return rest.length === 0 ? entry.folder : findBelow(entry.folder, rest.join('/'), reading);
}

/** As {@link findBelow}, a file. */
export async function fileBelow(
  folder: SourceFolder,
  path: string,
  reading: Reading,
): Promise<ByteSource | undefined> {
  const found = await findBelow(folder, path, reading);
  return found && !isFolder(found) ? found : undefined;
}

async function entryOf(
  folder: SourceFolder,
  wanted: string,
  reading: Reading,
): Promise<FolderEntry | undefined> {
  if (folder.entry === undefined) {
    return (await listFolder(folder, reading)).find(({ name }) => name === wanted);
  }
  return givenOnce(folder.name, () => folder.entry!(wanted, reading), reading.signal);
}
