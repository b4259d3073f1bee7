import { backupOfManifest } from '../../cluster/base-backup.js';
import { backupOfFile } from '../../sources/backup.js';
import type { Backup } from '../../sources/backup-parts.js';
import type { BackupFile } from '../../sources/inventory.js';
import { problemsOfStart } from '../../sources/manifest-check.js';
import { labelOf, readBaseBackup } from '../../sources/read-base-backup.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import type { WalError } from '../../wal/error.js';
import type { ArchiveBackup } from './backups.js';
import type { ListedBackup } from './stored-backups.js';

/**
 * The base backups that repositories and files tell of. Several files of one backup (its label, its manifest, the
 * `.backup` file in the archive) make one of it, together with what the repository tells of it.
 * @param problem told of files that cannot be read
 */
export async function readArchiveBackups(
  files: readonly BackupFile[],
  listed: readonly ListedBackup[],
  reading: Reading,
  problem: (error: WalError) => void,
): Promise<ArchiveBackup[]> {
  const backups = new Map<string, ArchiveBackup>();
  for (const file of files) {
    try {
      const backup = await readOne(backupOfFile(file, reading), problem);
      if (backup === undefined) continue;
      const key = keyOf(backup);
      const known = backups.get(key);
      backups.set(key, known ? both(known, backup) : backup);
    } catch (error) {
      problem(problemOf(error));
    }
  }
  for (const one of listed) {
    const stored = archiveBackupOf(one);
    if (stored === undefined) continue;
    const known = backups.get(keyOf(stored));
    // of several tools there may be backups that begin at the same place
    if (known?.stored !== undefined) backups.set(`${keyOf(stored)}/${backups.size}`, stored);
    else backups.set(keyOf(stored), known ? { ...both(known, stored), stored: stored.stored } : stored);
  }
  return [...backups.values()].sort((a, b) => (a.startLsn < b.startLsn ? -1 : 1));
}

const keyOf = ({ timeline, startLsn }: ArchiveBackup): string => `${timeline}/${startLsn}`;

function both(a: ArchiveBackup, b: ArchiveBackup): ArchiveBackup {
  return {
    ...a,
    endLsn: a.endLsn ?? b.endLsn,
    endsInWal: a.endsInWal || b.endsInWal,
    label: a.label ?? b.label,
    files: [...a.files, ...b.files],
    isHere: a.isHere || b.isHere,
  };
}

async function readOne(
  backup: Backup,
  problem: (error: WalError) => void,
): Promise<ArchiveBackup | undefined> {
  const files = [backup.name];
  const history = await backup.history();
  if (history !== undefined) {
    const { startLsn, stopLsn: endLsn, startTimeline: timeline, label } = history;
    return { startLsn, endLsn, timeline, label, endsInWal: true, files, isHere: false };
  }
  const written = await labelOf(backup);
  if (written !== undefined) {
    for (const one of await problemsOfStart(backup)) problem(one);
    const { startLsn, startTimeline: timeline, label } = written;
    const endsInWal = written.from !== 'standby';
    const endLsn = endsInWal ? undefined : await endOfStandby(backup);
    return { startLsn, endLsn, timeline, label, endsInWal, files, isHere: true };
  }
  const manifest = await backup.manifest();
  if (manifest === undefined) return undefined;
  const { startLsn, endLsn, timeline, label } = backupOfManifest(manifest);
  return { startLsn, endLsn, timeline, label, endsInWal: false, files, isHere: true };
}

/** Where a backup from a standby ends is in its pg_control, if that is there. */
async function endOfStandby(backup: Backup): Promise<ArchiveBackup['endLsn']> {
  return (await backup.control()) && (await readBaseBackup(backup)).endLsn;
}

function archiveBackupOf({ facts, place, endLsn }: ListedBackup): ArchiveBackup | undefined {
  if (place === undefined) return undefined;
  return {
    ...place,
    endLsn,
    endsInWal: false,
    label: undefined,
    files: [],
    isHere: true,
    stored: facts,
  };
}
