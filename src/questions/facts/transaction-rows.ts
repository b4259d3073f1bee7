import { isBareEnd } from '../../follow/transaction-end.js';
import { ABORT, type Assignment, COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import { decode } from '../../rmgr/index.js';
import { formatLocator } from '../../rmgr/locator.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import type { ColumnsOf } from './parquet.js';
import type { FactRow } from './tables.js';

type TransactionRow = FactRow<'transactions'>;
type Details = Pick<TransactionRow, 'two_phase' | 'origin' | 'origin_lsn' | 'origin_time'>;

export const NO_DETAILS: Details = {
  two_phase: false,
  origin: 0,
  origin_lsn: undefined,
  origin_time: undefined,
};

/** What few of the records that end transactions say, and following transactions has no need of. */
export class TransactionDetails {
  private readonly byLsn = new Map<Lsn, Details>();

  /** Takes in a record of the resource manager Transaction. */
  add(record: WalRecord): void {
    if (isBareEnd(record)) return;
    const data = decode(record);
    if (data.type === 'undecodable' || !('origin' in data) || !('twophaseXid' in data)) return;
    const { origin } = data;
    const isTwoPhase = data.type === 'commit-prepared' || data.type === 'abort-prepared';
    if (!isTwoPhase && origin === undefined) return;
    this.byLsn.set(record.lsn, {
      two_phase: isTwoPhase,
      origin: origin?.nodeId ?? 0,
      origin_lsn: origin?.lsn,
      origin_time: origin?.timestamp,
    });
  }

  at(lsn: Lsn): Details {
    return this.byLsn.get(lsn) ?? NO_DETAILS;
  }
}

/** What a row has that ends nothing. */
const NO_END = { top_xid: 0, time: undefined, dropped: undefined };

/** By kind of event. */
const OUTCOMES = ['commit', 'abort', 'prepare', 'restart'];

/**
 * The table `transactions`, in the order of the WAL. In columns, since there may be 20,000 of them.
 * @param tops what transaction ids are subtransactions of, as far as that is known
 */
export function transactionColumns(
  { kinds, xids, lsns, times, subxacts, dropped }: TransactionEvents,
  tops: ReadonlyMap<number, number>,
  details: TransactionDetails,
): ColumnsOf<'transactions'> {
  const indexes = Array.from(kinds, (_, i) => i);
  const detail = Array.from(lsns, (lsn) => details.at(lsn));
  return {
    lsn: lsns,
    xid: xids,
    top_xid: xids.map((xid) => tops.get(xid) ?? 0),
    outcome: indexes.map((i) => OUTCOMES[kinds[i]]),
    two_phase: detail.map(({ two_phase }) => two_phase),
    time: indexes.map((i) => (kinds[i] === COMMIT || kinds[i] === ABORT ? times[i] : undefined)),
    subxids: indexes.map((i) => subxacts.get(i)),
    dropped: indexes.map((i) => dropped.get(i)?.map(formatLocator)),
    origin: Uint32Array.from(detail, ({ origin }) => origin),
    origin_lsn: detail.map(({ origin_lsn }) => origin_lsn),
    origin_time: detail.map(({ origin_time }) => origin_time),
  };
}

/** Rows of the same table, which say what subtransactions belong to. */
export const assignmentRows = (assignments: readonly Assignment[]): TransactionRow[] =>
  assignments.map(({ lsn, topXid, subxacts }) => {
    return { ...NO_DETAILS, ...NO_END, lsn, xid: topXid, outcome: 'assignment', subxids: subxacts };
  });

/** @param changes of which some say what their transaction id is a subtransaction of */
export function topXidsOf(
  changes: Pick<ColumnsOf<'changes'>, 'xid' | 'top_xid'>,
  assignments: readonly Assignment[],
): Map<number, number> {
  const tops = new Map<number, number>();
  const { xid, top_xid } = changes as Record<'xid' | 'top_xid', Uint32Array>;
  for (let i = 0; i < xid.length; i++) if (top_xid[i] !== 0) tops.set(xid[i], top_xid[i]);
  for (const { topXid, subxacts } of assignments) for (const one of subxacts) tops.set(one, topXid);
  return tops;
}
