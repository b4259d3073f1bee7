import { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { compareXids } from '../../wal/xid.js';

/** So many are named. */
const MOST_NAMED = 20;

/** Transactions that had begun before the backup, and were committed after: what they changed until then is not told. */
export class BegunBefore {
  private xids: number[] = [];

  /**
   * Takes the commits, one after the other.
   * @param nextXid the first id that was not given yet when the backup began; undefined as long as that is not known
   */
  take(xid: number, nextXid: number | undefined): void {
    if (nextXid === undefined || compareXids(xid, nextXid) < 0) this.xids.push(xid);
  }

  /** @param nextXid as it is known in the end: undefined where the WAL ends before it is told */
  problem(nextXid: number | undefined, startLsn: Lsn): WalError | undefined {
    if (nextXid === undefined) return undefined;
    const xids = this.xids.filter((xid) => compareXids(xid, nextXid) < 0);
    if (xids.length === 0) return undefined;
    const more = xids.length > MOST_NAMED ? ` and ${xids.length - MOST_NAMED} more` : '';
    const named = `transaction${xids.length === 1 ? '' : 's'} ${xids.slice(0, MOST_NAMED).join(', ')}${more}`;
    const text = message`${named} had begun before the backup: what was changed by then, before ${formatLsn(startLsn)}, is not told, as an older backup and the WAL from there on would`;
    return new WalError('begun-before-backup', text, { lsn: startLsn });
  }
}
