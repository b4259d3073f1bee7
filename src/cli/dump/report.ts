import { faultMessage, type PagePlace, type ReadFault, type ShortFile } from '../../reader/fault.js';
import type { Gap } from '../../reader/wal-reader.js';
import type { WalError } from '../../wal/error.js';
import { formatLsnOf, INVALID_LSN, type Lsn } from '../../wal/lsn.js';
import { DumpError } from './error.js';

/** What `pg_waldump` says where a start LSN is not where a record begins. */
export function skippingText(startLsn: Lsn, firstLsn: Lsn, version: number): string {
  const skipped = Number(firstLsn - startLsn) >>> 0;
  const bytes = skipped === 1 && version >= 11 ? 'byte' : 'bytes';
  const [start, first] = [startLsn, firstLsn].map((lsn) => formatLsnOf(lsn, version));
  return `first record is after ${start}, at ${first}, skipping over ${skipped} ${bytes}`;
}

export function gapText({ from, to }: Gap, version: number): string {
  return `WAL from ${formatLsnOf(from, version)} to ${formatLsnOf(to, version)} is missing`;
}

export function damageText(fault: ReadFault, resumedAt: Lsn, version: number): string {
  const [from, to] = [fault.lsn, resumedAt].map((lsn) => formatLsnOf(lsn, version));
  return `skipped damaged WAL from ${from} to ${to}: ${faultMessage(fault, version)}`;
}

/** @param reason of no interest to `pg_waldump` before 19 */
export function noRecordError(startLsn: Lsn, reason: ReadFault | undefined, version: number): DumpError {
  const because =
    reason !== undefined && version >= 19 ? `: ${faultMessage(reason, version, INVALID_LSN)}` : '';
  return new DumpError(
    'fatal',
    `could not find a valid record after ${formatLsnOf(startLsn, version)}${because}`,
    version,
  );
}

/** @param lastLsn the last valid record, 0 where there is none */
export function recordError(fault: ReadFault, lastLsn: Lsn, version: number): DumpError {
  return new DumpError(
    'fatal',
    `error in WAL record at ${formatLsnOf(lastLsn, version)}: ${faultMessage(fault, version, lastLsn)}`,
    version,
  );
}

/**
 * A file that ends within a page (WALDumpReadPage in pg_waldump.c; up to 12 XLogDumpXLogRead).
 * @param problem why it ends there, where more is known than `pg_waldump` could
 */
export function shortFileError(
  { segmentName, offset, missing }: Pick<ShortFile & PagePlace, 'segmentName' | 'offset' | 'missing'>,
  problem: WalError | undefined,
  version: number,
): DumpError {
  if (problem !== undefined && problem.code !== 'truncated-segment') {
    return new DumpError('fatal', problem.message, version);
  }
  const file = version >= 17 ? `file "${segmentName}"` : `${fileWord(version)} ${segmentName}`;
  const what = version >= 12 ? `: read 0 of ${missing}` : `, length ${missing}: Success`;
  return new DumpError('fatal', `could not read from ${file}, offset ${offset}${what}`, version);
}

function fileWord(version: number): string {
  if (version >= 13) return 'file';
  return version >= 11 ? 'log file' : 'log segment';
}
