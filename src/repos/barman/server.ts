import { type ByteSource, fileNameOf, type SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import { readWhole } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { decodeText } from '../../text/encoding.js';
import type { WalError } from '../../wal/error.js';
import { fileIn, folderIn, ownName } from '../places.js';
import type { Repository } from '../repository.js';
import { type BarmanBackup, readBackup, storedBackups, withoutInfo } from './backups.js';

/** Where a server has its backups, and what it tells of them since 3.13.2. */
const BASE = 'base';
const META = 'meta';
/** The archive, and what has come and is not in it yet: by `archive_command`, by streaming. */
const WAL_FOLDERS = ['wals', 'incoming', 'streaming'] as const;
const INFO = 'backup.info';
/** A backup's folder: when it began. */
const ID = /^\d{8}T\d{6}$/;
const INFO_IN_META = /^(.+)-backup\.info$/;
const IDENTITY = 'identity.json';
/** It has two lines. */
const LARGEST_IDENTITY = 64 * 1024;

/**
 * What Barman keeps of one server, in the layout of its own folders or of barman-cloud, which differ little; undefined
 * where a folder is none. For most folders it takes two look-ups to tell.
 */
export async function serverAt(folder: SourceFolder, reading: Reading): Promise<Repository | undefined> {
  const base = await folderIn(folder, BASE, reading);
  const archive = await folderIn(folder, WAL_FOLDERS[0], reading);
  if (base === undefined && archive === undefined) return undefined;
  // a data folder has a base as well
  if (archive === undefined && (await fileIn(folder, 'PG_VERSION', reading))) return undefined;
  const identity = await identityOf(folder, reading);
  const { backups, closed } = await backupsOf(base, await folderIn(folder, META, reading), reading);
  if (identity === undefined && backups.length === 0 && !(await hasLog(folder, archive, reading))) {
    return undefined;
  }
  const wal = await Promise.all(WAL_FOLDERS.map((name) => folderIn(folder, name, reading)));
  const found = wal.filter((one) => one !== undefined);
  const repository = repositoryOf(folder, backups, found, identity, reading);
  return closed === undefined ? repository : { ...repository, backups: () => Promise.reject(closed) };
}

/** A backup's own folder that lies by itself, without the rest of the repository. */
export async function backupAlone(
  folder: SourceFolder,
  reading: Reading,
): Promise<{ repository: Repository; id: string } | undefined> {
  const info = await fileIn(folder, INFO, reading);
  if (info === undefined) return undefined;
  const id = ownName(folder);
  const backup = await readBackup(id, info, folder, reading);
  if (backup.info === undefined) return undefined;
  return { repository: repositoryOf(folder, [backup], [], undefined, reading), id };
}

function repositoryOf(
  folder: SourceFolder,
  backups: readonly BarmanBackup[],
  wal: readonly SourceFolder[],
  identity: Identity | undefined,
  reading: Reading,
): Repository {
  const newest = backups.findLast(({ info }) => info?.systemIdentifier !== undefined)?.info;
  // barman-cloud calls each server `cloud` there
  const named = backups.findLast(({ info, isInCloud }) => info?.serverName !== undefined && !isInCloud)?.info;
  const stored = storedBackups(folder.name, backups, reading);
  return {
    tool: 'barman',
    name: folder.name,
    cluster: named?.serverName ?? ownName(folder),
    version: identity?.version ?? newest?.version,
    systemIdentifier: identity?.systemIdentifier ?? newest?.systemIdentifier,
    wal,
    backups: async () => stored,
  };
}

/** What a server is, for Barman to notice where it is another one. */
interface Identity {
  systemIdentifier: bigint;
  version: number | undefined;
}

async function identityOf(folder: SourceFolder, reading: Reading): Promise<Identity | undefined> {
  const file = await fileIn(folder, IDENTITY, reading);
  if (file === undefined) return undefined;
  try {
    const { systemid, version } = JSON.parse(decodeText(await readWhole(file, LARGEST_IDENTITY, reading)));
    if (!/^\d{1,20}$/.test(systemid)) return undefined;
    const major = /^\d{1,3}$/.test(version) ? Number(version) : undefined;
    return { systemIdentifier: BigInt(systemid), version: major };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) problemOf(error);
    return undefined;
  }
}

/** The list of the archive's files, by which it is known where there is nothing else yet. */
async function hasLog(
  server: SourceFolder,
  archive: SourceFolder | undefined,
  reading: Reading,
): Promise<boolean> {
  if (archive === undefined) return false;
  const names = ['xlog.db', `${ownName(server)}-xlog.db`];
  const found = await Promise.all(names.map((name) => fileIn(archive, name, reading)));
  return found.some((one) => one !== undefined);
}

/** The oldest first: their ids are the times when they began. `closed`: why there may be others. */
async function backupsOf(
  base: SourceFolder | undefined,
  meta: SourceFolder | undefined,
  reading: Reading,
): Promise<{ backups: BarmanBackup[]; closed: WalError | undefined }> {
  let closed: WalError | undefined;
  const entriesOf = async (one: SourceFolder | undefined) => {
    try {
      return one ? await listFolder(one, reading) : [];
    } catch (error) {
      closed ??= problemOf(error);
      return [];
    }
  };
  const infos = new Map<string, ByteSource>();
  const folders = new Map<string, SourceFolder>();
  for (const entry of await entriesOf(base)) {
    if (entry.kind === 'folder' && !/^\d+$/.test(entry.name)) folders.set(entry.name, entry.folder);
  }
  for (const entry of await entriesOf(meta)) {
    const [, id] = INFO_IN_META.exec(entry.name) ?? [];
    if (id !== undefined && entry.kind === 'file') infos.set(id, entry.source);
  }
  for (const [id, folder] of folders) {
    const own = infos.has(id) ? undefined : await fileIn(folder, INFO, reading);
    if (own) infos.set(id, own);
  }
  const backups: BarmanBackup[] = [];
  for (const [id, folder] of folders) {
    if (ID.test(id) && !infos.has(id)) backups.push(withoutInfo(id, folder));
  }
  for (const [id, info] of infos) {
    backups.push(await readBackup(id, info, folders.get(id), reading));
  }
  backups.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { backups, closed };
}

/** The id of the backup that a file tells of by its name, where it is one of `meta`. */
export const idOfInfo = (source: ByteSource): string | undefined =>
  INFO_IN_META.exec(fileNameOf(source))?.[1];
