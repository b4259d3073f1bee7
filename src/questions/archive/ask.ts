import type { WalFormat } from '../../reader/segment.js';
import { compressionOf } from '../../sources/decompress.js';
import { isOfPgBackRest, isPartial } from '../../sources/file-name.js';
import type { Inputs } from '../../sources/input.js';
import { type Inventory, type SegmentFile, takeInventory, type UnusedFile } from '../../sources/inventory.js';
import { sizeProblem } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { ask, type QuestionOptions } from '../asking.js';
import { openGiven } from '../given.js';
import type { Platform } from '../platform.js';
import { scanInto } from '../scan-segments.js';
import { unusedSegments } from '../unused-segments.js';
import { readArchiveBackups } from './read-backups.js';
import { type ArchiveReport, ArchiveRun } from './run.js';
import { listBackups, type StoredBackupFacts } from './stored-backups.js';

/** How {@link examineArchive} goes about it. */
export interface ExamineOptions extends Omit<QuestionOptions, 'backup'> {
  /** Read the headers of segments alone: no counts, no times, no damage further on. */
  quick?: boolean | undefined;
  /**
   * A retention policy takes WAL between base backups, so that it is no problem where that is missing. It is known to
   * in the repository of a backup tool, and where pgBackRest has stored the WAL.
   */
  retention?: boolean | undefined;
}

/** An {@link ArchiveReport}, and what is to be said of the files. */
export interface ArchiveExamined extends ArchiveReport {
  quick: boolean;
  /** Backups of a repository of which its tool does not say where they begin in the WAL: those that failed. */
  unplaced: StoredBackupFacts[];
  /** Segments that there are several whole files of. */
  duplicates: { segment: string; files: string[] }[];
  /** `.partial` files; `whole`: the whole segment is there as well. */
  partial: { segment: string; file: string; whole: boolean }[];
  /** What `pg_wal/archive_status` says is still to be archived. */
  notArchived: string[];
  unused: { segment: string; file: string; reason: UnusedFile['reason'] }[];
}

/** See `questions/portable.ts`. */
export async function examineArchive(
  inputs: Inputs,
  options: ExamineOptions,
  platform: Platform,
): Promise<ArchiveExamined> {
  const { quick = false, retention = false } = options;
  return ask(options, platform, async (asking) => {
    const { wal, repositories } = await openGiven(inputs, undefined, asking.reading);
    const listed = await listBackups(repositories);
    const inventory = await takeInventory(wal, asking.reading, { headersOnly: quick });
    const { format, problems, conflicts, brokenCopies } = inventory;
    if (format === undefined) throw problems[0] ?? noWal(inventory);
    const unreadable: WalError[] = [];
    const backups = await readArchiveBackups(inventory.backups, listed, asking.reading, (problem) =>
      unreadable.push(problem),
    );
    const isKept = repositories.length > 0 || inventory.segments.some(({ source }) => isOfPgBackRest(source));
    const run = new ArchiveRun(inventory, backups, { retention: retention || isKept });
    const sizes = quick ? await wrongSizes(inventory.segments, format, asking.reading) : [];
    const unplaced = listed.flatMap(({ place, facts }) => (place === undefined ? [facts] : []));
    const known = [...problems, ...conflicts, ...brokenCopies, ...unreadable, ...sizes];
    for (const problem of [...known, ...unplaced.flatMap((one) => one.problem ?? [])]) {
      run.problems.push(problem);
    }
    if (!quick) await scanInto(run, 'archive', format, asking);
    const report = run.finish();
    return {
      ...report,
      problems: [...report.problems, ...unusedSegments(inventory)],
      quick,
      unplaced,
      ...filesOf(inventory),
    };
  });
}

function noWal({ unused }: Inventory): WalError {
  const [first] = unused;
  return first === undefined
    ? new WalError('no-wal', 'there is no WAL segment in what was given')
    : new WalError('no-wal', `there is no WAL in what was given: ${first.source.name} is ${first.reason}`, {
        file: first.source.name,
      });
}

function filesOf({
  segments,
  archiveStatus,
  unused,
}: Inventory): Pick<ArchiveExamined, 'duplicates' | 'partial' | 'notArchived' | 'unused'> {
  const files = segments.map(({ name, source, copies }) => ({ segment: name, all: [source, ...copies] }));
  return {
    duplicates: files.flatMap(({ segment, all }) => {
      const whole = all.filter((source) => !isPartial(source));
      return whole.length > 1 ? [{ segment, files: whole.map(({ name }) => name) }] : [];
    }),
    partial: files.flatMap(({ segment, all }) => {
      const partial = all.filter(isPartial);
      const whole = partial.length < all.length;
      return partial.map(({ name }) => ({ segment, file: name, whole }));
    }),
    notArchived: archiveStatus.flatMap(({ file, status }) => (status === 'ready' ? [file] : [])),
    unused: unused.map(({ name, source, reason }) => ({ segment: name, file: source.name, reason })),
  };
}

/** Of files that are stored as they are, the length tells without reading them. */
async function wrongSizes(
  segments: readonly SegmentFile[],
  { segmentSize }: WalFormat,
  reading: Reading,
): Promise<WalError[]> {
  const problems: WalError[] = [];
  for (const { source, partial } of segments) {
    const { size } = source;
    const problem = partial || size === undefined ? undefined : sizeProblem(source, size, segmentSize);
    if (problem && (await compressionOf(source, reading)) === undefined) problems.push(problem);
  }
  return problems;
}
