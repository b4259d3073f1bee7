import {
  goesThrough,
  type TimelineChain,
  timelineChain,
  timelinesOf,
  type WalStock,
} from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { ArchiveBackup } from '../archive/backups.js';

/** How far a timeline's own WAL goes, as it was read. */
export interface TimelineReach {
  /** Where records are not valid although others follow. */
  damages: Lsn[];
  /** Where it ends before a gap, or at all, and the time told last before that. */
  ends: { lsn: Lsn; time: number | undefined }[];
}

/** How far a base backup can be recovered. */
export interface BackupReach {
  backup: ArchiveBackup;
  timelines: {
    timeline: number;
    lsn: Lsn;
    /** The last one told before that. */
    time: TimestampTz | undefined;
    /** To the end of the timeline. */
    complete: boolean;
  }[];
}

/** How far each base backup can be recovered along each timeline that goes through it, newest first. */
export function reachOf<S extends PlacedSegment>(
  backups: readonly ArchiveBackup[],
  stock: WalStock<S>,
  reached: ReadonlyMap<number, TimelineReach>,
): BackupReach[] {
  const chains = timelinesOf(stock)
    .reverse()
    .map((timeline) => timelineChain(stock, timeline));
  return backups.map((backup) => ({
    backup,
    timelines: chains
      .filter((chain) => goesThrough(chain, backup))
      .flatMap((chain) => reachAlong(backup, chain, reached) ?? []),
  }));
}

/** @returns undefined where the segment that the backup begins in is not there */
function reachAlong<S extends PlacedSegment>(
  { startLsn }: ArchiveBackup,
  { timeline, segments }: TimelineChain<S>,
  reached: ReadonlyMap<number, TimelineReach>,
): BackupReach['timelines'][number] | undefined {
  let at = segments.findIndex(({ file, end }) => file.start <= startLsn && startLsn < end);
  if (at < 0) return undefined;
  for (;;) {
    const { file, end } = segments[at];
    const read = reached.get(file.timeline);
    const from = file.start > startLsn ? file.start : startLsn;
    const damage = read?.damages.find((lsn) => from <= lsn && lsn < end);
    if (damage !== undefined) return { timeline, lsn: damage, time: undefined, complete: false };
    const next = segments[at + 1];
    if (next === undefined || next.file.start !== end || next.file.reset === true) {
      const told = read?.ends.find(({ lsn }) => from < lsn && lsn <= end);
      const isSwitch = file.timeline !== timeline && next === undefined;
      const time = told?.time === undefined ? undefined : BigInt(Math.trunc(told.time));
      return { timeline, lsn: told?.lsn ?? end, time, complete: next === undefined && !isSwitch };
    }
    at++;
  }
}
