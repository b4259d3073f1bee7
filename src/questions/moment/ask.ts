import { type ChainSegment, timelineChain } from '../../cluster/chain.js';
import type { WalFormat } from '../../reader/segment.js';
import type { Repository } from '../../repos/index.js';
import type { Inputs } from '../../sources/input.js';
import { type SegmentFile, takeUsableInventory, type UsableInventory } from '../../sources/inventory.js';
import { readWindows } from '../../sources/read-segments.js';
import type { WalError } from '../../wal/error.js';
import { highest, type Lsn, lowest } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { readArchiveBackups } from '../archive/read-backups.js';
import { listBackups } from '../archive/stored-backups.js';
import { type Asking, ask, type QuestionOptions } from '../asking.js';
import { openGiven } from '../given.js';
import type { Platform } from '../platform.js';
import { scanInto } from '../scan-segments.js';
import { timelinesToSearch } from '../segment-tasks.js';
import { unusedSegments } from '../unused-segments.js';
import { type MomentInChain, momentInChain } from './bisect.js';
import { MomentRun } from './run.js';
import { MomentScan, type SegmentTimes } from './scan.js';

/** Where a moment lies, on the timelines whose WAL gives this answer. */
export interface MomentAnswer extends MomentInChain<SegmentFile> {
  timelines: number[];
}

/** Where the WAL of a moment is: an answer for each timeline, those that have the same one together. */
export interface MomentFound {
  time: TimestampTz;
  /** It was looked for by bisection. */
  quick: boolean;
  format: WalFormat;
  /** From the start of the first segment that is there to the end of the last one. */
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  answers: MomentAnswer[];
  /** What could not be read in the files and folders given, and what is wrong with the WAL that was. */
  unread: WalError[];
}

/** Which moment is meant. */
export interface MomentOptions
  extends Pick<QuestionOptions, 'passphrase' | 'signal' | 'onProgress' | 'jobs'> {
  time: TimestampTz;
  /**
   * Look for it by bisection, which reads about ten segments of a thousand. The answer is right only if the clock was
   * never set back.
   */
  quick?: boolean | undefined;
}

/** See `questions/portable.ts`. */
export async function findMoment(
  inputs: Inputs,
  options: MomentOptions,
  platform: Platform,
): Promise<MomentFound> {
  const { time, quick = false } = options;
  return ask(options, platform, async (asking) => {
    const { wal, repositories, isPart } = await openGiven(inputs, undefined, asking.reading);
    const inventory = await takeUsableInventory(wal, asking.reading, { headersOnly: quick });
    const { format } = inventory;
    const { answers, problems } = quick
      ? await bisect(inventory, time, asking)
      : await searchAll(inventory, isPart ? [] : repositories, time, asking);
    const starts = inventory.segments.map(({ start }) => start);
    const startLsn = lowest(starts);
    const endLsn = highest(starts.map((start) => start + BigInt(format.segmentSize)));
    return {
      ...{ time, quick, format, startLsn, endLsn },
      answers: together(answers),
      unread: [...inventory.problems, ...unusedSegments(inventory), ...problems],
    };
  });
}

/** What each timeline says by itself. */
type TimelineAnswer = MomentInChain<SegmentFile> & { timeline: number };

async function searchAll(
  inventory: UsableInventory,
  repositories: readonly Repository[],
  time: TimestampTz,
  asking: Asking,
): Promise<{ answers: TimelineAnswer[]; problems: WalError[] }> {
  const unreadable: WalError[] = [];
  const listed = await listBackups(repositories, (problem) => unreadable.push(problem));
  const backups = await readArchiveBackups(inventory.backups, listed, asking.reading, (problem) =>
    unreadable.push(problem),
  );
  const run = new MomentRun(inventory, time, backups);
  await scanInto(run, 'moment', inventory.format, asking);
  const { answers, problems } = run.finish();
  return { answers, problems: [...unreadable, ...problems] };
}

async function bisect(
  inventory: UsableInventory,
  time: TimestampTz,
  asking: Asking,
): Promise<{ answers: TimelineAnswer[]; problems: WalError[] }> {
  const { format } = inventory;
  const problems: WalError[] = [];
  asking.enter('wal');
  const known = new Map<string, SegmentTimes>();
  const read = async (segment: ChainSegment<SegmentFile>): Promise<SegmentTimes> => {
    const key = `${segment.file.name} ${segment.end}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const scan = new MomentScan(time, {});
    for await (const window of readWindows([segment], format, asking.reading)) {
      if (window.problem !== undefined) problems.push(window.problem);
      scan.take(window.segment);
    }
    const { span, runs } = scan.finish();
    // of ends that are all by the moment, or all later, the first and the last tell as much
    const times = {
      span,
      ends: runs.flatMap(({ first, last, count }) => (count > 1 ? [first, last] : [first])),
    };
    known.set(key, times);
    asking.onSegment(known.size, undefined, format.segmentSize);
    return times;
  };
  const answers: TimelineAnswer[] = [];
  for (const timeline of timelinesToSearch(inventory, undefined)) {
    const chain = timelineChain(inventory, timeline);
    answers.push({ timeline, ...(await momentInChain(chain, time, read)) });
  }
  return { answers, problems };
}

/** Timelines that say the same. */
function together(answers: readonly TimelineAnswer[]): MomentAnswer[] {
  const different: MomentAnswer[] = [];
  for (const { timeline, ...answer } of answers) {
    const same = different.find((one) => isSame(one, answer));
    if (same) same.timelines.push(timeline);
    else different.push({ ...answer, timelines: [timeline] });
  }
  return different;
}

function isSame(a: MomentInChain<SegmentFile>, b: MomentInChain<SegmentFile>): boolean {
  return (
    a.state === b.state &&
    a.segment?.file === b.segment?.file &&
    a.before?.lsn === b.before?.lsn &&
    a.after?.lsn === b.after?.lsn &&
    a.behind?.count === b.behind?.count &&
    a.behind?.last.lsn === b.behind?.last.lsn
  );
}
