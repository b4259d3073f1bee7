import { type FolderEntry, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { findBelow, listFolder } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';

export const TABLESPACES = 'pg_tblspc';

/**
 * The data folder of a backup with its tablespaces where Barman puts them: in `<oid>` beside it. The links in `pg_tblspc`
 * lead there by their whole paths, which is elsewhere once the repository was moved; rsync copies none. A tablespace
 * that is nowhere is left out, and missed only by those who need what lay in it.
 */
export function withTablespaces(data: SourceFolder, backup: SourceFolder, reading: Reading): SourceFolder {
  const inPlace = async (entry: FolderEntry | undefined): Promise<FolderEntry | undefined> =>
    entry?.kind === 'folder' && entry.name === TABLESPACES
      ? { ...entry, folder: tablespacesIn(entry.folder, backup, reading) }
      : entry;
  return {
    name: data.name,
    id: data.id,
    path: data.path,
    parent: data.parent,
    async *list(options) {
      for await (const entry of data.list(options)) yield (await inPlace(entry))!;
    },
    entry: async (name, options) => {
      const { entry } = data;
      if (entry !== undefined) return inPlace(await entry(name, options));
      return inPlace((await listFolder(data, reading)).find((one) => one.name === name));
    },
  };
}

function tablespacesIn(links: SourceFolder, backup: SourceFolder, reading: Reading): SourceFolder {
  return {
    name: links.name,
    async *list() {
      const entries = new Map<string, FolderEntry>();
      const leads = new Map<string, string>();
      for (const entry of await listFolder(links, reading)) {
        if ('link' in entry && entry.link !== undefined) leads.set(entry.name, entry.link);
        if (entry.kind !== 'dead-link' || !/^\d+$/.test(entry.name)) entries.set(entry.name, entry);
      }
      for (const entry of await listFolder(backup, reading)) {
        if (entry.kind !== 'folder' || !/^\d+$/.test(entry.name)) continue;
        const link = leads.get(entry.name);
        // there a server would write that is started from a copy of the data folder
        entries.set(entry.name, link === undefined ? entry : { ...entry, link });
      }
      yield* entries.values();
    },
    async entry(name) {
      const own = /^\d+$/.test(name) ? await findBelow(backup, name, reading) : undefined;
      if (own && isFolder(own)) return { kind: 'folder', name, folder: own };
      return (await listFolder(links, reading)).find((one) => one.name === name);
    },
  };
}
