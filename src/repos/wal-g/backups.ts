import type { Backup } from '../../sources/backup-parts.js';
import { type ByteSource, isFolder, type SourceFolder } from '../../sources/byte-source.js';
import { fileBelow, findBelow, listFolder } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { StoredBackup } from '../repository.js';
import { backupOfLayers, type Layer } from './backup.js';
import { checkReadable, checkSuffix, samplesOf } from './encrypted.js';
import {
  type BackupTimes,
  type FilesMetadata,
  readFilesMetadata,
  readSentinel,
  readTimes,
  type Sentinel,
} from './sentinel.js';
import { TarPartitions } from './tar-partitions.js';

const SENTINEL_SUFFIX = '_backup_stop_sentinel.json';
/** `base_<timeline and segment>`, and of a delta backup `_D_` and those of the one that it builds on. */
const BACKUP_NAME = /^base_([0-9A-F]{8})[0-9A-F]{16}(?:_[0-9A-Za-z_]+)?$/;
export const TAR_PARTITIONS = 'tar_partitions';
const FILES_METADATA = 'files_metadata.json';
const METADATA = 'metadata.json';

/** The backup that a file of this name is the sentinel of. */
export function nameOfSentinel(file: string): string | undefined {
  const name = file.endsWith(SENTINEL_SUFFIX) ? file.slice(0, -SENTINEL_SUFFIX.length) : '';
  return isBackupName(name) ? name : undefined;
}

export const isBackupName = (name: string): boolean => BACKUP_NAME.test(name);

/** A backup as it lies in `basebackups_005`. */
export interface WalGBackup {
  name: string;
  /** Undefined where there is none, or it cannot be understood, which is the problem then. */
  sentinel: Sentinel | undefined;
  times: BackupTimes;
  problem: WalError | undefined;
  /** Undefined where there is none. */
  folder: SourceFolder | undefined;
}

/** The backups of `basebackups_005`, the oldest first: none where there is no such folder. */
export async function readBackups(
  basebackups: SourceFolder | undefined,
  reading: Reading,
): Promise<WalGBackup[]> {
  const folders = new Map<string, SourceFolder>();
  const sentinels = new Map<string, ByteSource>();
  for (const entry of basebackups ? await listFolder(basebackups, reading) : []) {
    if (entry.kind === 'folder' && isBackupName(entry.name)) folders.set(entry.name, entry.folder);
    const name = entry.kind === 'file' ? nameOfSentinel(entry.name) : undefined;
    if (entry.kind === 'file' && name !== undefined) sentinels.set(name, entry.source);
  }
  const backups: WalGBackup[] = [];
  for (const name of new Set([...sentinels.keys(), ...folders.keys()])) {
    const source = sentinels.get(name);
    const folder = folders.get(name);
    backups.push(source ? await readBackup(name, source, folder, reading) : unfinished(name, folder!));
  }
  return backups.sort(
    (a, b) => order(a.sentinel?.startLsn, b.sentinel?.startLsn) || (a.name < b.name ? -1 : 1),
  );
}

const order = (a = 0n, b = 0n): number => (a < b ? -1 : a > b ? 1 : 0);

async function readBackup(
  name: string,
  source: ByteSource,
  folder: SourceFolder | undefined,
  reading: Reading,
): Promise<WalGBackup> {
  try {
    const sentinel = await readSentinel(source, reading);
    const times = sentinel.times.start === undefined ? await timesIn(folder, reading) : sentinel.times;
    return { name, sentinel, times, problem: folder ? undefined : withoutFiles(name, source), folder };
  } catch (error) {
    return { name, sentinel: undefined, times: NO_TIMES, problem: problemOf(error), folder };
  }
}

const NO_TIMES: BackupTimes = { start: undefined, finish: undefined };

async function timesIn(folder: SourceFolder | undefined, reading: Reading): Promise<BackupTimes> {
  const source = folder && (await fileBelow(folder, METADATA, reading));
  return source ? readTimes(source, reading) : NO_TIMES;
}

function unfinished(name: string, folder: SourceFolder): WalGBackup {
  const text = message`the backup ${name} has no ${name}${SENTINEL_SUFFIX} beside it: it has failed, or is still being taken; choose another one`;
  const problem = new WalError('unknown-backup', text, { file: folder.name });
  return { name, sentinel: undefined, times: NO_TIMES, problem, folder };
}

function withoutFiles(name: string, { name: file }: ByteSource): WalError {
  const text = message`the files of the backup ${name} are not there: beside ${file} there is no folder ${name}`;
  return new WalError('missing-backup', text, { file });
}

/** What is stored, in the same order. @param repository as messages name it */
export function storedBackups(
  repository: string,
  backups: readonly WalGBackup[],
  reading: Reading,
): StoredBackup[] {
  return backups.map((one) => {
    const { name, sentinel, times, problem } = one;
    const timeline = BACKUP_NAME.exec(name)?.[1];
    return {
      name,
      type: sentinel?.parent === undefined ? 'full' : 'incremental',
      parent: sentinel?.parent?.name,
      startLsn: sentinel?.startLsn,
      endLsn: sentinel?.finishLsn,
      timeline: timeline === undefined ? undefined : Number.parseInt(timeline, 16),
      startTime: times.start,
      stopTime: times.finish,
      size: sentinel?.size,
      storedSize: sentinel?.storedSize,
      problem,
      open: () => open(one, backups, repository, reading),
    };
  });
}

async function open(
  backup: WalGBackup,
  all: readonly WalGBackup[],
  repository: string,
  reading: Reading,
): Promise<Backup> {
  const layers: Layer[] = [];
  const chain = chainOf(backup, all, repository);
  for (const one of chain) {
    const layer = await layerOf(one, reading);
    const isDelta = one !== chain.at(-1);
    if (isDelta && (layer.tars.files?.states.size ?? 0) === 0) {
      const text = message`${layer.name}/${FILES_METADATA} does not list the files of the backup ${one.name}: what of the backup that it builds on belongs to it is not known`;
      throw new WalError('bad-repository', text, { file: layer.name });
    }
    layers.push(layer);
  }
  return backupOfLayers(layers, reading);
}

/** A backup and those that it builds on, the newest first. @throws WalError `missing-backup`, and what is wrong with one */
function chainOf(newest: WalGBackup, all: readonly WalGBackup[], repository: string): WalGBackup[] {
  const chain: WalGBackup[] = [];
  for (let one = newest; ; ) {
    if (one.problem) throw one.problem;
    chain.push(one);
    const parent = one.sentinel?.parent;
    if (parent === undefined) return chain;
    const found = all.find(({ name }) => name === parent.name);
    if (found === undefined || chain.includes(found)) {
      const text = message`the backup ${newest.name} builds on ${parent.name}, which is not in ${repository}: it is of no use without`;
      throw new WalError('missing-backup', text, { file: repository });
    }
    const began = found.sentinel?.startLsn;
    if (began !== undefined && parent.startLsn !== undefined && began !== parent.startLsn) {
      const text = message`the backup ${one.name} builds on another ${parent.name} than ${repository} has: that one began elsewhere in the WAL`;
      throw new WalError('missing-backup', text, { file: repository });
    }
    one = found;
  }
}

async function layerOf({ name, sentinel, folder }: WalGBackup, reading: Reading): Promise<Layer> {
  const tars = await findBelow(folder!, TAR_PARTITIONS, reading);
  if (tars === undefined || !isFolder(tars)) {
    const text = message`the files of the backup ${name} are not there: ${folder!.name} has no folder ${TAR_PARTITIONS}`;
    throw new WalError('missing-backup', text, { file: folder!.name });
  }
  const partitions = await TarPartitions.open(tars, await filesOf(folder!, sentinel, reading), reading);
  const instead = `wal-g backup-fetch <PGDATA> ${name}`;
  for (const part of partitions.sources) checkSuffix(part, instead);
  await checkReadable(samplesOf(partitions.sources), instead, reading);
  return { name: folder!.name, tars: partitions };
}

/** Undefined where the backup has none: WAL-G could be told so, and did not list files before 0.1.3. */
async function filesOf(
  folder: SourceFolder,
  sentinel: Sentinel | undefined,
  reading: Reading,
): Promise<FilesMetadata | undefined> {
  if (sentinel?.files !== undefined || sentinel?.isWithoutFiles) return sentinel.files;
  const source = await fileBelow(folder, FILES_METADATA, reading);
  return source && readFilesMetadata(source, reading);
}
