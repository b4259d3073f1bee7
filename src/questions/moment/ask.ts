import { type ChainSegment, timelineChain, timelinesOf } from '../../cluster/chain.js';
import type { WalFormat } from '../../reader/segment.js';
import type { Inputs } from '../../sources/input.js';
import { type SegmentFile, takeUsableInventory } from '../../sources/inventory.js';
import { readSegment } from '../../sources/read-segments.js';
import type { WalError } from '../../wal/error.js';
import { highest, type Lsn, lowest } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { ask, type QuestionOptions } from '../asking.js';
import type { Platform } from '../platform.js';
import { type MomentInChain, momentInChain } from './run.js';
import { type SegmentTimes, scanForTimes } from './scan.js';

/** Where a moment lies, on the timelines whose WAL gives this answer. */
export interface MomentAnswer extends MomentInChain<SegmentFile> {
  timelines: number[];
}

/** Where the WAL of a moment is: an answer for each timeline, those that have the same one together. */
export interface MomentFound {
  time: TimestampTz;
  format: WalFormat;
  /** From the start of the first segment that is there to the end of the last one; not all of it need be read. */
  startLsn: Lsn | undefined;
  endLsn: Lsn | undefined;
  answers: MomentAnswer[];
  /** What could not be read in the files and folders given. */
  unread: WalError[];
}

/** Which moment is meant. */
export interface MomentOptions extends Pick<QuestionOptions, 'signal' | 'onProgress'> {
  time: TimestampTz;
}

/** See `questions/portable.ts`. */
export async function findMoment(
  inputs: Inputs,
  options: MomentOptions,
  platform: Platform,
): Promise<MomentFound> {
  const { time } = options;
  return ask(options, platform, async (asking) => {
    const inventory = await takeUsableInventory(inputs, asking.reading, { headersOnly: true });
    const { format } = inventory;
    asking.enter('wal');
    const known = new Map<string, SegmentTimes>();
    const read = async (segment: ChainSegment<SegmentFile>): Promise<SegmentTimes> => {
      const key = `${segment.file.name} ${segment.end}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      const times = scanForTimes((await readSegment(segment, format, asking.reading)).segment);
      known.set(key, times);
      asking.onSegment(known.size, undefined, format.segmentSize);
      return times;
    };
    const answers: MomentAnswer[] = [];
    for (const timeline of timelinesOf(inventory)) {
      const chain = timelineChain(inventory, timeline);
      if (chain.segments.length === 0) continue;
      const answer = await momentInChain(chain, time, read);
      const same = answers.find((one) => isSame(one, answer));
      if (same) same.timelines.push(timeline);
      else answers.push({ ...answer, timelines: [timeline] });
    }
    const starts = inventory.segments.map(({ start }) => start);
    const startLsn = lowest(starts);
    const endLsn = highest(starts.map((start) => start + BigInt(format.segmentSize)));
    return { time, format, startLsn, endLsn, answers, unread: inventory.problems };
  });
}

function isSame(a: MomentInChain<SegmentFile>, b: MomentInChain<SegmentFile>): boolean {
  return (
    a.state === b.state &&
    a.segment?.file === b.segment?.file &&
    a.before?.lsn === b.before?.lsn &&
    a.after?.lsn === b.after?.lsn
  );
}
