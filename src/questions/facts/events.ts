import type { KeepColumn } from '../../follow/columns.js';
import { ABORT, type Assignment, COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { TablesAt } from './facts-at.js';

/** What the table `transactions` says of a segment. */
export class FactEvents {
  /** @param places how far each event is from the segment's start */
  constructor(
    readonly events: TransactionEvents,
    readonly assignments: Assignment[],
    private readonly places: Int32Array,
  ) {}

  /** The index of the event at a place; undefined where there is none. */
  eventAt(place: number): number | undefined {
    const { places } = this;
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (places[middle] < place) low = middle + 1;
      else high = middle;
    }
    return places[low] === place ? low : undefined;
  }

  /** Whether an event is the end of a transaction id. */
  isEndOf(event: number, xid: number): boolean {
    const { kinds, xids, subxacts } = this.events;
    if (kinds[event] !== COMMIT && kinds[event] !== ABORT) return false;
    return xids[event] === xid || subxacts.get(event)?.includes(xid) === true;
  }
}

/** By kind of event. */
const OUTCOMES: readonly string[] = ['commit', 'abort', 'prepare', 'restart'];

const ASSIGNMENT = 'assignment';

const COLUMNS = ['lsn', 'xid', 'outcome', 'time', 'subxids', 'dropped'] as const;

/** @throws WalError `bad-facts` */
export async function readEvents(facts: TablesAt, keep: KeepColumn): Promise<FactEvents> {
  const { rows, columns } = await facts.columns('transactions', COLUMNS);
  const assignments: Assignment[] = [];
  const [kinds, xids] = [new Uint8Array(rows), new Uint32Array(rows)];
  const [lsns, times] = [new BigUint64Array(rows), new BigInt64Array(rows)];
  const places = new Int32Array(rows);
  const subxacts = new Map<number, readonly number[]>();
  const dropped = new Map<number, readonly RelFileLocator[]>();
  let count = 0;
  let before = -1;
  for (let row = 0; row < rows; row++) {
    const lsn = columns.lsn[row] as Lsn;
    const place = facts.placeOf('transactions', lsn);
    const subxids = (columns.subxids[row] ?? []) as number[];
    const outcome = columns.outcome[row] as string;
    if (outcome === ASSIGNMENT) {
      assignments.push({ lsn, topXid: columns.xid[row] as number, subxacts: subxids });
      continue;
    }
    if (place <= before)
      throw facts.contradiction('transactions', message`it is not in the order of the WAL`);
    before = place;
    const kind = OUTCOMES.indexOf(outcome);
    if (kind < 0)
      throw facts.contradiction('transactions', message`there is no outcome ${JSON.stringify(outcome)}`);
    const files = (columns.dropped[row] ?? []) as string[];
    if (subxids.length > 0) subxacts.set(count, subxids);
    if (files.length > 0)
      dropped.set(
        count,
        files.map((file) => locatorOf(file, facts)),
      );
    kinds[count] = kind;
    xids[count] = columns.xid[row] as number;
    lsns[count] = lsn;
    times[count] = (columns.time[row] ?? 0n) as TimestampTz;
    places[count++] = place;
  }
  const events = {
    kinds: keep(kinds.subarray(0, count)),
    xids: keep(xids.subarray(0, count)),
    lsns: keep(lsns.subarray(0, count)),
    times: keep(times.subarray(0, count)),
  };
  return new FactEvents({ ...events, subxacts, dropped }, assignments, places.subarray(0, count));
}

function locatorOf(text: string, facts: TablesAt): RelFileLocator {
  const numbers = /^(\d{1,10})\/(\d{1,10})\/(\d{1,10})$/.exec(text)?.slice(1).map(Number);
  if (numbers === undefined || numbers.some((one) => one > 0xffff_ffff)) {
    throw facts.contradiction('transactions', message`${JSON.stringify(text)} is no file`);
  }
  const [spcOid, dbOid, relNumber] = numbers;
  return { spcOid, dbOid, relNumber };
}
