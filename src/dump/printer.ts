import type { DescribeContext } from '../rmgr/rmgr.js';
import { TextBuffer } from '../text/text-buffer.js';
import type { WalRecord } from '../wal/record.js';
import { recordJson } from './json.js';
import { type LineOptions, writeRecord } from './line.js';
import { countRecord, emptyStats, type WalStats } from './stats.js';

/** What to make of records. */
export type DumpOutput =
  /** The lines of `pg_waldump`; `blockDetails`: its `--bkp-details`. */
  | { kind: 'text'; blockDetails: boolean }
  /** One object a line. */
  | { kind: 'json' }
  | { kind: 'stats' }
  /** Records are read and checked only. */
  | { kind: 'none' };

/** Enough for what is written before it is taken away, 128 KiB and a line: to grow undoes what was compiled so far. */
const TEXT_SIZE = 256 * 1024;

/** Makes text or statistics of records. */
export class RecordPrinter {
  /** What was printed and not taken away yet; see {@link TextBuffer}. */
  readonly text = new TextBuffer(TEXT_SIZE);
  readonly stats: WalStats;
  /** Records whose content could not be decoded. */
  undecodable = 0;
  private readonly lineOptions: LineOptions;

  constructor(
    private readonly output: DumpOutput,
    context: DescribeContext,
  ) {
    this.stats = emptyStats(context.version);
    this.lineOptions = { ...context, blockDetails: output.kind === 'text' && output.blockDetails };
  }

  print(record: WalRecord): void {
    switch (this.output.kind) {
      case 'text':
        if (!writeRecord(this.text, record, this.lineOptions)) this.undecodable++;
        break;
      case 'json':
        this.printJson(record);
        break;
      case 'stats':
        countRecord(this.stats, record);
        break;
    }
  }

  private printJson(record: WalRecord): void {
    const json = recordJson(record, this.lineOptions);
    if (json.data.type === 'undecodable') this.undecodable++;
    this.text.text(JSON.stringify(json));
    this.text.text('\n');
  }
}
