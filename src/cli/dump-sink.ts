import { recordJson } from '../dump/json.js';
import { type LineOptions, writeRecord } from '../dump/line.js';
import { countRecord, emptyStats, formatStats } from '../dump/stats.js';
import { TextBuffer } from '../dump/text-buffer.js';
import type { DescribeContext } from '../rmgr/rmgr.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { writeOutput } from './output.js';

/** Where the records of a dump go. */
export interface Sink {
  /** Told of the first record there is, before any filter. */
  begin(firstLsn: Lsn): void;
  record(record: WalRecord): void;
  /** Writes out what is held back. */
  flush(): void;
  /** Writes what can only be known in the end: statistics. Not called where reading failed. */
  finish(): void;
  /** Records whose content could not be decoded. */
  undecodable: number;
}

const FLUSH_SIZE = 128 * 1024;

export class TextSink implements Sink {
  undecodable = 0;
  private readonly buffer = new TextBuffer();

  constructor(private readonly options: LineOptions) {}

  begin(): void {}

  record(record: WalRecord): void {
    if (!writeRecord(this.buffer, record, this.options)) this.undecodable++;
    if (this.buffer.length >= FLUSH_SIZE) this.flush();
  }

  flush(): void {
    writeOutput(this.buffer.written);
    this.buffer.clear();
  }

  finish(): void {}
}

/** One JSON object a line. */
export class JsonSink implements Sink {
  undecodable = 0;
  private readonly buffer = new TextBuffer();

  constructor(private readonly context: DescribeContext) {}

  begin(): void {}

  record(record: WalRecord): void {
    const json = recordJson(record, this.context);
    if (json.data.type === 'undecodable') this.undecodable++;
    this.buffer.text(JSON.stringify(json));
    this.buffer.text('\n');
    if (this.buffer.length >= FLUSH_SIZE) this.flush();
  }

  flush(): void {
    writeOutput(this.buffer.written);
    this.buffer.clear();
  }

  finish(): void {}
}

export class StatsSink implements Sink {
  readonly undecodable = 0;
  private readonly stats;
  private startLsn: Lsn | undefined;
  private endLsn: Lsn | undefined;

  constructor(
    version: number,
    private readonly perRecord: boolean,
  ) {
    this.stats = emptyStats(version);
  }

  begin(firstLsn: Lsn): void {
    this.startLsn ??= firstLsn;
  }

  record(record: WalRecord): void {
    countRecord(this.stats, record);
    this.endLsn = record.endLsn;
  }

  flush(): void {}

  finish(): void {
    const { stats, startLsn, endLsn, perRecord } = this;
    const range = startLsn === undefined || endLsn === undefined ? undefined : { startLsn, endLsn };
    writeOutput(formatStats(stats, perRecord, range));
  }
}

/** For `--quiet`. */
export const NO_SINK: Sink = { undecodable: 0, begin() {}, record() {}, flush() {}, finish() {} };
