import type { Segment } from '../reader/segment.js';
import { type SegmentScan, scanWhole } from '../reader/segment-scan.js';
import { type ReadSpanOptions, SpanReader, type WalSpan } from '../reader/span.js';
import type { TimeZone } from '../text/timezone.js';
import type { Lsn } from '../wal/lsn.js';
import { RecordPosition, type WalRecord } from '../wal/record.js';
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
export const dumpSegment = (
  segment: Segment,
  query: DumpQuery,
  zone: TimeZone,
  keep?: KeepText,
): SegmentDump => scanWhole(new DumpScan(query, zone, keep), segment);

/** As {@link dumpSegment}, window by window: all of the text is kept until the end. */
export class DumpScan implements SegmentScan<SegmentDump> {
  private readonly spans: SpanReader;
  private readonly isWanted: (record: WalRecord) => boolean;
  private readonly last = new RecordPosition();
  private readonly pieces: Uint8Array[] = [];
  private printer: RecordPrinter | undefined;

  constructor(
    private readonly query: DumpQuery,
    private readonly zone: TimeZone,
    private readonly keep: KeepText = (text) => text.slice(),
  ) {
    this.spans = new SpanReader(query);
    this.isWanted = matcherOf(query.filter);
  }

  take(window: Segment): void {
    const { isWanted, last, zone } = this;
    this.printer ??= new RecordPrinter(this.query.output, { version: window.version, zone });
    const { printer } = this;
    this.spans.read(window, (record) => {
      if (!isWanted(record)) return;
      printer.print(record);
      last.set(record);
      if (printer.text.length >= PIECE_SIZE - LONG_LINE) this.cutText(printer);
    });
  }

  private cutText({ text }: RecordPrinter): void {
    this.pieces.push(this.keep(text.written));
    text.clear();
  }

  finish(): SegmentDump {
    const printer = this.printer!;
    this.cutText(printer);
    const { stats, undecodable } = printer;
    return { span: this.spans.finish(), text: this.pieces, stats, shownEnd: this.last.endLsn, undecodable };
  }
}
