import type { PlacedSegment } from '../cluster/placed-segment.js';
import type { TimelineStart } from '../follow/timeline-start.js';
import type { WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { segmentFileNameOf } from '../wal/segment-name.js';
import type { TimestampTz } from '../wal/timestamp.js';
import type { ByteSource, SourceFolder } from './byte-source.js';
import type { Running } from './glimpse.js';

/** Where facts of several segments that follow on each other are summed up. */
export interface RollUp {
  readonly folder: SourceFolder;
  /** From the start of the first segment to the end of the last. */
  readonly start: Lsn;
  readonly end: Lsn;
  /** Where the segments begin that the folder is about. */
  readonly blockStart: Lsn;
}

/** Facts of one segment, which stand for its WAL: what taking stock asks of them. */
export interface SegmentFacts {
  /** The folder that they lie in. */
  readonly folder: SourceFolder;
  /** Where they are summed up together with those of the segments around. */
  readonly rollUp?: RollUp | undefined;
  /** When the first transaction ended that ended in the segment, before a position. */
  firstEnd(before: Lsn): Promise<TimestampTz | undefined>;
  /** The first record of running transactions in it, before a position. */
  firstRunning(before: Lsn): Promise<Running | undefined>;
  /** Where the timeline of the segment's name begins in it. */
  timelineStart(): Promise<TimelineStart | undefined>;
}

/** Stands for the file of a segment of which only facts are there: whoever opens it is told what is missing. */
export class NoWal implements ByteSource {
  /**
   * @param name of the folder of the facts
   * @param segment its file name in `pg_wal`
   */
  constructor(
    readonly name: string,
    private readonly segment: string,
    private readonly start: Lsn,
  ) {}

  static of(name: string, { timeline, start, format }: PlacedSegment & { format: WalFormat }): NoWal {
    return new NoWal(name, segmentFileNameOf(timeline, start, format.segmentSize), start);
  }

  // biome-ignore lint/correctness/useYield: there is nothing to give
  async *open(): AsyncGenerator<Uint8Array> {
    throw this.error();
  }

  error(): WalError {
    const text = message`what is asked takes the WAL of ${this.segment}, of which only facts are here: they tell nothing of a part of a segment, nor names; give the path of its WAL, too`;
    return new WalError('needs-wal', text, { file: this.name, lsn: this.start });
  }
}
