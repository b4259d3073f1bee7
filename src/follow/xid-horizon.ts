import type { Lsn } from '../wal/lsn.js';
import { compareXids } from '../wal/xid.js';
import { type Interruptions, isInterrupted } from './interruption.js';

/** The next transaction id to be given out, at a position: the server writes it every 15 s, and at checkpoints. */
export interface XidHorizon {
  lsn: Lsn;
  nextXid: number;
}

/** Knows of transactions whether they may have begun before the WAL that was read without interruption. */
export class XidHorizons {
  private first: XidHorizon | undefined;

  /** Takes in what comes next in the WAL. */
  add(horizons: readonly XidHorizon[], read: Interruptions): void {
    for (const horizon of horizons) {
      if (this.first === undefined || isInterrupted(read, this.first.lsn, horizon.lsn)) this.first = horizon;
    }
  }

  /** Whether a transaction that commits at a position ran at the first position of which ids are known. */
  mayBeCut(xid: number, commit: Lsn, read: Interruptions): boolean {
    const { first } = this;
    if (first === undefined || first.lsn > commit) return false;
    return compareXids(xid, first.nextXid) < 0 || isInterrupted(read, first.lsn, commit);
  }
}
