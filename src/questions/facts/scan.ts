import type { Segment } from '../../reader/segment.js';
import type { SegmentScan } from '../../reader/segment-scan.js';
import { SpanReader, type WalSpan } from '../../reader/span.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { type LongPageHeader, parseLongPageHeader } from '../../wal/page-header.js';
import type { WalRecord } from '../../wal/record.js';
import { type ArchivePart, pageTimelines } from '../archive/scan.js';
import { type FactFile, type FactSums, FactsCollector, type FactsQuery } from './collector.js';

/** What a segment comes to: the files of its tables but `segments`, and what that is made of. Plain data. */
export interface FactsPart {
  files: FactFile[];
  sums: FactSums;
  span: WalSpan;
  /** Of the first page; undefined where that is damaged. */
  header: LongPageHeader | undefined;
  pages: Pick<ArchivePart, 'ownFrom' | 'olderUpTo'>;
}

/** So many bytes of WAL come to rows at a time, whatever windows they are read in: facts are the same for all. */
const STRETCH = 16 * 1024 * 1024;

/** Makes the facts of one segment, whatever comes before and after it. */
export class FactsScan implements SegmentScan<FactsPart> {
  private readonly spans = new SpanReader({});
  private collector: FactsCollector | undefined;
  private header: LongPageHeader | undefined;
  private readonly pages: FactsPart['pages'] = { ownFrom: undefined, olderUpTo: undefined };

  constructor(private readonly query: FactsQuery) {}

  take(window: Segment): void {
    const { start } = window;
    if (this.collector === undefined) {
      this.collector = new FactsCollector(start, this.query);
      this.header = headerOf(window);
    } else if (start % BigInt(STRETCH) === 0n) this.collector.flush();
    const { collector, pages } = this;
    this.spans.read(window, (record) => collector.take(record));
    const { ownFrom, olderUpTo } = pageTimelines(window);
    pages.ownFrom ??= ownFrom;
    pages.olderUpTo = olderUpTo ?? pages.olderUpTo;
  }

  finish(): FactsPart {
    const { header, pages } = this;
    return { ...this.collector!.finish(), span: this.spans.finish(), header, pages };
  }
}

function headerOf({ bytes }: Segment): LongPageHeader | undefined {
  try {
    return parseLongPageHeader(bytes);
  } catch (error) {
    if (error instanceof WalError) return undefined;
    throw error;
  }
}

/** The files of the facts of a record that begins in the segment and ends after it. @param from the segment's start */
export function factsOfRecord(record: WalRecord, from: Lsn, query: FactsQuery): FactFile[] {
  const collector = new FactsCollector(from, query);
  collector.take(record);
  return collector.finish().files;
}
