import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { Io } from '../io.js';
import { printNote } from './error.js';
import type { SavePages } from './full-pages.js';
import type { DumpPart } from './input.js';
import type { DumpOptions } from './options.js';
import { skippingText } from './report.js';
import type { DumpSink } from './sink.js';

/** What the parts of a dump share. */
export interface Job {
  options: DumpOptions;
  /** The times that options give. */
  since: TimestampTz | undefined;
  until: TimestampTz | undefined;
  io: Io;
  sink: DumpSink;
  /** Whether the filter lets a record pass. */
  isWanted: (record: WalRecord) => boolean;
  /** Saves a record's full-page images, where that is asked for. */
  savePages: SavePages | undefined;
  /** Ctrl-C */
  interrupt: AbortSignal;
  shown: number;
  /** Some WAL was missing, or damaged and skipped. */
  partial: boolean;
}

/** How far a part has been read. */
export interface Place {
  /** Where to go on. */
  next: Lsn | undefined;
  /** The last record read, before any filter. */
  last: Lsn;
  seenAny: boolean;
}

export function limitReached({ options: { limit }, shown }: Job): boolean {
  return limit > 0 && shown >= limit;
}

/** Takes a record into the output, if it passes the filter. */
export function show(record: WalRecord, { timeline }: DumpPart, job: Job): void {
  if (!job.isWanted(record)) return;
  job.sink.record(record);
  job.savePages?.(record, timeline);
  job.shown++;
}

/** The first record of a part: tells the statistics, and the user where it is not where reading was to start. */
export function begin(firstLsn: Lsn, part: DumpPart, place: Place, { options, io, sink }: Job): void {
  place.seenAny = true;
  sink.begin(firstLsn);
  const { startLsn, whole, format } = part;
  if (whole || startLsn === undefined || startLsn !== place.next || firstLsn === startLsn) return;
  if (startLsn % BigInt(format.segmentSize) === 0n) return;
  const text = skippingText(startLsn, firstLsn, format.version);
  // since 17 on standard error
  if (format.version >= 17 || options.json) printNote(text, io);
  else io.write(`${text}\n`);
}
