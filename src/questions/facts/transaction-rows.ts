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

const PLAIN: Details = { two_phase: false, origin: 0, origin_lsn: undefined, origin_time: undefined };

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
    return this.byLsn.get(lsn) ?? PLAIN;
  }
}

/**
 * The table `transactions`, in the order of the WAL.
 * @param tops what transaction ids are subtransactions of, as far as that is known
 */
export function transactionRows(
  events: TransactionEvents,
  assignments: readonly Assignment[],
  tops: ReadonlyMap<number, number>,
  details: TransactionDetails,
): TransactionRow[] {
  const rows = Array.from(events.kinds, (kind, i): TransactionRow => {
    const [lsn, xid] = [events.lsns[i], events.xids[i]];
    const dropped = events.dropped.get(i);
    return {
      ...{ lsn, xid, top_xid: tops.get(xid) ?? 0, outcome: OUTCOMES[kind] },
      time: kind === COMMIT || kind === ABORT ? events.times[i] : undefined,
      subxids: events.subxacts.get(i),
      dropped: dropped?.map(formatLocator),
      ...details.at(lsn),
    };
  });
  if (assignments.length === 0) return rows;
  const assigned = assignments.map(({ lsn, topXid, subxacts }): TransactionRow => {
    return { ...NO_END, lsn, xid: topXid, outcome: 'assignment', subxids: subxacts };
  });
  return [...rows, ...assigned].sort((a, b) => (a.lsn < b.lsn ? -1 : a.lsn > b.lsn ? 1 : 0));
}

/** By kind of event. */
const OUTCOMES = ['commit', 'abort', 'prepare', 'restart'];

const NO_END = { ...PLAIN, top_xid: 0, time: undefined, dropped: undefined };

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
