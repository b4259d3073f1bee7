import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BackupLabel, parseBackupHistory, parseBackupLabel } from '../cluster/backup-label.js';
import { parseBackupManifest } from '../cluster/backup-manifest.js';
import {
  type BaseBackup,
  backupOfControl,
  backupOfHistory,
  backupOfLabel,
  backupOfManifest,
} from '../cluster/base-backup.js';
import { type ControlFile, controlDamaged, parseControlFile } from '../cluster/control-file.js';
import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { readBeginning, readWhole } from './read.js';
import { type ByteSource, fileSource, isFolder } from './source.js';
import { looksLikeTar, tarMembers } from './tar.js';

/** Enough to tell the kinds of file apart, and all of a backup label. */
const BEGINNING = 8192;
const LARGEST_LABEL = 1024 * 1024;
/** A manifest has some 150 bytes for each file of the cluster. */
const LARGEST_MANIFEST = 1024 * 1024 * 1024;
/** `PG_CONTROL_FILE_SIZE` */
const CONTROL_FILE_SIZE = 8192;

/**
 * Reads what recovery needs to know of a base backup, from whichever of its files is given: a data folder, a folder
 * with `base.tar`, such a tar file, `backup_label`, the archived `.backup` file or `backup_manifest`; each as it is
 * or compressed. Of a tar file all is read to find pg_control, unless a manifest beside it tells the system
 * identifier.
 *
 * @throws WalError `unreadable`, `not-a-backup`, `no-backup-label`, `no-control-file`, `incremental-backup`, and
 *   what the small files' parsers throw
 */
export async function readBaseBackup(path: string): Promise<BaseBackup> {
  try {
    return (await isFolder(path)) ? await readFolder(path) : await readFile(fileSource(path));
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    const named = error.message.includes(path) ? error.message : `${path}: ${error.message}`;
    throw new WalError(error.code, named, {
      file: error.file ?? path,
      lsn: error.lsn,
      cause: error,
    });
  }
}

/** What a tar file of a data folder may be called. */
const BASE_TARS = ['base.tar', 'base.tar.gz', 'base.tar.zst', 'base.tar.lz4', 'base.tar.bz2', 'base.tar.xz'];

async function readFolder(folder: string): Promise<BaseBackup> {
  const control = await optional(join(folder, 'global', 'pg_control'));
  const label = await optional(join(folder, 'backup_label'));
  if (label !== undefined) {
    const known = control && (await readControl(control));
    return backupOfLabel(await readLabel(label), known);
  }
  if (control !== undefined) return backupOfControl(await readControl(control));
  for (const name of [...BASE_TARS, 'backup_manifest', 'backup_manifest.gz']) {
    const source = await optional(join(folder, name));
    if (source !== undefined) return readFile(source);
  }
  throw notABackup(folder);
}

async function optional(path: string): Promise<ByteSource | undefined> {
  const known = await stat(path).catch(() => undefined);
  return known?.isFile() ? fileSource(path) : undefined;
}

async function readFile(source: ByteSource): Promise<BaseBackup> {
  const beginning = await readBeginning(source, BEGINNING);
  if (looksLikeTar(beginning)) return readTar(source);
  const text = decodeText(beginning).trimStart();
  if (text.startsWith('{')) {
    return backupOfManifest(parseBackupManifest(await readWhole(source, LARGEST_MANIFEST), source.name));
  }
  if (!text.startsWith('START WAL LOCATION')) throw notABackup(source.name);
  if (!/^STOP WAL LOCATION/m.test(text)) return backupOfLabel(await readLabel(source), undefined);
  return backupOfHistory(parseBackupHistory(await readWhole(source, LARGEST_LABEL), source.name));
}

function notABackup(name: string): WalError {
  return new WalError(
    'not-a-backup',
    `${name} is no base backup: give a data folder, base.tar, backup_label, a .backup file or backup_manifest`,
    { file: name },
  );
}

/** The label comes first in the tar file of `pg_basebackup`, pg_control last. */
async function readTar(tar: ByteSource): Promise<BaseBackup> {
  const systemIdentifier = await besideTar(tar);
  let label: BackupLabel | undefined;
  let control: ControlFile | undefined;
  for await (const { name, body } of tarMembers(tar)) {
    const member: ByteSource = { name: `${tar.name}/${name}`, read: () => body };
    if (/^(?:\.\/)?backup_label$/.test(name)) label = await readLabel(member);
    else if (/^(?:\.\/)?global\/pg_control$/.test(name)) control = await readControl(member);
    if (label === undefined) continue;
    if (control !== undefined || (systemIdentifier !== undefined && label.from !== 'standby')) break;
  }
  if (label !== undefined) {
    const backup = backupOfLabel(label, control);
    return { ...backup, systemIdentifier: backup.systemIdentifier ?? systemIdentifier };
  }
  if (control === undefined) throw notABackup(tar.name);
  return backupOfControl(control);
}

/** The system identifier out of the manifest beside a tar file, where there is one. */
async function besideTar({ path }: ByteSource): Promise<bigint | undefined> {
  const manifest = path && (await optional(join(dirname(path), 'backup_manifest')));
  if (!manifest) return undefined;
  return parseBackupManifest(await readWhole(manifest, LARGEST_MANIFEST), manifest.name).systemIdentifier;
}

async function readLabel(source: ByteSource): Promise<BackupLabel> {
  return parseBackupLabel(await readWhole(source, LARGEST_LABEL), source.name);
}

/** @throws WalError `control-checksum` where it is damaged, so that nothing in it can be trusted */
async function readControl(source: ByteSource): Promise<ControlFile> {
  const control = parseControlFile(await readBeginning(source, CONTROL_FILE_SIZE), source.name);
  if (control.crcValid) return control;
  throw controlDamaged(source.name);
}
