import { backupOfTars, openBackup } from '../../sources/backup.js';
import type { Backup } from '../../sources/backup-parts.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { combineBackups } from '../../sources/combined-backup.js';
import { listFolder } from '../../sources/folders.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { folderIn } from '../places.js';
import type { StoredBackup } from '../repository.js';
import { type BackupInfo, readBackupInfo } from './backup-info.js';
import { TABLESPACES, withTablespaces } from './tablespaces.js';

/** A backup as it lies there. */
export interface BarmanBackup {
  id: string;
  /** The name of its `backup.info`, or of its folder where that is gone. */
  source: Pick<ByteSource, 'name'>;
  /** Undefined where that cannot be understood, which is the problem then. */
  info: BackupInfo | undefined;
  problem: WalError | undefined;
  /** `base/<id>`; undefined where there is none. */
  folder: SourceFolder | undefined;
  /** Whether its tar files lie as barman-cloud puts them. */
  isInCloud: boolean;
}

export async function readBackup(
  id: string,
  source: ByteSource,
  folder: SourceFolder | undefined,
  reading: Reading,
): Promise<BarmanBackup> {
  try {
    const info = await readBackupInfo(source, reading);
    const names = folder ? (await listFolder(folder, reading)).map(({ name }) => name) : [];
    const hasData = DATA_FOLDERS.some((name) => names.includes(name));
    const isInCloud = !hasData && names.some((name) => CLOUD_TAR.exec(name)?.[0].startsWith('data'));
    const lack = hasData || isInCloud ? undefined : noFiles(id, source.name);
    return { id, source, info, problem: problemIn(id, info, source) ?? lack, folder, isInCloud };
  } catch (error) {
    return { id, source, info: undefined, problem: problemOf(error), folder, isInCloud: false };
  }
}

/** What lies there of a backup that nothing is told of. */
export function withoutInfo(id: string, folder: SourceFolder): BarmanBackup {
  const { name: file } = folder;
  const text = message`the backup ${id} has no backup.info, without which Barman does not restore it: bring that back into ${file}, give a copy of the data folder from elsewhere, or choose another backup`;
  const problem = new WalError('missing-backup', text, { file });
  return { id, source: folder, info: undefined, problem, folder, isInCloud: false };
}

/** Those that Barman itself restores (`BackupInfo.STATUS_COPY_DONE`). */
const RESTORABLE = ['DONE', 'WAITING_FOR_WALS'];

/** Why a backup cannot be restored, or not be read. */
function problemIn(id: string, info: BackupInfo, { name: file }: ByteSource): WalError | undefined {
  const { status, error, mode = '', encryption } = info;
  if (!RESTORABLE.includes(status)) {
    const why = error === undefined ? '' : ` (${error})`;
    const text = message`Barman calls the backup ${id} ${status}${why} in ${file}, and does not restore it; choose another one`;
    return new WalError('unknown-backup', text, { file });
  }
  if (mode.startsWith('snapshot')) {
    const text = message`the backup ${id} is snapshots of the server's disks (${mode}), which are not in the repository: restore it with Barman and give the data folder, or choose another one`;
    return new WalError('unknown-backup', text, { file });
  }
  return encryption === undefined ? undefined : encrypted(id, encryption, file);
}

function encrypted(id: string, tool: string, file: string): WalError {
  const text = message`the backup ${id} is encrypted with ${tool}, which walscan cannot open: restore it with Barman, or decrypt its files with gpg --decrypt, and give the result`;
  return new WalError('encrypted', text, { file });
}

/** What is stored, in the same order. @param repository as messages name it */
export function storedBackups(
  repository: string,
  backups: readonly BarmanBackup[],
  reading: Reading,
): StoredBackup[] {
  return backups.map((one) => {
    const { id, info, problem } = one;
    const isWhole = info?.parent === undefined && info?.compression === undefined;
    return {
      name: id,
      type: info?.parent === undefined ? 'full' : 'incremental',
      parent: info?.parent,
      startLsn: info?.startLsn,
      endLsn: info?.endLsn,
      timeline: info?.timeline,
      startTime: info?.startTime,
      stopTime: info?.endTime,
      size: isWhole ? info?.size : undefined,
      storedSize: info?.ownSize ?? info?.size,
      compression: info?.compression,
      tablespaces: info?.tablespaces,
      isOfBarmanCloud: one.isInCloud,
      problem,
      async open() {
        const chain = chainTo(one, backups, repository);
        const opened: Backup[] = [];
        for (const link of chain) opened.push(await openOne(link, reading));
        return opened.length === 1 ? opened[0] : combineBackups(opened, reading);
      },
    };
  });
}

/** A backup and those that it builds on, the oldest first. @throws WalError `missing-backup`, and what is wrong with one */
function chainTo(last: BarmanBackup, all: readonly BarmanBackup[], repository: string): BarmanBackup[] {
  const chain = [last];
  for (let one = last; ; one = chain[0]) {
    if (one.problem) throw one.problem;
    const parent = one.info?.parent;
    if (parent === undefined) return chain;
    const found = all.find(({ id }) => id === parent);
    if (found === undefined || chain.includes(found)) {
      const text = message`the backup ${last.id} builds on ${parent}, which is not in ${repository}: it is of no use without`;
      throw new WalError('missing-backup', text, { file: one.source.name });
    }
    chain.unshift(found);
  }
}

/** The data folder; `pgdata` in Barman's oldest layout. */
const DATA_FOLDERS = ['data', 'pgdata'] as const;
/** Those of barman-cloud, which begins another file where one is large. */
const CLOUD_TAR = /^(?:data|(\d+))(?:_\d{4,})?\.tar(?:\.\w+)?$/;

/** Of a tar file of one tablespace's. */
const TAR_END = /(?:_\d{4,})?\.tar(?:\.\w+)?$/;

const UNREADABLE = /\.snappy$/;

/** Opens the backup's own files. @throws WalError `missing-backup`; as `openBackup` does */
async function openOne(one: BarmanBackup, reading: Reading): Promise<Backup> {
  const { id, folder, source } = one;
  if (folder === undefined) throw noFiles(id, source.name);
  for (const name of DATA_FOLDERS) {
    const data = await folderIn(folder, name, reading);
    if (data === undefined) continue;
    const secret = (await listFolder(data, reading)).find((entry) =>
      /\.tar(?:\.\w+)?\.gpg$/.test(entry.name),
    );
    if (secret) throw encrypted(id, 'gpg', `${data.name}/${secret.name}`);
    const backup = await openBackup(withTablespaces(data, folder, reading), reading);
    const passedOver = await missingTablespaces(one, [folder, data], reading);
    return passedOver.length === 0 ? backup : { ...backup, passedOver };
  }
  const tars = (await listFolder(folder, reading)).flatMap((entry) => {
    const match = entry.kind === 'file' ? CLOUD_TAR.exec(entry.name) : null;
    if (!match || entry.kind !== 'file') return [];
    return [{ prefix: match[1] === undefined ? '' : `pg_tblspc/${match[1]}/`, tar: entry.source }];
  });
  if (!tars.some(({ prefix }) => prefix === '')) throw noFiles(id, source.name);
  const unknown = tars.find(({ tar }) => UNREADABLE.test(tar.name));
  if (unknown) {
    const { name: file } = unknown.tar;
    const text = message`${file} is compressed in a way that walscan does not know: restore the backup with barman-cloud-restore, and give the result`;
    throw new WalError('unsupported-compression', text, { file });
  }
  const backup = await backupOfTars(folder.name, tars, async () => undefined, reading);
  return { ...backup, passedOver: await missingTablespaces(one, [folder], reading) };
}

/** Tablespaces that `backup.info` tells of and that are not there, neither as folders nor as tar files. */
async function missingTablespaces(
  { id, info, source }: BarmanBackup,
  places: readonly SourceFolder[],
  reading: Reading,
): Promise<WalError[]> {
  const told = info?.tablespaces ?? [];
  if (told.length === 0) return [];
  const there = new Set<string>();
  for (const place of places) {
    for (const { name } of await listFolder(place, reading)) there.add(name.replace(TAR_END, ''));
    const links = await folderIn(place, TABLESPACES, reading);
    for (const { kind, name } of links ? await listFolder(links, reading) : []) {
      if (kind === 'folder') there.add(name);
    }
  }
  const { name: file } = source;
  return told
    .filter(({ oid }) => !there.has(String(oid)))
    .map(({ name, oid }) => {
      const text = message`the backup ${id} lacks the tablespace ${name} (${oid}), which ${file} tells of: its tables cannot be had from this backup; choose another one`;
      return new WalError('missing-backup', text, { file });
    });
}

function noFiles(id: string, file: string): WalError {
  const text = message`the files of the backup ${id} are not there: neither a data folder nor data.tar is there of what ${file} tells; choose another one`;
  return new WalError('missing-backup', text, { file });
}
