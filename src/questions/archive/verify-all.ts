import type { Repository } from '../../repos/index.js';
import { openBackup } from '../../sources/backup.js';
import type { Backup } from '../../sources/backup-parts.js';
import { type ByteSource, fileNameOf, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import type { BackupFile } from '../../sources/inventory.js';
import { readBaseBackup } from '../../sources/read-base-backup.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { Asking } from '../asking.js';
import type { ChosenBackup } from '../given.js';
import { KnownFiles, type VerifiedBackup, verifyBackup } from './verify.js';

/** A backup whose files are to be read. */
export interface ToVerify {
  name: string;
  /** By which its answer is found again: those that are given by {@link keyOfStored}, or the names of its small files. */
  keys: readonly string[];
  startLsn: Lsn | undefined;
  /** Bytes of its files, as far as that is known. */
  size: number | undefined;
  /** The tar file beside it that has the WAL it was taken with. */
  wal?: ByteSource | undefined;
  open(): Promise<Backup>;
}

export const keyOfStored = ({ name, repository }: { name: string; repository: string }): string =>
  `${repository}\0${name}`;

/** The backups of repositories that can be restored. @param chosen the only one that is wanted */
export async function storedToVerify(
  repositories: readonly Repository[],
  chosen: ChosenBackup | undefined,
): Promise<ToVerify[]> {
  const all: ToVerify[] = [];
  for (const repository of chosen ? [chosen.repository] : repositories) {
    for (const stored of await repository.backups()) {
      const { name, startLsn, size, problem } = stored;
      if (problem !== undefined || (chosen && chosen.stored.name !== name)) continue;
      const keys = [keyOfStored({ name, repository: repository.name })];
      all.push({ name, keys, startLsn, size, open: () => stored.open() });
    }
  }
  return all;
}

/** The base backups in folders and tar files that small files of theirs were found in. */
export async function filesToVerify(files: readonly BackupFile[], asking: Asking): Promise<ToVerify[]> {
  const places = new Map<string, BackupPlace & { keys: string[] }>();
  for (const { kind, source } of files) {
    if (kind === 'backup-history') continue;
    const found = await placeOf(source, asking);
    if (found === undefined) continue;
    const known = places.get(found.place.name);
    if (known) known.keys.push(source.name);
    else places.set(found.place.name, { ...found, keys: [source.name] });
  }
  return Array.from(places.values(), ({ place, wal, keys }) => ({
    name: place.name,
    keys,
    wal,
    startLsn: undefined,
    size: undefined,
    open: () => openBackup(place, asking.reading),
  }));
}

interface BackupPlace {
  place: ByteSource | SourceFolder;
  wal?: ByteSource | undefined;
}

const BASE_TAR = /^base\.tar/;
/** What `pg_basebackup -F t` puts beside `base.tar`. */
const WAL_TAR = /^pg_wal\.tar/;

/** All of a backup, of which this is a file; undefined where there is no more of it than such files. */
async function placeOf({ tar, folder }: ByteSource, { reading }: Asking): Promise<BackupPlace | undefined> {
  if (tar !== undefined && !BASE_TAR.test(fileNameOf(tar))) return { place: tar };
  const around = tar === undefined ? folder : tar.folder;
  if (around === undefined) return tar && { place: tar };
  const entries = await listFolder(around, reading);
  if (!entries.some(({ name }) => name === 'PG_VERSION' || BASE_TAR.test(name))) return undefined;
  const wal = entries.flatMap((entry) =>
    entry.kind === 'file' && WAL_TAR.test(entry.name) ? [entry.source] : [],
  );
  return { place: around, wal: wal[0] };
}

/** Reads them one after the other. @returns what came of it, by the keys of each */
export async function verifyAll(
  backups: readonly ToVerify[],
  asking: Asking,
): Promise<Map<string, VerifiedBackup>> {
  if (backups.length === 0) return new Map();
  asking.enter('verify');
  const verified = new Map<string, VerifiedBackup>();
  const known = new KnownFiles();
  const isSized = backups.every(({ size }) => size !== undefined);
  const total = isSized ? backups.reduce((sum, { size = 0 }) => sum + size, 0) : undefined;
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    asking.onFileBytes(done, total);
  };
  for (const one of backups) {
    const answer = await verifyOne(one, { reading: asking.reading, onBytes, known });
    for (const key of one.keys) verified.set(key, answer);
  }
  return verified;
}

async function verifyOne(
  one: ToVerify,
  options: Omit<Parameters<typeof verifyBackup>[1], 'startLsn'>,
): Promise<VerifiedBackup> {
  try {
    const backup = await one.open();
    return await verifyBackup(backup, { ...options, startLsn: one.startLsn ?? (await startOf(backup)) });
  } catch (error) {
    const nothing = { checksums: undefined, pages: undefined, control: undefined, walRanges: [] };
    return { ...nothing, name: one.name, files: 0, bytes: 0, problems: [problemOf(error)] };
  }
}

/** What is wrong with that is told by what the files are held against. */
async function startOf(backup: Backup): Promise<Lsn | undefined> {
  try {
    return (await readBaseBackup(backup)).startLsn;
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

/** Where a backup that was asked for is, if it is of no repository. */
export function notToVerify(place: ByteSource | SourceFolder): WalError {
  const what = isFolder(place) ? message`folder` : message`file`;
  const text = message`${place.name} is no ${what} with all of a base backup: give a data folder, or base.tar or the folder that it is in`;
  return new WalError('not-a-backup', text, { file: place.name });
}
