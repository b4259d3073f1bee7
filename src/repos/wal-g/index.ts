import { type ByteSource, fileNameOf, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { fileKind } from '../../sources/file-name.js';
import type { Reading } from '../../sources/reading.js';
import { givenBy, problemOf } from '../../sources/stored-bytes.js';
import type { WalError } from '../../wal/error.js';
import { folderIn, ownName, quietly } from '../places.js';
import type { Repository, RepositoryLayout, RepositoryPlace } from '../repository.js';
import { isBackupName, nameOfSentinel, readBackups, storedBackups, TAR_PARTITIONS } from './backups.js';
import { checkReadable, SAMPLES } from './encrypted.js';

/**
 * WAL-G: `basebackups_005/<backup>/tar_partitions/*.tar.*` with `<backup>_backup_stop_sentinel.json` beside the
 * backup's folder, and `wal_005/<segment>.*` (utility/utility.go, 3.0.8).
 */
export const walG: RepositoryLayout = {
  tool: 'wal-g',
  find: (place, reading) => (isFolder(place) ? findFolder(place, reading) : findFile(place, reading)),
};

const BASEBACKUPS = 'basebackups_005';
const WAL = 'wal_005';

async function findFolder(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  const root = await rootAt(folder, reading);
  if (root) return { repositories: [root] };
  return (
    (await findAbove(folder, reading)) ?? (await findAlone(folder, reading)) ?? findBelowIt(folder, reading)
  );
}

/** As deep as `basebackups_005/<backup>/tar_partitions`. */
const DEEPEST = 3;

/** Where a folder is part of a repository, by the names of the folders above it. */
async function findAbove(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  const names = [ownName(folder)];
  let above = folder.parent;
  for (; above !== undefined && names.length <= DEEPEST; above = above.parent) {
    const [first, backup] = names;
    const root = first === WAL || first === BASEBACKUPS ? await rootAt(above, reading) : undefined;
    if (root) {
      if (first === BASEBACKUPS) return { repositories: [root], backup };
      return { repositories: [root], wal: [folder] };
    }
    names.unshift(ownName(above));
  }
  return undefined;
}

/** What the folder of the backups, or of one, is under another name or without WAL beside it. */
async function findAlone(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  if (await hasBackups(folder, reading))
    return { repositories: [await repositoryOf(folder, folder, undefined, reading)] };
  const backup = ownName(folder) === TAR_PARTITIONS ? folder.parent : folder;
  const all = backup?.parent;
  if (backup === undefined || all === undefined || !isBackupName(ownName(backup))) return undefined;
  if (!(await hasBackups(all, reading))) return undefined;
  return { repositories: [await repositoryOf(all, all, undefined, reading)], backup: ownName(backup) };
}

/** After so many names without what is looked for, or folders, there is none. */
const MOST_NAMES = 1000;
const MOST_FOLDERS = 32;

async function hasBackups(folder: SourceFolder, reading: Reading): Promise<boolean> {
  return quietly(async () => {
    let names = 0;
    for await (const { kind, name } of givenBy(folder.name, () => folder.list(reading), reading.signal)) {
      if (kind === 'file' && nameOfSentinel(name) !== undefined) return true;
      if (++names > MOST_NAMES) return false;
    }
    return false;
  }, false);
}

/** What a folder with a repository for each cluster has. */
async function findBelowIt(folder: SourceFolder, reading: Reading): Promise<RepositoryPlace | undefined> {
  const below = await quietly(async () => {
    const folders: SourceFolder[] = [];
    let names = 0;
    for await (const entry of givenBy(folder.name, () => folder.list(reading), reading.signal)) {
      if (entry.kind === 'folder') folders.push(entry.folder);
      if (++names > MOST_NAMES || folders.length > MOST_FOLDERS) return [];
    }
    return folders;
  }, []);
  const repositories: Repository[] = [];
  for (const one of below) {
    const root = await rootAt(one, reading);
    if (root) repositories.push(root);
  }
  return repositories.length === 0 ? undefined : { repositories };
}

/** Files that tell of a backup. */
const METADATA_FILE = /^(?:files_)?metadata\.json$/;

async function findFile(source: ByteSource, reading: Reading): Promise<RepositoryPlace | undefined> {
  const { folder } = source;
  const name = fileNameOf(source);
  const backup = nameOfSentinel(name);
  if (folder === undefined) return undefined;
  const isOfBackup = METADATA_FILE.test(name) || (/\.tar\b/.test(name) && ownName(folder) === TAR_PARTITIONS);
  if (backup === undefined && !isOfBackup) return undefined;
  const place = (await findAbove(folder, reading)) ?? (await findAlone(folder, reading));
  if (place === undefined) return undefined;
  return backup === undefined ? (place.backup === undefined ? undefined : place) : { ...place, backup };
}

/** The repository of which a folder is the root: what `WALE_S3_PREFIX` and the like name. */
async function rootAt(folder: SourceFolder, reading: Reading): Promise<Repository | undefined> {
  const basebackups = await folderIn(folder, BASEBACKUPS, reading);
  const wal = await folderIn(folder, WAL, reading);
  if (basebackups === undefined && wal === undefined) return undefined;
  return repositoryOf(folder, basebackups, wal, reading);
}

/** @throws WalError `encrypted` */
async function repositoryOf(
  { name }: SourceFolder,
  basebackups: SourceFolder | undefined,
  wal: SourceFolder | undefined,
  reading: Reading,
): Promise<Repository> {
  if (wal) await checkReadable(await someSegments(wal, reading), 'wal-g wal-fetch <segment> <file>', reading);
  let closed: WalError | undefined;
  const backups = await readBackups(basebackups, reading).catch((error: unknown) => {
    closed = problemOf(error);
    return [];
  });
  const sentinels = backups.flatMap(({ sentinel }) => sentinel ?? []);
  return {
    tool: 'wal-g',
    name,
    cluster: undefined,
    version: theOnly(sentinels.map((one) => one.version)),
    systemIdentifier: theOnly(sentinels.map((one) => one.systemIdentifier)),
    wal: wal ? [wal] : [],
    async backups() {
      if (closed !== undefined) throw closed;
      return storedBackups(name, backups, reading);
    },
  };
}

/** Undefined where there are several, such as before and after an upgrade. */
function theOnly<T>(values: readonly (T | undefined)[]): T | undefined {
  const known = new Set(values.filter((value) => value !== undefined));
  return known.size === 1 ? [...known][0] : undefined;
}

/** The first that are met. */
async function someSegments(wal: SourceFolder, reading: Reading): Promise<ByteSource[]> {
  return quietly(async () => {
    const found: ByteSource[] = [];
    for await (const entry of givenBy(wal.name, () => wal.list(reading), reading.signal)) {
      if (entry.kind === 'file' && fileKind(entry.name).kind === 'segment') found.push(entry.source);
      if (found.length === SAMPLES) break;
    }
    return found;
  }, []);
}
