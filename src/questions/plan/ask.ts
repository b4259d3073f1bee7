import { type BaseBackup, currentTimeline } from '../../cluster/base-backup.js';
import { foreignProblem } from '../../cluster/branches.js';
import { foreignIn, recoveryChain, type TimelineChain } from '../../cluster/chain.js';
import type { ControlFile } from '../../cluster/control-file.js';
import { historyFileName } from '../../cluster/history.js';
import { defaultTimeline, resolveTimeline, type TimelineChoice } from '../../cluster/recovery-timeline.js';
import { type MappedTablespace, parseTablespaceMap } from '../../cluster/tablespace-map.js';
import { offsetInSegment, type WalFormat } from '../../reader/segment.js';
import type { StopTarget } from '../../replay/recovery.js';
import { settingsOf } from '../../replay/server-needs.js';
import { takeInventoryFor } from '../../replay/wal-of-backup.js';
import { type BackupConfig, type ConfigSetting, readBackupConfig } from '../../sources/backup-config.js';
import type { Backup } from '../../sources/backup-parts.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import type { Inputs } from '../../sources/input.js';
import {
  type Inventory,
  isAll,
  type OtherCluster,
  type SegmentFile,
  type UsableInventory,
} from '../../sources/inventory.js';
import { problemsOfStart } from '../../sources/manifest-check.js';
import { controlOf, readBaseBackup } from '../../sources/read-base-backup.js';
import { readWindows, type SegmentRead } from '../../sources/read-segments.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { type Asking, ask, type QuestionOptions } from '../asking.js';
import {
  type ChosenBackup,
  candidatesFor,
  type Given,
  nameOfChosen,
  nothingToRestore,
  openCandidate,
  openGiven,
  passOver,
  type StoredBackupName,
} from '../given.js';
import { mayReach } from '../last-place.js';
import type { Platform } from '../platform.js';
import { unusedSegments } from '../unused-segments.js';
import { type BeforeDelete, beforeDelete, type SparedLoss } from './before-delete.js';
import { type Archiving, leftoversOf } from './leftovers.js';
import { type NeededFile, type RestoreOptions, restoreCommand } from './restore-command.js';
import { type RecoveryPlan, RecoveryPlanner } from './run.js';
import { recommendedAction, recoverySettings, type Settings } from './settings.js';
import { type ToolCommand, toolCommand } from './tool-command/index.js';

/** What to recover to; `before-delete` is before the last DELETE, DROP or TRUNCATE of a relation. */
export type PlanTarget = StopTarget | BeforeDelete;

/** The recovery to plan: from which backup, to where. */
export interface PlanOptions extends Pick<QuestionOptions, 'signal' | 'onProgress' | 'jobs' | 'passphrase'> {
  /**
   * A base backup, in whatever form. To find a table by its name takes all of it, not only its label. Where a repository
   * of a backup tool is among the inputs it may be named as its tool names it, or left out: then the newest is taken from
   * which the target can be reached. An incremental backup is given with all those that it builds on, in any order.
   */
  backup?: Inputs | undefined;
  target: PlanTarget;
  /**
   * Left out: what the server takes by default; before a delete, where that has none, the timeline of the newest one.
   */
  timeline?: TimelineChoice | undefined;
}

/** A recovery gone through in advance: where it stops or why it cannot get there (`plan`), and what it needs. */
export interface PlannedRecovery {
  format: WalFormat;
  backup: BaseBackup;
  /** What it is called, where it is one of a backup tool's repository. */
  storedBackup: StoredBackupName | undefined;
  /** How that tool does the same, whether or not the target can be reached. */
  tool: ToolCommand | undefined;
  /**
   * The names of the backups that `pg_combinebackup` has to put together first, in its order; none where the backup is
   * whole, or a backup tool puts it together.
   */
  combines: readonly string[];
  target: StopTarget;
  plan: RecoveryPlan;
  /** Ready to be set, whether or not the target can be reached. */
  settings: Settings;
  /**
   * What the backup's configuration holds of an earlier recovery or a standby, and would decide about this one:
   * `settings` win over them where they come last. A file that must go has its own name.
   */
  leftoverSettings: ConfigSetting[];
  /** By which the restored server would archive its WAL as production does. */
  archiving: Archiving | undefined;
  /** Whether the backup given holds the configuration, without which nothing is known to be left over. */
  isConfigKnown: boolean;
  /** The backup's own tablespaces, where the server that starts links them to the directories of production. */
  mappedTablespaces: MappedTablespace[];
  /** Files that `restore_command` does not find, because they are not named as they should be. */
  misnamed: NeededFile[];
  /** The names of the files that the server asks for and that are there: history files and segments. */
  files: string[];
  /** Files needed of which there is a `.partial` one only. */
  partial: SegmentFile[];
  /** With `before-delete`: what is spared, and what other timelines lost. */
  spared: SparedLoss | undefined;
  /** With `before-delete`: why a later one may be there that is not known of. */
  problems: WalError[];
  /** Whose WAL is there as well, and was left out: it is not the backup's. */
  otherClusters: OtherCluster[];
  /** What else could not be read in the files and folders given: there may be more WAL, or another timeline. */
  unread: WalError[];
}

/** See `questions/portable.ts`. */
export async function planRecovery(
  inputs: Inputs,
  options: PlanOptions,
  platform: Platform,
): Promise<PlannedRecovery> {
  return ask(options, platform, async (asking) => {
    const given = await openGiven(inputs, options.backup, asking.reading);
    const opened = await given.openBackup();
    if (opened !== undefined) {
      const stock = stockOf(given.wal, asking.reading);
      return planFrom(opened, given.chosen, stock, options, platform, asking);
    }
    const { target } = options;
    const candidates = await given.candidates();
    let tries = candidatesFor(target.kind === 'before-delete' ? LATEST : target, candidates);
    const stock = stockOf(given.wal, asking.reading);
    const passedOver: WalError[] = [];
    let first: PlannedRecovery | undefined;
    for (let one = tries.shift(); one !== undefined; one = tries.shift()) {
      const backup = await openCandidate(one, passedOver);
      if (backup === undefined) continue;
      let planned: PlannedRecovery;
      try {
        planned = await planFrom(backup, one, stock, options, platform, asking);
      } catch (error) {
        if (!(error instanceof WalError) || error.code !== 'damaged-backup') throw error;
        passedOver.push(passOver(one.stored, error));
        continue;
      }
      planned.unread.push(...passedOver);
      const { obstacle } = planned.plan;
      if (obstacle === undefined) return planned;
      if (first === undefined && obstacle.reason === 'target-not-found') {
        tries = await mayReach(planned.target, tries, await stock(backup, undefined, undefined), asking);
      }
      first ??= planned;
    }
    if (first === undefined) throw passedOver[0] ?? (await noBackup(given));
    return first;
  });
}

const LATEST: StopTarget = { kind: 'latest' };

async function noBackup({ repositories }: Given): Promise<WalError> {
  if (repositories.length > 0) return nothingToRestore(repositories);
  return new WalError(
    'no-backup',
    message`a plan needs a base backup: give --backup, or a repository that has one`,
  );
}

/**
 * Takes stock of the WAL that goes with a backup.
 * @param ownWal what came with it
 * @param startLsn what comes before it does not matter
 */
type Stock = (
  backup: Backup,
  ownWal: SourceFolder | undefined,
  startLsn: Lsn | undefined,
) => Promise<UsableInventory>;

/** Stock is taken once for all backups that have no WAL of their own. */
function stockOf(wal: Given['wal'], reading: Reading): Stock {
  let taken: Promise<UsableInventory> | undefined;
  return async (backup, ownWal, startLsn) => {
    if (ownWal !== undefined && (await hasFiles(ownWal, reading))) {
      return takeInventoryFor(backup, [...wal, ownWal], reading, { startLsn });
    }
    if (startLsn !== undefined && taken === undefined) {
      const inventory = await takeInventoryFor(backup, wal, reading, { startLsn });
      if (isAll(inventory)) taken = Promise.resolve(inventory);
      return inventory;
    }
    taken ??= takeInventoryFor(backup, wal, reading);
    return taken;
  };
}

/** Tools leave a `pg_wal` of nothing but folders. */
async function hasFiles(folder: SourceFolder, reading: Reading): Promise<boolean> {
  return (await listFolder(folder, reading)).some(({ kind }) => kind !== 'folder');
}

/**
 * Plans out of what there is from the backup on, behind the target as well: it tells what is lost. Where that does not
 * do, and before a delete, which may be on any timeline, all WAL is looked at.
 */
async function planFrom(
  opened: Backup,
  chosen: ChosenBackup | undefined,
  stock: Stock,
  options: PlanOptions,
  platform: Platform,
  asking: Asking,
): Promise<PlannedRecovery> {
  const backup = await readBaseBackup(opened);
  const control = await controlOf(opened);
  const ownWal = await opened.wal();
  const from: Origin = { opened, chosen, backup, ownWal, control };
  const startLsn = options.target.kind === 'before-delete' ? undefined : backup.startLsn;
  const inventory = await stock(opened, ownWal, startLsn);
  try {
    const planned = await planWithin(from, inventory, options, platform, asking);
    if (isAll(inventory) || planned.plan.obstacle === undefined) return planned;
  } catch (error) {
    if (isAll(inventory) || !(error instanceof WalError)) throw error;
  }
  return planWithin(from, await stock(opened, ownWal, undefined), options, platform, asking);
}

/** What a plan begins with. */
interface Origin {
  opened: Backup;
  chosen: ChosenBackup | undefined;
  backup: BaseBackup;
  ownWal: SourceFolder | undefined;
  control: ControlFile | undefined;
}

async function planWithin(
  { opened, chosen, backup, ownWal, control }: Origin,
  inventory: UsableInventory,
  options: PlanOptions,
  platform: Platform,
  asking: Asking,
): Promise<PlannedRecovery> {
  const { reading } = asking;
  const { format, otherClusters = [] } = inventory;
  asking.enter('search');
  const { target, timeline, spared, problems } = await aimOf(inventory, opened, backup, options, platform);

  asking.enter('wal');
  const chain = recoveryChain(inventory, timeline, backup.startLsn);
  const planner = new RecoveryPlanner(backup, target, chain, format, control && settingsOf(control));
  const isInPlace = (source: ByteSource): boolean => isIn(source, ownWal);
  const { plan, padded, unread: failed } = await follow(planner, inventory, timeline, isInPlace, asking);
  const names = new Set(plan.segments);
  const needed = planner.wanted.map(({ file }) => file).filter(({ name }) => names.has(name));
  const files = neededFiles(needed, inventory, chain, padded);
  const told = chain.historyKnown ? timeline : 'current';
  const action = recommendedAction(target, plan.server);
  const { version, segmentSize } = format;
  const tool = chosen && toolCommand({ target, timeline: told, action, chosen, version, files });
  const unknownFolder = tool === undefined ? platform.unknownFolder : undefined;
  const shell = { isInPlace, segmentSize, unknownFolder };
  const { command, misnamed } = await commandFor(files, shell, tool, reading);
  const planned = recoverySettings(target, told, command, version, action);
  const { config, mappedTablespaces, problem } = await configOf(opened, version);
  const leftovers = leftoversOf(config, planned, version);
  const unread = [
    ...unreadIn(inventory, planner),
    ...failed,
    ...(problem === undefined ? [] : [problem]),
    ...(await problemsOfStart(opened)),
  ];
  return {
    ...{ format, backup, target, plan, misnamed, spared, problems, otherClusters },
    storedBackup: nameOfChosen(chosen),
    combines: (chosen === undefined && opened.chain) || [],
    tool,
    files: files.map(({ name }) => name),
    settings: { ...leftovers.overrides, ...planned },
    leftoverSettings: leftovers.settings,
    archiving: leftovers.archiving,
    isConfigKnown: config !== undefined,
    partial: needed.filter((file) => file.partial),
    unread: unread.filter(({ message }) => !problems.some((one) => one.message === message)),
    mappedTablespaces,
  };
}

/**
 * A `restore_command` of the shell's, which needs no tool and none of its settings; where files are such that the shell
 * cannot give them, as encrypted ones, that of the tool.
 */
async function commandFor(
  files: readonly NeededFile[],
  options: RestoreOptions,
  tool: ToolCommand | undefined,
  reading: Reading,
): Promise<{ command: string; misnamed: NeededFile[] }> {
  const own = await restoreCommand(files, reading, options);
  if (tool === undefined || own.misnamed.length === 0) return own;
  return { command: tool.restoreCommand, misnamed: [] };
}

/** Where recovery is to go, and on which timeline. */
async function aimOf(
  inventory: UsableInventory,
  opened: Backup,
  backup: BaseBackup,
  options: PlanOptions,
  platform: Platform,
): Promise<Pick<PlannedRecovery, 'target' | 'spared' | 'problems'> & { timeline: number }> {
  const { target, timeline: choice } = options;
  const timeline = resolveTimeline(
    choice ?? defaultTimeline(inventory.format.version),
    currentTimeline(backup),
    (number) => inventory.histories.some((history) => history.timeline === number),
  );
  if (target.kind !== 'before-delete') return { target, timeline, spared: undefined, problems: [] };
  const wanted = { number: timeline, isAsked: choice !== undefined };
  return ask(searching(options), platform, (asking) =>
    beforeDelete(inventory, target, opened, wanted, asking),
  );
}

/**
 * Gives the planner the WAL that it wants.
 * @returns the plan, and which files end before the segment does and will do all the same
 */
async function follow(
  planner: RecoveryPlanner<SegmentFile>,
  inventory: UsableInventory,
  timeline: number,
  isInPlace: (source: ByteSource) => boolean,
  asking: Asking,
): Promise<{ plan: RecoveryPlan; padded: ReadonlySet<ByteSource>; unread: WalError[] }> {
  const { format } = inventory;
  const history = inventory.histories.find((one) => one.timeline === timeline);
  if (history?.problem !== undefined) planner.refuseHistory(history.problem, history.isEmpty);
  const padded = new Set<ByteSource>();
  const unread: WalError[] = [];
  let done = 0;
  let problem: WalError | undefined;
  for await (const read of readWindows(planner.wanted, format, asking.reading)) {
    const { segment, file, isLast } = read;
    if (offsetInSegment(segment, segment) === 0) {
      problem = isLast ? read.problem : await problemOfFile(read, format, asking.reading);
    }
    if (isLast && read.problem?.kind === 'system') unread.push(read.problem);
    if (read.padded) padded.add(file.source);
    planner.push(segment, problem, [file.source, ...file.copies].some(isInPlace));
    if (isLast) asking.onSegment(++done, planner.wanted.length, format.segmentSize);
  }
  return { plan: withoutTooShort(planner.finish(), inventory), padded, unread };
}

/** What is wrong with a large file: a server restores it as a whole or not at all, so it is to be known beforehand. */
async function problemOfFile(
  { file }: SegmentRead<SegmentFile>,
  format: WalFormat,
  reading: Reading,
): Promise<WalError | undefined> {
  let problem: WalError | undefined;
  const segment = { file, end: file.start + BigInt(format.segmentSize) };
  for await (const window of readWindows([segment], format, reading)) ({ problem } = window);
  return problem;
}

/** What was wrong with the files given, and what reading them showed to be of another server or restore. */
function unreadIn(inventory: UsableInventory, planner: RecoveryPlanner): WalError[] {
  const names = new Set(planner.breaks);
  const breaks = foreignIn(inventory, ({ name }) => names.has(name)).filter(({ isBreak }) => isBreak);
  return [
    ...inventory.problems,
    ...unusedSegments(inventory),
    ...breaks.map((branch) => foreignProblem(branch, inventory.format)),
  ];
}

/** The recovery can be planned without it. */
async function configOf(
  backup: Backup,
  version: number,
): Promise<{
  config: BackupConfig | undefined;
  mappedTablespaces: MappedTablespace[];
  problem?: WalError | undefined;
}> {
  try {
    const config = await readBackupConfig(backup);
    // with a map the server makes the links anew, without one it takes those that are there
    const map = await backup.configFile('tablespace_map');
    const mappedTablespaces = map ? parseTablespaceMap(map.bytes, version) : await backup.tablespaceLinks();
    return { config, mappedTablespaces };
  } catch (error) {
    return { config: undefined, mappedTablespaces: [], problem: problemOf(error) };
  }
}

/** For the search of a delete, which is one phase whatever it does. */
const searching = ({ signal, passphrase, jobs, onProgress }: PlanOptions): QuestionOptions => ({
  ...{ signal, passphrase, jobs },
  onProgress: onProgress && ((progress) => onProgress({ ...progress, phase: 'search' })),
});

/**
 * A file that is too short for a page is no segment to read, but is one to the server, which it does not take for the
 * end of the WAL. (A compressed one cannot be unpacked: then there is no file for the server.)
 */
function withoutTooShort(plan: RecoveryPlan, { problems }: Inventory): RecoveryPlan {
  if (plan.obstacle?.reason !== 'missing-segment') return plan;
  const [{ firstName, from: lsn }] = plan.obstacle.missing;
  const tooShort = problems.find(
    ({ code, file }) =>
      code === 'short-file' && file !== undefined && /[^/\\]*$/.exec(file)?.[0] === firstName,
  );
  if (tooShort === undefined) return plan;
  return {
    ...plan,
    obstacle: { reason: 'damaged-wal', lsn, detail: tooShort.said, wrongSize: firstName },
  };
}

/** Whether a file lies in a folder, which may have been met in several ways. */
function isIn({ folder: own }: ByteSource, folder: SourceFolder | undefined): boolean {
  if (own === undefined || folder === undefined) return false;
  return own === folder || (own.id !== undefined && own.id === folder.id);
}

/** The files that the server will ask for: segments, and the history that it is told to follow. */
function neededFiles(
  segments: SegmentFile[],
  { histories, brokenCopies }: Inventory,
  { timeline }: TimelineChain,
  padded: ReadonlySet<ByteSource>,
): NeededFile[] {
  const history = histories.filter((one) => one.timeline === timeline);
  const broken = new Set(brokenCopies.map(({ file }) => file));
  return [
    ...history.map(({ source }) => ({ name: historyFileName(timeline), sources: [source] })),
    ...segments.map(({ name, source, copies }) => ({
      name,
      sources: [source, ...copies],
      broken: copies.filter((copy) => broken.has(copy.name)),
      isCut: padded.has(source),
    })),
  ];
}
