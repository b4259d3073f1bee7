import { type ByteSource, fileNameOf, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import type { Reading } from '../../sources/reading.js';
import { givenBy, problemOf } from '../../sources/stored-bytes.js';
import { ownName } from '../places.js';
import type { Repository, RepositoryLayout, RepositoryPlace } from '../repository.js';
import { backupAlone, idOfInfo, serverAt } from './server.js';

/**
 * Barman, and barman-cloud: `<server>/base/<id>/`, with `data` and the tablespaces by their oids or their tar files,
 * `<server>/wals/<first 16 digits>/<segment>`, and what is told of a backup in `backup.info` there or, since 3.13.2, in
 * `<server>/meta/<id>-backup.info`.
 */
export const barman: RepositoryLayout = {
  tool: 'barman',
  find: (place, reading) => (isFolder(place) ? findFolder(place, reading) : findFile(place, reading)),
};

async function findFolder(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  const server = await serverAt(folder, reading);
  if (server) return { repositories: [server] };
  return (
    (await findAbove(folder, reading)) ?? (await findAlone(folder, reading)) ?? findBelow(folder, reading)
  );
}

/** Folders of a server's, by what their names lead to, from the server on. */
const OF_A_SERVER = ['base', 'wals', 'meta', 'incoming', 'streaming'];
/** As deep as `base/<id>/data`, or a tablespace. */
const DEEPEST = 3;

/** Where a folder is part of a server's, by the names of the folders above it. */
async function findAbove(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  const names = [ownName(folder)];
  let above = folder.parent;
  for (; above !== undefined && names.length <= DEEPEST; above = above.parent) {
    const [first, id] = names;
    const server = OF_A_SERVER.includes(first) ? await serverAt(above, reading) : undefined;
    if (server) {
      if (first === 'base') return id === undefined ? { repositories: [server] } : placeOf(server, id);
      return first === 'wals' && id !== undefined
        ? { repositories: [server], wal: [folder] }
        : { repositories: [server] };
    }
    names.unshift(ownName(above));
  }
  return undefined;
}

/** A backup of a server's, if that has it; where its list is closed, the backup may be read alone. */
async function placeOf(server: Repository, id: string): Promise<RepositoryPlace | undefined> {
  const backups = await server.backups().catch((error: unknown) => {
    problemOf(error);
    return [];
  });
  const isThere = backups.some(({ name }) => name === id);
  return isThere ? { repositories: [server], backup: id } : undefined;
}

/** What a backup's folder or its data folder is without a server around it. */
async function findAlone(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  for (const one of [folder, folder.parent]) {
    const found = one && (await backupAlone(one, reading));
    if (found) return { repositories: [found.repository], backup: found.id };
    if (ownName(folder) !== 'data') return undefined;
  }
  return undefined;
}

/** After so many folders that are no servers, or names, it is no folder of servers. */
const MOST_FOLDERS = 32;
const MOST_NAMES = 1000;

/** What `barman_home` has: a folder for each server. */
async function findBelow(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  const repositories: Repository[] = [];
  let names = 0;
  let others = 0;
  try {
    const { signal } = reading;
    for await (const entry of givenBy(folder.name, () => folder.list({ signal }), signal)) {
      if (++names > MOST_NAMES && repositories.length === 0) break;
      if (entry.kind !== 'folder' || entry.name.startsWith('.')) continue;
      const server = await serverAt(entry.folder, reading);
      if (server) repositories.push(server);
      else if (++others > MOST_FOLDERS && repositories.length === 0) break;
    }
  } catch (error) {
    problemOf(error);
  }
  return repositories.length === 0 ? undefined : { repositories };
}

/** Files that tell of a server, and of a backup. */
const SERVER_FILE = /^(?:identity\.json|(?:.+-)?xlog\.db)$/;
const BACKUP_FILE =
  /^(?:backup\.info|backup_label|backup_manifest|(?:base|data|\d+)(?:_\d{4,})?\.tar(?:\.\w+)*)$/;

async function findFile(source: ByteSource, reading: Reading): Promise<RepositoryPlace | undefined> {
  const { folder } = source;
  if (folder === undefined) return undefined;
  const name = fileNameOf(source);
  if (SERVER_FILE.test(name)) {
    const server = (await serverAt(folder, reading)) ?? (await findAbove(folder, reading))?.repositories[0];
    return server && { repositories: [server] };
  }
  if (BACKUP_FILE.test(name)) {
    return (await findAbove(folder, reading)) ?? findAlone(folder, reading);
  }
  const id = idOfInfo(source);
  const server = id === undefined ? undefined : (await findAbove(folder, reading))?.repositories[0];
  return server && placeOf(server, id!);
}
