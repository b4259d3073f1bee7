import type { Repository, StoredBackup } from '../../repos/index.js';
import { WalError } from '../../wal/error.js';
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

/** All backups of repositories. @throws WalError */
export async function listBackups(repositories: readonly Repository[]): Promise<ListedBackup[]> {
  const listed: ListedBackup[] = [];
  for (const repository of repositories) {
    const all = await repository.backups();
    const byName = new Map(all.map((one) => [one.name, one]));
    for (const stored of all) listed.push(listedOf(stored, repository, byName));
  }
  return listed;
}

function listedOf(
  stored: StoredBackup,
  repository: Repository,
  byName: ReadonlyMap<string, StoredBackup>,
): ListedBackup {
  const { type, parent, startTime, stopTime, size, storedSize, startLsn, timeline, endLsn } = stored;
  const isPlaced = startLsn !== undefined && timeline !== undefined;
  return {
    facts: {
      ...nameOfChosen({ repository, stored }),
      ...{ type, parent, startTime, stopTime, size, storedSize },
      problem: stored.problem ?? parentProblem(stored, repository, byName),
    },
    place: isPlaced ? { startLsn, timeline } : undefined,
    endLsn,
  };
}

/** What is wrong with the backups that one builds on: a hostile repository may have them go round in circles. */
function parentProblem(
  { name, parent }: StoredBackup,
  { name: file }: Repository,
  byName: ReadonlyMap<string, StoredBackup>,
): WalError | undefined {
  const passed = new Set([name]);
  for (let next = parent; next !== undefined; ) {
    const found = byName.get(next);
    const what = `the backup ${name} of ${file} builds on ${next}`;
    if (found === undefined) {
      return new WalError('missing-backup', `${what}, which is not there: it cannot be restored`, { file });
    }
    if (found.problem !== undefined || passed.has(next)) {
      const why = found.problem?.message ?? 'and that on itself';
      return new WalError('missing-backup', `${what}, which cannot be restored: ${why}`, { file });
    }
    passed.add(next);
    next = found.parent;
  }
  return undefined;
}
