import type { BaseBackup } from '../../cluster/base-backup.js';
import { type TimelineChain, timelineChain } from '../../cluster/chain.js';
import { historyFileName } from '../../cluster/history.js';
import { defaultTimeline, resolveTimeline, type TimelineChoice } from '../../cluster/recovery-timeline.js';
import type { RelationFilter } from '../../follow/relation.js';
import type { RemovalKind } from '../../follow/removal.js';
import { notFoundIn } from '../../follow/wal-problems.js';
import type { WalFormat } from '../../reader/segment.js';
import type { TableChoice } from '../../replay/names-of-backup.js';
import type { StopTarget } from '../../replay/recovery.js';
import { openBackup } from '../../sources/backup.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { type Input, type Inputs, inputsOf } from '../../sources/input.js';
import { type Inventory, type SegmentFile, takeUsableInventory } from '../../sources/inventory.js';
import { readBaseBackup } from '../../sources/read-base-backup.js';
import { readSegmentsInTurn } from '../../sources/read-segments.js';
import { WalError } from '../../wal/error.js';
import { ask, type QuestionOptions } from '../asking.js';
import type { Platform } from '../platform.js';
import { findLosses } from './losses.js';
import { type NeededFile, restoreCommand } from './restore-command.js';
import { type RecoveryPlan, RecoveryPlanner } from './run.js';
import { recoverySettings, type Settings } from './settings.js';

/** What to recover to; `before-delete` is before the last DELETE, DROP or TRUNCATE of a relation. */
export type PlanTarget =
  | StopTarget
  | { kind: 'before-delete'; relation: RelationFilter | string }
  /** By its name, which needs all of the base backup, not only its label. */
  | { kind: 'before-delete'; table: TableChoice };

/** The recovery to plan: from which backup, to where. */
export interface PlanOptions extends Pick<QuestionOptions, 'signal' | 'onProgress' | 'jobs'> {
  /** A base backup, in whatever form. To find a table by its name takes all of it, not only its label. */
  backup: Input;
  target: PlanTarget;
  /** Left out: what the server takes by default or, before a delete, the timeline of that. */
  timeline?: TimelineChoice | undefined;
}

/** A recovery gone through in advance: where it stops or why it cannot get there (`plan`), and what it needs. */
export interface PlannedRecovery {
  format: WalFormat;
  backup: BaseBackup;
  target: StopTarget;
  plan: RecoveryPlan;
  /** Ready to be set, whether or not the target can be reached. */
  settings: Settings;
  /** Files that `restore_command` does not find, because they are not named as they should be. */
  misnamed: NeededFile[];
  /** Files needed of which there is a `.partial` one only. */
  partial: SegmentFile[];
  /** With `before-delete`: how the relation lost its file, if it did, and whether it is unlogged, where that is known. */
  removed?: { kind: RemovalKind; unlogged: boolean | undefined } | undefined;
  /** With `before-delete`: why a later one may be there that is not known of. */
  problems: WalError[];
  /** What else could not be read in the files and folders given: there may be more WAL, or another timeline. */
  unread: WalError[];
}

/** See `questions/portable.ts`. */
export async function planRecovery(
  inputs: Inputs,
  options: PlanOptions,
  platform: Platform,
): Promise<PlannedRecovery> {
  const { target: wanted, timeline: choice } = options;
  return ask(options, platform, async (asking) => {
    const { reading } = asking;
    const opened = await openBackup(options.backup, reading);
    const backup = await readBaseBackup(opened);
    const ownWal = await opened.wal();
    const all = [...inputsOf(inputs), ...(ownWal === undefined ? [] : [ownWal])];
    const inventory = await takeUsableInventory(all, reading);
    const { format } = inventory;
    const resolve = (one: TimelineChoice): number =>
      resolveTimeline(one, backup.timeline, (number) =>
        inventory.histories.some(({ timeline }) => timeline === number),
      );
    asking.enter('search');
    const { target, timeline, removed, problems } =
      wanted.kind === 'before-delete'
        ? await beforeDelete(all, wanted, options, platform, choice && resolve(choice))
        : {
            target: wanted,
            timeline: resolve(choice ?? defaultTimeline(format.version)),
            removed: undefined,
            problems: [],
          };

    const chain = {
      ...timelineChain(inventory, timeline),
      // the server asks for the timeline's own file, whatever those of its descendants tell
      historyKnown: timeline === 1 || inventory.histories.some((history) => history.timeline === timeline),
    };
    asking.enter('wal');
    const planner = new RecoveryPlanner(backup, target, chain, format);
    const isInPlace = (source: ByteSource): boolean => isIn(source, ownWal);
    let done = 0;
    for await (const { segment, file, problem } of readSegmentsInTurn(planner.wanted, format, reading)) {
      planner.push(segment, problem, [file.source, ...file.copies].some(isInPlace));
      asking.onSegment(++done, planner.wanted.length, format.segmentSize);
    }
    const plan = planner.finish();
    const needed = planner.wanted.map(({ file }) => file).filter(({ name }) => plan.segments.includes(name));
    const { command, misnamed } = await restoreCommand(
      neededFiles(needed, inventory, chain),
      reading,
      isInPlace,
    );
    const settings = recoverySettings(
      target,
      chain.historyKnown ? timeline : 'current',
      command,
      format.version,
    );
    const partial = needed.filter((file) => file.partial);
    const unread = inventory.problems.filter(
      ({ message }) => !problems.some((one) => one.message === message),
    );
    return { format, backup, target, plan, settings, misnamed, partial, removed, problems, unread };
  });
}

/** Before the last delete, on the newest timeline that it is part of. */
async function beforeDelete(
  inputs: Inputs,
  wanted: Extract<PlanTarget, { kind: 'before-delete' }>,
  { backup, signal, onProgress, jobs }: PlanOptions,
  platform: Platform,
  timeline: number | undefined,
): Promise<Pick<PlannedRecovery, 'target' | 'removed' | 'problems'> & { timeline: number }> {
  const isNamed = 'table' in wanted;
  const choice = isNamed ? { table: wanted.table, backup } : { relation: wanted.relation };
  const { relations, problems } = await findLosses(
    inputs,
    {
      ...choice,
      timeline,
      ...{ signal, jobs },
      onProgress: onProgress && ((progress) => onProgress({ ...progress, phase: 'search' })),
    },
    platform,
  );
  const candidates = relations.flatMap(({ recoveryTarget, ...found }) =>
    recoveryTarget === undefined ? [] : [{ ...found, recoveryTarget }],
  );
  const names = new Set(candidates.map((one) => one.relation));
  if (names.size > 1 && !isNamed) {
    throw new WalError(
      'ambiguous-relation',
      `several relations have this relfilenode and were deleted from: ${[...names].join(', ')}; give one of them`,
    );
  }
  const [last] = candidates.sort((a, b) => {
    const [first, second] = [a.recoveryTarget.commit.time, b.recoveryTarget.commit.time];
    return first === second ? b.timeline - a.timeline : first < second ? 1 : -1;
  });
  if (last === undefined) {
    const message = 'no committed transaction here deleted rows of it, dropped or truncated it';
    throw problems.length > 0 ? notFoundIn(message, problems) : new WalError('no-delete', message);
  }
  const { lsn } = last.recoveryTarget;
  return {
    target: { kind: 'lsn', lsn, inclusive: false },
    timeline: last.timeline,
    removed: last.removed && { kind: last.removed.kind, unlogged: last.unlogged },
    problems: problems.filter((problem) => problem.lsn === undefined || problem.lsn > lsn),
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
): NeededFile[] {
  const history = histories.filter((one) => one.timeline === timeline);
  const broken = new Set(brokenCopies.map(({ file }) => file));
  return [
    ...segments.map(({ name, source, copies }) => ({
      name,
      sources: [source, ...copies],
      broken: copies.filter((copy) => broken.has(copy.name)),
    })),
    ...history.map(({ source }) => ({ name: historyFileName(timeline), sources: [source] })),
  ];
}
