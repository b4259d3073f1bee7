import { backupProblems } from '../../repos/backup-problems.js';
import type { Repository, StoredBackup } from '../../repos/index.js';
import { problemOf } from '../../sources/stored-bytes.js';
import type { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { nameOfChosen, type StoredBackupName } from '../given.js';

/** What a backup tool's own files tell of a base backup; undefined is what they do not. */
export interface StoredBackupFacts extends StoredBackupName {
  type: 'full' | 'differential' | 'incremental';
  /** The backup that it builds on. */
  parent: string | undefined;
  startTime: TimestampTz | undefined;
  stopTime: TimestampTz | undefined;
  /** Bytes of the data folder. */
  size: number | undefined;
  /** Bytes that it takes in the repository, without those of backups that it builds on. */
  storedSize: number | undefined;
  /** Why it cannot be restored, such as one that failed or whose parent is missing. */
  problem: WalError | undefined;
}

/** A backup of a repository, and where it is in the WAL. */
export interface ListedBackup {
  facts: StoredBackupFacts;
  /** Undefined where the tool does not say: of one that failed. */
  place: { startLsn: Lsn; timeline: number } | undefined;
  endLsn: Lsn | undefined;
}

/** All backups of repositories. @param onUnlisted told why those of one are not known */
export async function listBackups(
  repositories: readonly Repository[],
  onUnlisted: (problem: WalError) => void,
): Promise<ListedBackup[]> {
  const listed: ListedBackup[] = [];
  for (const repository of repositories) {
    try {
      const problems = await backupProblems(repository);
      for (const stored of await repository.backups()) {
        listed.push(listedOf(stored, repository, problems.get(stored.name)));
      }
    } catch (error) {
      onUnlisted(problemOf(error));
    }
  }
  return listed;
}

function listedOf(stored: StoredBackup, repository: Repository, problem: WalError | undefined): ListedBackup {
  const { type, parent, startTime, stopTime, size, storedSize, startLsn, timeline, endLsn } = stored;
  const isPlaced = startLsn !== undefined && timeline !== undefined;
  return {
    facts: {
      ...nameOfChosen({ repository, stored }),
      ...{ type, parent, startTime, stopTime, size, storedSize },
      problem,
    },
    place: isPlaced ? { startLsn, timeline } : undefined,
    endLsn,
  };
}
