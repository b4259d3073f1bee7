import type { TransactionPoint } from '../../follow/transaction-end.js';

/** The commits on both sides of where recovery stops. */
export class CommitsAround {
  lastKept: TransactionPoint | undefined;
  firstLost: TransactionPoint | undefined;
  lost = 0;

  keep({ xid, lsn, time }: TransactionPoint): void {
    this.lastKept = { xid, lsn, time };
  }

  lose({ xid, lsn, time }: TransactionPoint): void {
    this.firstLost ??= { xid, lsn, time };
    this.lost++;
  }
}
