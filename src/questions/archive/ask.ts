import type { WalFormat } from '../../reader/segment.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { compressionOf } from '../../sources/decompress.js';
import { isOfPgBackRest, isPartial } from '../../sources/file-name.js';
import { type Input, type Inputs, openInput } from '../../sources/input.js';
import {
  type Inventory,
  noWal,
  type SegmentFile,
  takeInventory,
  type UnusedFile,
  type UsableInventory,
} from '../../sources/inventory.js';
import { sizeProblem } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { NoWal } from '../../sources/segment-facts.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { type Asking, ask, type FactsOptions, type QuestionOptions } from '../asking.js';
import { takeFactsIn } from '../facts/take.js';
import { type Given, openGiven } from '../given.js';
import type { Platform } from '../platform.js';
import { scanInto } from '../scan-segments.js';
import { UNUSED } from '../unused-reasons.js';
import { unusedSegments } from '../unused-segments.js';
import type { BackupReport } from './backups.js';
import { readArchiveBackups } from './read-backups.js';
import { type ArchiveReport, ArchiveRun } from './run.js';
import { listBackups, type StoredBackupFacts } from './stored-backups.js';
import type { VerifiedBackup } from './verify.js';
import {
  filesToVerify,
  keyOfStored,
  notToVerify,
  storedToVerify,
  type ToVerify,
  verifyAll,
} from './verify-all.js';
import { rangeProblems } from './wal-ranges.js';

/** How {@link examineArchive} goes about it. */
export interface ExamineOptions extends QuestionOptions, FactsOptions {
  /** With `verify`, the only one whose files are to be read: a path or, of a repository, its name or `latest`. */
  backup?: Input | undefined;
  /**
   * Read all files of the base backups that are given or are in the repositories, and hold them against their manifests,
   * as `pg_verifybackup` does.
   */
  verify?: boolean | undefined;
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
  /** The files of base backups were read. */
  verify: boolean;
  /** Backups of a repository of which its tool does not say where they begin in the WAL: those that failed. */
  unplaced: (StoredBackupFacts & Pick<BackupReport, 'verified'>)[];
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
  const { quick = false, retention = false, verify = false } = options;
  if (options.backup !== undefined && !verify)
    throw new WalError('usage', message`backup goes with verify only`);
  return ask(options, platform, async (asking) => {
    const facts = await takeFactsIn(options.facts, asking.reading);
    const given = await openGiven(inputs, options.backup, asking.reading);
    const { repositories } = given;
    // what is asked of some of its WAL is not asked of its backups
    const unreadable: WalError[] = [];
    const listed = await listBackups(given.isPart ? [] : repositories, (problem) => unreadable.push(problem));
    // one that is of no repository is a place to look for WAL, too
    const place =
      options.backup === undefined || given.chosen
        ? undefined
        : await openInput(options.backup, asking.reading);
    const wal = place === undefined ? given.wal : [...given.wal, place];
    const take = (more: ByteSource[]): Promise<Inventory> =>
      takeInventory([...wal, ...more], asking.reading, { headersOnly: quick, facts });
    const first = await take([]);
    const toVerify = verify ? await backupsToVerify(given, place, first, asking) : [];
    const tars = toVerify.flatMap((one) => one.wal ?? []);
    const inventory = tars.length === 0 ? first : await take(tars);
    const { problems, conflicts, brokenCopies } = inventory;
    const verified = await verifyAll(toVerify, asking);
    const format = inventory.format ?? formatOf(verified.values());
    if (format === undefined) throw problems[0] ?? noWalIn(inventory, wal);
    if (verify) await addRangeProblems(verified.values(), { ...inventory, format }, asking);
    const backups = await readArchiveBackups(inventory.backups, listed, asking.reading, (problem) =>
      unreadable.push(problem),
    );
    const isKept = repositories.length > 0 || inventory.segments.some(({ source }) => isOfPgBackRest(source));
    const run = new ArchiveRun({ ...inventory, format }, backups, { retention: retention || isKept });
    const sizes = quick ? await wrongSizes(inventory.segments, format, asking.reading) : [];
    const unplaced = listed.flatMap(({ place, facts }) => (place === undefined ? [facts] : []));
    const damaged = [...new Set(verified.values())].flatMap((one) => one.problems);
    const passedOver = repositories.flatMap((one) => one.passedOver ?? []);
    const known = [
      ...passedOver,
      ...problems,
      ...conflicts,
      ...brokenCopies,
      ...unreadable,
      ...sizes,
      ...damaged,
    ];
    for (const problem of [...known, ...unplaced.flatMap((one) => one.problem ?? [])]) {
      run.problems.push(problem);
    }
    if (!quick) await scanInto(run, 'archive', format, asking);
    const report = run.finish();
    const ofStored = (stored: StoredBackupFacts): VerifiedBackup | undefined =>
      verified.get(keyOfStored(stored));
    return {
      ...report,
      backups: report.backups.map((backup) => ({
        ...backup,
        verified: backup.stored
          ? ofStored(backup.stored)
          : backup.files.map((file) => verified.get(file)).find((one) => one !== undefined),
      })),
      problems: [...report.problems, ...unusedSegments(inventory)],
      quick,
      unplaced: unplaced.map((stored) => ({ ...stored, verified: ofStored(stored) })),
      verify,
      ...filesOf(inventory),
    };
  });
}

/** @param place of the only backup that is wanted, where it is of no repository */
async function backupsToVerify(
  { chosen, repositories, isPart }: Given,
  place: ByteSource | SourceFolder | undefined,
  { backups }: Inventory,
  asking: Asking,
): Promise<ToVerify[]> {
  if (chosen !== undefined) return storedToVerify(repositories, chosen);
  const ofFiles = await filesToVerify(backups, asking);
  if (place !== undefined) {
    const wanted = ofFiles.filter(({ name }) => name === place.name);
    if (wanted.length === 0) throw notToVerify(place);
    return wanted;
  }
  return [...(await storedToVerify(isPart ? [] : repositories, undefined)), ...ofFiles];
}

/** Where there is no WAL at all, pg_control says of which form it would be. */
function formatOf(verified: Iterable<VerifiedBackup>): WalFormat | undefined {
  for (const { control } of verified) {
    if (control?.version === undefined) continue;
    const { version, systemIdentifier, walSegmentSize: segmentSize, walBlockSize: blockSize } = control;
    return { version, systemIdentifier, segmentSize, blockSize };
  }
  return undefined;
}

async function addRangeProblems(
  verified: Iterable<VerifiedBackup>,
  inventory: UsableInventory,
  { reading }: Asking,
): Promise<void> {
  for (const { name, walRanges, problems } of new Set(verified)) {
    problems.push(...(await rangeProblems(name, walRanges, inventory, reading)));
  }
}

function noWalIn({ unused }: Inventory, inputs: Inputs): WalError {
  const [first] = unused;
  return first === undefined
    ? noWal(inputs)
    : new WalError(
        'no-wal',
        message`there is no WAL in what was given: ${first.source.name} is ${UNUSED[first.reason]}`,
        {
          file: first.source.name,
        },
      );
}

function filesOf({
  segments,
  archiveStatus,
  unused,
}: Inventory): Pick<ArchiveExamined, 'duplicates' | 'partial' | 'notArchived' | 'unused'> {
  const files = segments.map(({ name, source, copies }) => {
    return { segment: name, all: source instanceof NoWal ? [] : [source, ...copies] };
  });
  const factsAlone = segments.filter(({ source, partial }) => source instanceof NoWal && partial);
  return {
    duplicates: files.flatMap(({ segment, all }) => {
      const whole = all.filter((source) => !isPartial(source));
      return whole.length > 1 ? [{ segment, files: whole.map(({ name }) => name) }] : [];
    }),
    partial: [
      ...files.flatMap(({ segment, all }) => {
        const partial = all.filter(isPartial);
        const whole = partial.length < all.length;
        return partial.map(({ name }) => ({ segment, file: name, whole }));
      }),
      ...factsAlone.map(({ name, source }) => ({ segment: name, file: source.name, whole: false })),
    ],
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
