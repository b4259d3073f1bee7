import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseBackupHistory, parseBackupLabel } from '../../cluster/backup-label.js';
import { parseBackupManifest } from '../../cluster/backup-manifest.js';
import { backupOfManifest } from '../../cluster/base-backup.js';
import type { BackupFile } from '../../sources/inventory.js';
import { readWhole } from '../../sources/read.js';
import { readBaseBackup } from '../../sources/read-base-backup.js';
import type { ByteSource } from '../../sources/source.js';
import { WalError } from '../../wal/error.js';
import type { ArchiveBackup } from './backups.js';

const LARGEST_LABEL = 1024 * 1024;
const LARGEST_MANIFEST = 1024 * 1024 * 1024;

/**
 * The base backups that files tell of. Several files of one backup (its label, its manifest, the `.backup` file in
 * the archive) make one of it.
 * @param problem told of files that cannot be read
 */
export async function readArchiveBackups(
  files: readonly BackupFile[],
  problem: (error: WalError) => void,
): Promise<ArchiveBackup[]> {
  const backups = new Map<string, ArchiveBackup>();
  for (const file of files) {
    try {
      const backup = await readOne(file);
      const key = `${backup.timeline}/${backup.startLsn}`;
      const known = backups.get(key);
      backups.set(key, known ? both(known, backup) : backup);
    } catch (error) {
      if (!(error instanceof WalError)) throw error;
      problem(error);
    }
  }
  return [...backups.values()].sort((a, b) => (a.startLsn < b.startLsn ? -1 : 1));
}

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

async function readOne({ kind, source }: BackupFile): Promise<ArchiveBackup> {
  const files = [source.name];
  switch (kind) {
    case 'backup-history': {
      const history = parseBackupHistory(await readWhole(source, LARGEST_LABEL), source.name);
      const { startLsn, stopLsn: endLsn, startTimeline: timeline, label } = history;
      return { startLsn, endLsn, timeline, label, endsInWal: true, files, isHere: false };
    }
    case 'backup-manifest': {
      const manifest = parseBackupManifest(await readWhole(source, LARGEST_MANIFEST), source.name);
      const { startLsn, endLsn, timeline, label } = backupOfManifest(manifest);
      return { startLsn, endLsn, timeline, label, endsInWal: false, files, isHere: true };
    }
    case 'backup-label': {
      const written = parseBackupLabel(await readWhole(source, LARGEST_LABEL), source.name);
      const { startLsn, startTimeline: timeline, label } = written;
      const endsInWal = written.from !== 'standby';
      const endLsn = endsInWal ? undefined : await endByControl(source);
      return { startLsn, endLsn, timeline, label, endsInWal, files, isHere: true };
    }
  }
}

/** Where a backup from a standby ends is in the pg_control beside its label, if that is there. */
async function endByControl({ path }: ByteSource): Promise<ArchiveBackup['endLsn']> {
  if (path === undefined) return undefined;
  const folder = dirname(path);
  const control = await stat(join(folder, 'global', 'pg_control')).catch(() => undefined);
  return control?.isFile() ? (await readBaseBackup(folder)).endLsn : undefined;
}
