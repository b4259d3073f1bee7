import type { ChainSegment, TimelineChain } from '../../cluster/chain.js';
import type { Segment, WalFormat } from '../../reader/segment.js';
import { WalReader } from '../../reader/wal-reader.js';
import type { SegmentFile } from '../../sources/inventory.js';
import { SegmentWindows } from '../../sources/read-segments.js';
import { emptyRoom, type Reading } from '../../sources/reading.js';
import { windowSizeOf } from '../../sources/segment-bytes.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';

/** Of records that follow this closely, the next is read on to: to begin anew takes a page. */
const NEAR = 64n * 1024n;

/** Windows of segments in memory, the ones used last. */
export class WindowCache {
  /** The one used last comes last. */
  private readonly windows = new Map<string, Promise<Segment | undefined>>();

  constructor(
    private readonly most: number,
    private readonly format: WalFormat,
    private readonly reading: Reading,
  ) {}

  get windowSize(): number {
    return windowSizeOf(this.format.segmentSize, this.reading);
  }

  /** A window of a segment; undefined where what can be read of that ends before it. */
  window(segment: ChainSegment<SegmentFile>, number: number): Promise<Segment | undefined> {
    const key = `${segment.file.name} ${segment.end} ${number}`;
    const window = this.windows.get(key) ?? this.read(segment, number);
    this.windows.delete(key);
    this.windows.set(key, window);
    // what failed once may do another time
    window.catch(() => this.windows.delete(key));
    const [oldest] = this.windows.keys();
    if (this.windows.size > this.most) this.windows.delete(oldest);
    return window;
  }

  private async read(segment: ChainSegment<SegmentFile>, number: number): Promise<Segment | undefined> {
    const windows = new SegmentWindows(segment, this.format, this.reading, this.windowSize);
    const room = emptyRoom();
    try {
      for (let i = 0; ; i++) {
        const window = await windows.next(room);
        if (window === undefined || i === number) return window?.segment;
      }
    } finally {
      await windows.close();
    }
  }
}

/** Finds single records of a timeline's WAL by their LSNs. */
export class RecordCursor {
  private reader: WalReader | undefined;
  /** The record that was given last. */
  private last: WalRecord | undefined;
  /** What the reader is given next. */
  private at = 0;
  private number = 0;

  constructor(
    private readonly chain: TimelineChain<SegmentFile>,
    private readonly cache: WindowCache,
  ) {}

  /** The first record at or after an LSN; undefined where there is none. */
  async seek(lsn: Lsn): Promise<WalRecord | undefined> {
    const { last } = this;
    if (last === undefined || lsn <= last.lsn || lsn - last.lsn > NEAR) return this.begin(lsn);
    for (;;) {
      const record = await this.next();
      if (record === undefined || record.lsn >= lsn) return record;
    }
  }

  /** The record after the one that was given last. */
  async next(): Promise<WalRecord | undefined> {
    const { reader } = this;
    if (reader === undefined) return undefined;
    for (;;) {
      this.last = reader.next();
      if (this.last !== undefined) return this.last;
      const window = await this.nextWindow();
      if (window === undefined) return undefined;
      reader.push(window, this.number === 1 && this.chain.segments[this.at].file.reset === true);
    }
  }

  private begin(lsn: Lsn): Promise<WalRecord | undefined> {
    const { segments } = this.chain;
    this.reader = new WalReader({ startLsn: lsn, onFault: 'resume' });
    this.at = segments.findIndex(({ end }) => lsn < end);
    if (this.at < 0) this.at = segments.length;
    const start = segments[this.at]?.file.start ?? 0n;
    this.number = lsn <= start ? 0 : Number(lsn - start) / this.cache.windowSize;
    this.number = Math.floor(this.number);
    return this.next();
  }

  private async nextWindow(): Promise<Segment | undefined> {
    for (; this.at < this.chain.segments.length; this.at++, this.number = 0) {
      const window = await this.cache.window(this.chain.segments[this.at], this.number);
      if (window === undefined) continue;
      this.number++;
      return window;
    }
    return undefined;
  }
}
