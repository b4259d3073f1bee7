import type { WalSpan } from '../reader/span.js';
import type { Lsn } from '../wal/lsn.js';
import { isInterrupted } from './removal.js';

/** The next transaction id to be given out, at a position: the server writes it every 15 s, and at checkpoints. */
export interface XidHorizon {
  lsn: Lsn;
  nextXid: number;
}

/** Knows of transactions whether they may have begun before the WAL that was read without interruption. */
export class XidHorizons {
  private first: XidHorizon | undefined;

  /** Takes in what comes next in the WAL. */
  add(horizons: readonly XidHorizon[], span: WalSpan): void {
    for (const horizon of horizons) {
      if (this.first === undefined || isInterrupted(span, this.first.lsn, horizon.lsn)) this.first = horizon;
    }
  }

  /** Whether a transaction that commits at a position ran at the first position of which ids are known. */
  mayBeCut(xid: number, commit: Lsn, span: WalSpan): boolean {
    const { first } = this;
    if (first === undefined || first.lsn > commit) return false;
    // ids go round in a circle (`TransactionIdPrecedes`)
    return ((xid - first.nextXid) | 0) < 0 || isInterrupted(span, first.lsn, commit);
  }
}
