import { type PlacedTuple, TupleHeader } from '../../heap/tuple.js';
import { isBorn, type Transactions, updater } from '../../heap/visibility.js';
import { WalError } from '../../wal/error.js';
import type { TimestampTz } from '../../wal/timestamp.js';

/** When a version of a row came to be and ceased to be. */
export interface Lifetime {
  /** `unknown`: what became of xmin is not in the input. */
  born: 'committed' | 'aborted' | 'in-progress' | 'unknown';
  /** When the transaction that made it committed, where that is recorded. */
  bornAt: TimestampTz | undefined;
  /** What ended it, where a transaction did that committed. */
  died: 'deleted' | 'updated' | undefined;
  diedAt: TimestampTz | undefined;
}

export function lifetimeOf({ tuple, block, offset }: PlacedTuple, transactions: Transactions): Lifetime {
  const header = new TupleHeader(tuple);
  const { log } = transactions;
  const born = bornOf(header, transactions);
  const ender = updater(header, transactions);
  const ended = ender !== undefined && log.status(ender) === 'committed';
  const { ctid } = header;
  const isDelete = ctid.block === block && ctid.offset === offset;
  return {
    born,
    bornAt: born === 'committed' ? log.commitTime(header.xmin) : undefined,
    died: ended ? (isDelete ? 'deleted' : 'updated') : undefined,
    diedAt: ended ? log.commitTime(ender) : undefined,
  };
}

export function bornOf(header: TupleHeader, transactions: Transactions): Lifetime['born'] {
  try {
    if (isBorn(header, transactions)) return 'committed';
  } catch (error) {
    if (!(error instanceof WalError) || error.kind !== 'undecided') throw error;
    return 'unknown';
  }
  return transactions.log.status(header.xmin) === 'in-progress' ? 'in-progress' : 'aborted';
}
