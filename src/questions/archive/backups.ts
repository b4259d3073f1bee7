import {
  goesThrough,
  type MissingSegments,
  missingWithin,
  namesOfGap,
  type TimelineChain,
} from '../../cluster/chain.js';
import type { WalFormat } from '../../reader/segment.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import type { StoredBackupFacts } from './stored-backups.js';
import type { VerifiedBackup } from './verify.js';

/** A base backup that an archive has files of. */
export interface ArchiveBackup {
  /** The redo point of its checkpoint, where recovery begins. */
  startLsn: Lsn;
  timeline: number;
  /** Undefined where only the WAL tells: `backup_label` is written when a backup begins. */
  endLsn: Lsn | undefined;
  /** The WAL has a record of its end; not where it was taken from a standby. */
  endsInWal: boolean;
  label: string | undefined;
  /** The names of the files that tell of it. */
  files: string[];
  /** The backup itself is there, not only the `.backup` file that the server archives. */
  isHere: boolean;
  /** Where it is one of a backup tool's repository: what the tool tells of it. */
  stored?: StoredBackupFacts | undefined;
}

/** What a backup needs to become consistent, and whether it is there. */
export interface BackupReport extends ArchiveBackup {
  /** What reading its files showed, where that was asked for and they are there. */
  verified?: VerifiedBackup | undefined;
  /** The first and the last segment that it needs; undefined where its end is not known. */
  firstSegment: string;
  lastSegment: string | undefined;
  missing: MissingSegments[];
  /**
   * `complete`: all of its WAL is there. `missing`: not all. `expired`: the archive begins later, or retention took
   * its WAL, and holds no more of the backup than its `.backup` file. `end-unknown`: its end is told by nothing
   * that was read. `unusable`: its tool says that it cannot be restored, or what it builds on is not there.
   */
  state: 'complete' | 'missing' | 'expired' | 'end-unknown' | 'unusable';
}

/** @param ends of the backups whose end-of-backup records were read; undefined where WAL was not read */
export function backupReport(
  backup: ArchiveBackup,
  chains: readonly TimelineChain[],
  format: WalFormat,
  ends: readonly { startLsn: Lsn; endLsn: Lsn }[] | undefined,
): BackupReport {
  const { startLsn, timeline } = backup;
  const endLsn = backup.endLsn ?? ends?.find((end) => end.startLsn === startLsn)?.endLsn;
  const nameOf = (lsn: Lsn): string => segmentFileNameOf(timeline, lsn, format.segmentSize);
  const report = {
    ...backup,
    endLsn,
    firstSegment: nameOf(startLsn),
    lastSegment: endLsn === undefined ? undefined : nameOf(endLsn - 1n),
  };
  const chain = bestChain(backup, endLsn ?? startLsn + 1n, chains, format);
  const missing = chain ? missingWithin(chain, startLsn, endLsn ?? startLsn + 1n, format) : [];
  if (backup.stored?.problem !== undefined) return { ...report, missing, state: 'unusable' };
  if (chain === undefined || missing.length > 0) {
    const isExpired = !backup.isHere && isBeforeAll(startLsn, chain, format);
    return { ...report, missing, state: isExpired ? 'expired' : 'missing' };
  }
  if (endLsn !== undefined) return { ...report, missing, state: 'complete' };
  return { ...report, missing, state: ends && backup.endsInWal ? 'missing' : 'end-unknown' };
}

/** A backup whose `.backup` file alone outlived what retention took of its WAL. */
export function withExpired(backup: BackupReport, expired: readonly MissingSegments[]): BackupReport {
  const isTaken = ({ timeline, from, to }: MissingSegments): boolean =>
    expired.some((gap) => gap.timeline === timeline && gap.from <= from && to <= gap.to);
  const { state, isHere, missing } = backup;
  if (state !== 'missing' || isHere || missing.length === 0 || !missing.every(isTaken)) return backup;
  return { ...backup, state: 'expired' };
}

/** Of the timelines that go through the backup the one that has most of its WAL: a switch may fall into a backup. */
function bestChain(
  backup: ArchiveBackup,
  endLsn: Lsn,
  chains: readonly TimelineChain[],
  format: WalFormat,
): TimelineChain | undefined {
  let best: { chain: TimelineChain; missing: number } | undefined;
  for (const chain of chains) {
    if (!goesThrough(chain, backup)) continue;
    const missing = missingWithin(chain, backup.startLsn, endLsn, format).reduce(
      (sum, { count }) => sum + count,
      0,
    );
    if (best === undefined || missing < best.missing) best = { chain, missing };
  }
  return best?.chain;
}

function isBeforeAll(lsn: Lsn, chain: TimelineChain | undefined, { segmentSize }: WalFormat): boolean {
  const first = chain?.segments[0];
  return first === undefined || lsn - (lsn % BigInt(segmentSize)) < first.file.start;
}

/** An incomplete backup as a problem to be told. */
export function backupProblem(backup: BackupReport): WalError[] {
  const { state, stored, files, missing, firstSegment, startLsn } = backup;
  if (stored?.problem !== undefined) return [stored.problem];
  if (state !== 'missing') return [];
  const name =
    stored === undefined ? message`of ${files[0]}` : message`${stored.name} of ${stored.repository}`;
  const said =
    missing.length > 0
      ? message`the base backup ${name} needs ${missing.map(namesOfGap).join(', ')}, which is missing: it cannot be restored`
      : message`the base backup ${name} needs WAL from ${firstSegment} on, and its end is not in the WAL that is here: it cannot be restored`;
  return [
    new WalError('backup-incomplete', said, {
      lsn: startLsn,
      file: files[0] ?? stored?.repository,
    }),
  ];
}
