import type { FolderEntry, SourceFolder } from '../../src/sources/byte-source.js';
import { WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';

const closed = (file: string): WalError =>
  new WalError('unreadable', message`cannot read ${file}: permission denied`, { file });

/** A folder of which one below (`backup/main`) may not be looked into, as by a user without rights to it. */
export function withClosed(folder: SourceFolder, path: string): SourceFolder {
  const [first, ...rest] = path.split('/');
  const wrapped = (entry: FolderEntry): FolderEntry => {
    if (entry.kind !== 'folder' || entry.name !== first) return entry;
    const below = entry.folder;
    return { ...entry, folder: rest.length > 0 ? withClosed(below, rest.join('/')) : closedFolder(below) };
  };
  return {
    ...folder,
    async *list(options) {
      for await (const entry of folder.list(options)) yield wrapped(entry);
    },
    entry: async (name, options) => {
      const entry = await folder.entry!(name, options);
      return entry && wrapped(entry);
    },
  };
}

const closedFolder = (folder: SourceFolder): SourceFolder => ({
  ...folder,
  // biome-ignore lint/correctness/useYield: it has nothing to give
  async *list() {
    throw closed(folder.name);
  },
  entry: async (name) => ({ kind: 'unreadable', name, error: closed(`${folder.name}/${name}`) }),
});
