import type { Segment } from '../reader/segment.js';
import { type ReadSpanOptions, readSpan, type WalSpan } from '../reader/span.js';
import type { TimeZone } from '../text/timezone.js';
import type { Lsn } from '../wal/lsn.js';
import { RecordPosition } from '../wal/record.js';
import { matcherOf, type RecordFilter } from './filter.js';
import { type DumpOutput, RecordPrinter } from './printer.js';
import type { WalStats } from './stats.js';

/** Which records of a segment to dump, and what of them. */
export interface DumpQuery extends ReadSpanOptions {
  filter: RecordFilter;
  output: DumpOutput;
}

/** A segment dumped on its own: plain data. What runs over its edges is in `span`. */
export interface SegmentDump {
  span: WalSpan;
  /** The text, in pieces. */
  text: Uint8Array[];
  stats: WalStats;
  /** Where the last record shown ends; undefined where none is. */
  shownEnd: Lsn | undefined;
  /** Records whose content could not be decoded. */
  undecodable: number;
}

/** Memory of this size is used again after it was collected; megabytes at a time take fresh pages. */
const PIECE_SIZE = 128 * 1024;
/** Most lines that come after the piece is full fit, too. */
const LONG_LINE = 4096;

/** Copies a piece of text, which is good for the moment only, to where it is kept. */
export type KeepText = (text: Uint8Array) => Uint8Array;

/** Dumps one segment on its own, whatever comes before and after it. */
export function dumpSegment(
  segment: Segment,
  query: DumpQuery,
  zone: TimeZone,
  keep: KeepText = (text) => text.slice(),
): SegmentDump {
  const printer = new RecordPrinter(query.output, { version: segment.version, zone });
  const pieces: Uint8Array[] = [];
  const isWanted = matcherOf(query.filter);
  const last = new RecordPosition();

  function cut(): void {
    pieces.push(keep(printer.text.written));
    printer.text.clear();
  }

  const span = readSpan(segment, query, (record) => {
    if (!isWanted(record)) return;
    printer.print(record);
    last.set(record);
    if (printer.text.length >= PIECE_SIZE - LONG_LINE) cut();
  });
  cut();
  const { stats, undecodable } = printer;
  return { span, text: pieces, stats, shownEnd: last.endLsn, undecodable };
}
