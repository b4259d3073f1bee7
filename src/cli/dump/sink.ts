import { type DumpOutput, RecordPrinter } from '../../dump/printer.js';
import type { SegmentDump } from '../../dump/segment-dump.js';
import { formatStats, mergeStats, type WalStats } from '../../dump/stats.js';
import type { DescribeContext } from '../../rmgr/rmgr.js';
import type { Lsn } from '../../wal/lsn.js';
import { RecordPosition, type WalRecord } from '../../wal/record.js';
import type { Io } from '../io.js';

const FLUSH_SIZE = 128 * 1024;

/** Where the records of a dump go: one after the other, or by the segment where workers have dumped it. */
export class DumpSink {
  private readonly printer: RecordPrinter;
  private stats: WalStats | undefined;
  private undecodableParts = 0;
  private startLsn: Lsn | undefined;
  /** Where the last record shown ends: one of this thread, or else one of a part. */
  private last: RecordPosition | undefined;
  private partEnd: Lsn | undefined;

  constructor(
    readonly output: DumpOutput,
    context: DescribeContext,
    private readonly perRecord: boolean,
    private readonly io: Io,
    /** Puts names into the text, where they are to be printed. */
    private readonly addNames?: (text: Uint8Array) => Uint8Array,
  ) {
    this.printer = new RecordPrinter(output, context);
  }

  /** Whether names are put into the text, here. */
  get hasNames(): boolean {
    return this.addNames !== undefined;
  }

  /** Records whose content could not be decoded. */
  get undecodable(): number {
    return this.undecodableParts + this.printer.undecodable;
  }

  /** Told of the first record there is, before any filter. */
  begin(firstLsn: Lsn): void {
    this.startLsn ??= firstLsn;
  }

  record(record: WalRecord): void {
    this.printer.print(record);
    this.last ??= new RecordPosition();
    this.last.set(record);
    if (this.printer.text.length >= FLUSH_SIZE) this.flush();
  }

  append({ text, stats, shownEnd, undecodable }: SegmentDump): void {
    this.flush();
    for (const piece of text) this.write(piece);
    this.stats = this.stats ? mergeStats(this.stats, stats) : stats;
    if (shownEnd !== undefined) {
      this.partEnd = shownEnd;
      this.last = undefined;
    }
    this.undecodableParts += undecodable;
  }

  /** Writes out what is held back. */
  flush(): void {
    this.write(this.printer.text.written);
    this.printer.text.clear();
  }

  /** Text of whole records. */
  private write(text: Uint8Array): void {
    this.io.write(this.addNames ? this.addNames(text) : text);
  }

  /** Writes what can only be known in the end: statistics. Not called where reading failed. */
  finish(): void {
    const { stats, printer, startLsn, perRecord, output } = this;
    if (output.kind !== 'stats') return;
    const endLsn = this.last?.endLsn ?? this.partEnd;
    const range = startLsn === undefined || endLsn === undefined ? undefined : { startLsn, endLsn };
    const all = stats ? mergeStats(stats, printer.stats) : printer.stats;
    this.io.write(formatStats(all, perRecord, range));
  }
}
