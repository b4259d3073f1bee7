import { type BackupLabel, parseBackupLabel } from '../cluster/backup-label.js';
import {
  type BaseBackup,
  backupOfControl,
  backupOfHistory,
  backupOfLabel,
  backupOfManifest,
} from '../cluster/base-backup.js';
import { type ControlFile, soundControlFile } from '../cluster/control-file.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { notABackup } from './backup.js';
import type { Backup } from './backup-parts.js';

/**
 * Reads what recovery needs to know of a base backup, from whichever of its files there is. Of a tar file all is read
 * to find pg_control, unless a manifest beside it tells the system identifier.
 *
 * @throws WalError `unreadable`, `not-a-backup`, `no-backup-label`, `no-control-file`, `control-checksum`,
 *   `incremental-backup`, and what the small files' parsers throw
 */
export async function readBaseBackup(backup: Backup): Promise<BaseBackup> {
  try {
    return await baseOf(backup);
  } catch (error) {
    if (!(error instanceof WalError) || error.message.includes(backup.name)) throw error;
    const { code, file = backup.name, lsn } = error;
    throw new WalError(code, message`${backup.name}: ${error.said}`, { file, lsn, cause: error });
  }
}

async function baseOf(backup: Backup): Promise<BaseBackup> {
  const label = await labelOf(backup);
  if (label !== undefined) {
    // what a manifest tells as well need not be looked for in a stream
    const isControlNeeded = label.from === 'standby' || !backup.isStream;
    const manifest = isControlNeeded ? undefined : await backup.manifest();
    if (manifest?.systemIdentifier === undefined) return backupOfLabel(label, await controlOf(backup));
    return { ...backupOfLabel(label, undefined), systemIdentifier: manifest.systemIdentifier };
  }
  const history = await backup.history();
  if (history !== undefined) return backupOfHistory(history);
  const control = await controlOf(backup);
  if (control !== undefined) return backupOfControl(control);
  const manifest = await backup.manifest();
  if (manifest !== undefined) return backupOfManifest(manifest);
  throw notABackup(backup.name);
}

/** Reads the backup_label of a base backup, where it has one. @throws WalError `unreadable`, `bad-backup-label` */
export async function labelOf(backup: Backup): Promise<BackupLabel | undefined> {
  const file = await backup.label();
  return file && parseBackupLabel(file.bytes, file.name);
}

/**
 * Reads the pg_control of a base backup, of a tar file by reading all of it.
 * @returns undefined where the form of backup given has none
 * @throws WalError `unreadable`, `control-checksum`, and what else makes it unusable
 */
export async function controlOf(backup: Backup): Promise<ControlFile | undefined> {
  const file = await backup.control();
  return file && soundControlFile(file.bytes, file.name);
}
