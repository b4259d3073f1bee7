import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import type { Reading } from '../../sources/reading.js';
import type { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { badInfo, readEither, readInfo } from './info-file.js';
import {
  BadValue,
  countOf,
  type Fields,
  fieldsWithIds,
  idOf,
  isLabel,
  jsonText,
  labelOf,
  maybe,
  textOf,
} from './values.js';

/** A cluster as the tool knows it again: both change with an upgrade. */
export interface ClusterId {
  /** `15`, `9.6` */
  version: string;
  systemIdentifier: bigint;
}

/** What `archive.info` and `backup.info` have in common. */
export interface RepoInfo {
  /** The clusters of the stanza by their numbers, the oldest first. */
  history: Map<number, ClusterId>;
  /** Opens the files below it. */
  cipherPass: string | undefined;
}

/** `backup.info`: the backups by their labels, as their manifests describe them. */
export interface BackupInfo extends RepoInfo {
  backups: Map<string, BackupSummary>;
}

/** What `backup.info` says of a backup. */
export interface BackupSummary {
  type: 'full' | 'diff' | 'incr';
  prior: string | undefined;
  references: string[];
  /** Its cluster in the history. */
  databaseId: number;
  fields: Fields;
}

/** Some 60,000 backups. */
const LARGEST_INFO = 64 * 1024 * 1024;

export const ARCHIVE_INFO = 'archive.info';
export const BACKUP_INFO = 'backup.info';

/**
 * @param onPassedOver as that of {@link readEither}
 * @returns undefined where there is none
 * @throws WalError `bad-repository`, `encrypted`, `wrong-passphrase`
 */
export function readArchiveInfo(
  folder: SourceFolder,
  reading: Reading,
  onPassedOver: (problem: WalError) => void,
): Promise<RepoInfo | undefined> {
  const read = (source: ByteSource) => readRepoInfo(source, 'db-id', reading);
  return readEither(folder, ARCHIVE_INFO, reading, read, onPassedOver);
}

/** As {@link readArchiveInfo}. @throws as that */
export function readBackupInfo(
  folder: SourceFolder,
  reading: Reading,
  onPassedOver: (problem: WalError) => void,
): Promise<BackupInfo | undefined> {
  const read = async (source: ByteSource): Promise<BackupInfo> => {
    const backups = new Map<string, BackupSummary>();
    const info = await readRepoInfo(source, 'db-system-id', reading, (label, fields) => {
      backups.set(label, summaryOf(label, fields));
    });
    return { ...info, backups };
  };
  return readEither(folder, BACKUP_INFO, reading, read, onPassedOver);
}

async function readRepoInfo(
  source: ByteSource,
  idKey: 'db-id' | 'db-system-id',
  reading: Reading,
  takeBackup: (label: string, fields: Fields) => void = () => {},
): Promise<RepoInfo> {
  const info: RepoInfo = { history: new Map(), cipherPass: undefined };
  await readInfo(source, LARGEST_INFO, reading.passphrase, reading, (section, key, json) => {
    try {
      if (section === 'db:history')
        info.history.set(countOf(Number(key)), clusterOf(fieldsWithIds(json), idKey));
      else if (section === 'cipher' && key === 'cipher-pass') info.cipherPass = jsonText(json);
      else if (section === 'backup:current') takeBackup(key, fieldsWithIds(json));
    } catch (error) {
      throw error instanceof BadValue
        ? badInfo(source.name, message`${section}, ${key}: it ${error.said}`)
        : error;
    }
  });
  return info;
}

function clusterOf(fields: Fields, idKey: string): ClusterId {
  const version = textOf(fields['db-version']);
  if (!/^\d+(?:\.\d+)?$/.test(version)) throw new BadValue(message`has no version that PostgreSQL can have`);
  return { version, systemIdentifier: idOf(fields[idKey]) };
}

function summaryOf(label: string, fields: Fields): BackupSummary {
  if (!isLabel(label)) throw new BadValue(message`is no label of a backup`);
  const type = textOf(fields['backup-type']);
  if (type !== 'full' && type !== 'diff' && type !== 'incr') throw new BadValue(message`is of no known type`);
  const references = fields['backup-reference'] ?? [];
  if (!Array.isArray(references)) throw new BadValue(message`has references that are no list`);
  return {
    type,
    prior: maybe(fields['backup-prior'], labelOf),
    references: references.map(labelOf),
    databaseId: Number(idOf(fields['db-id'])),
    fields,
  };
}
