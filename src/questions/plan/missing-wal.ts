import {
  gapsOfLoss,
  type MissingSegments,
  missingSegments,
  type TimelineChain,
} from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { WalFormat } from '../../reader/segment.js';
import type { Lsn } from '../../wal/lsn.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';

/** What is missing of the WAL that a recovery reads. */
export class MissingWal {
  /** In the order of the WAL. */
  readonly all: readonly MissingSegments[];

  /** @param startLsn where it begins to read */
  constructor(
    private readonly chain: TimelineChain,
    private readonly format: WalFormat,
    startLsn: Lsn,
  ) {
    const gaps = gapsOfLoss(chain).filter(({ to }) => to > startLsn);
    const isTold = gaps.some(({ from }) => from <= startLsn);
    this.all = isTold ? gaps : [...this.atStart(startLsn), ...gaps];
  }

  private atStart(startLsn: Lsn): MissingSegments[] {
    const first = this.chain.segments.find(({ end }) => end > startLsn)?.file.start;
    if (first !== undefined && first <= startLsn) return [];
    const from = this.segmentStart(startLsn);
    return this.between(from, first ?? from + BigInt(this.format.segmentSize));
  }

  /** What is missing up to an LSN. */
  upTo(lsn: Lsn): MissingSegments[] {
    return this.all.filter(({ to }) => to <= lsn);
  }

  /** What is to be missing between two LSNs. */
  between(from: Lsn, to: Lsn): MissingSegments[] {
    return missingSegments(from, to, this.chain.history, this.format);
  }

  /** The segment that comes after the one in which the WAL ends, and all up to an LSN. */
  behind(end: Lsn, to: Lsn | undefined): MissingSegments[] {
    const next = this.segmentStart(end - 1n) + BigInt(this.format.segmentSize);
    return this.between(next, to !== undefined && to > next ? to : next + 1n);
  }

  nameOf({ timeline, start }: PlacedSegment): string {
    return segmentFileNameOf(timeline, start, this.format.segmentSize);
  }

  private segmentStart(lsn: Lsn): Lsn {
    return lsn - (lsn % BigInt(this.format.segmentSize));
  }
}
