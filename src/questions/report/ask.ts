import type { RelationName } from '../../replay/relation-names.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import type { Backup } from '../../sources/backup-parts.js';
import type { Inputs } from '../../sources/input.js';
import { readBaseBackup } from '../../sources/read-base-backup.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';
import { type ArchiveExamined, examineArchive } from '../archive/ask.js';
import type { ArchiveBackup } from '../archive/backups.js';
import { ask, type QuestionOptions } from '../asking.js';
import { openGiven } from '../given.js';
import { findIncidents } from '../incidents/ask.js';
import type { IncidentsResult } from '../incidents/run.js';
import type { Platform } from '../platform.js';
import { scanInto } from '../scan-segments.js';
import { unusedSegments } from '../unused-segments.js';
import { withoutExpired } from './expired.js';
import { type BackupReach, reachOf } from './reach.js';
import { ReportRun, type WalReport } from './run.js';
import { windowStarts } from './window-start.js';

/** What to report about. */
export interface ReportOptions extends Omit<QuestionOptions, 'backup'> {
  /** As of `findIncidents`; `false`: no names. */
  backup?: Inputs | false | undefined;
  /** Incidents and WAL of transactions that ended from here on, and up to here. Of the archive headers are read then. */
  since?: TimestampTz | undefined;
  until?: TimestampTz | undefined;
  /** Rows deleted and updated in one relation by one transaction: at least so many are an incident. */
  minRows: number;
}

/** All there is to see of WAL. */
export interface Report {
  /** When it was made. */
  made: TimestampTz;
  archive: ArchiveExamined;
  incidents: IncidentsResult;
  wal: WalReport;
  since: TimestampTz | undefined;
  until: TimestampTz | undefined;
  /** How far each base backup can be recovered: those of the archive, and the one that was asked for. */
  reach: BackupReach[];
  /** The names of relations by their files, where a base backup tells them. */
  names: ReadonlyMap<string, RelationName>;
  /** The tables that TOAST tables and indexes belong to, by the files of these. */
  owners: ReadonlyMap<string, RelationName>;
}

/** See `questions/portable.ts`. */
export async function readReport(
  inputs: Inputs,
  options: ReportOptions,
  platform: Platform,
): Promise<Report> {
  const { since, until, backup } = options;
  const made = BigInt(Date.now()) * 1000n - POSTGRES_EPOCH_US;
  const quick = since !== undefined || until !== undefined;
  const archive = await examineArchive(inputs, { ...options, backup: undefined, quick }, platform);
  const incidents = await findIncidents(inputs, options, platform);
  const asked = backup === false ? undefined : backup;
  return ask({ ...options, backup: asked }, platform, async (asking) => {
    const given = await openGiven(inputs, asked, asking.reading);
    const within = quick ? { since, until, apart: true } : {};
    const opened = await given.openBackup();
    const inventory = await takeInventoryFor(opened, given.wal, asking.reading, within);
    const starts = since === undefined ? undefined : await windowStarts(inventory, since, asking.reading);
    const run = new ReportRun(inventory, { starts, until });
    for (const problem of [...inventory.problems, ...unusedSegments(inventory)]) run.problems.push(problem);
    await scanInto(run, 'report', inventory.format, asking);
    const regular = withoutExpired(archive, inventory);
    const wal = regular(run.finish());
    const backups = await withOpened(archive.backups, opened);
    const reach = reachOf(backups, inventory, run.reached());
    const { names = new Map(), owners = new Map() } = incidents;
    return { made, archive, incidents: regular(incidents), wal, since, until, reach, names, owners };
  });
}

/** The archive's backups, and the one that was asked for where no file of the archive tells of it. */
async function withOpened(
  backups: readonly ArchiveBackup[],
  opened: Backup | undefined,
): Promise<readonly ArchiveBackup[]> {
  if (opened === undefined) return backups;
  const { startLsn, timeline, endLsn, label, consistency } = await readBaseBackup(opened);
  if (backups.some((one) => one.startLsn === startLsn && one.timeline === timeline)) return backups;
  const endsInWal = consistency.kind === 'backup-end';
  return [...backups, { startLsn, timeline, endLsn, endsInWal, label, files: [opened.name], isHere: true }];
}
