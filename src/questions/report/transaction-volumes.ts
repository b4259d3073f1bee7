import type { KeepColumn } from '../../follow/columns.js';
import {
  type EndedTransaction,
  type KeptOf,
  OpenTransactions,
  type RowsAt,
  type UnendedTransaction,
} from '../../follow/open-transactions.js';
import { RowsByEnd } from '../../follow/rows-by-end.js';
import type { WalChunk } from '../../follow/scanner.js';
import { COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import type { WalSpan } from '../../reader/span.js';
import type { Lsn } from '../../wal/lsn.js';
import type { WalRecord } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { addVolume, bytesOf, noVolume, type Volume } from './volume.js';

/** What transaction ids wrote in a stretch of WAL, in the order of the first record of each: plain data. */
export interface XidVolumes {
  /** Of the first record, and of the last one. */
  lsns: BigUint64Array;
  lastLsns: BigUint64Array;
  xids: Uint32Array;
  /** What it is a subtransaction of, where a record says so; else 0. */
  topXids: Uint32Array;
  records: Uint32Array;
  recordBytes: Uint32Array;
  imageBytes: Uint32Array;
  /** One more than the index of the event that ends the transaction id within the stretch; 0 where none does. */
  ends: Uint32Array;
}

const WIDTH = 10;
const [LSN_LO, LSN_HI, LAST_LO, LAST_HI, XID, TOP, RECORDS, RECORD_BYTES, IMAGE_BYTES, END] = Array.from(
  { length: WIDTH },
  (_, i) => i,
);

/** Puts {@link XidVolumes} together, record by record. */
export class XidVolumesBuilder {
  /** {@link WIDTH} numbers a row. */
  private rows = new Uint32Array(64 * WIDTH);
  private count = 0;
  /** The rows of transaction ids that have not ended. */
  private readonly current = new Map<number, number>();
  /** Most records are of the transaction of the one before. */
  private lastXid = 0;
  private lastRow = 0;

  add(record: WalRecord): void {
    const { xid } = record;
    const row = xid === this.lastXid ? this.lastRow : this.rowOf(record);
    const { rows } = this;
    const images = record.imageLength;
    rows[row + LAST_LO] = record.lsnLo;
    rows[row + LAST_HI] = record.lsnHi;
    rows[row + RECORDS]++;
    rows[row + RECORD_BYTES] += record.totalLength - images;
    rows[row + IMAGE_BYTES] += images;
    if (record.toplevelXid !== 0) rows[row + TOP] = record.toplevelXid;
  }

  private rowOf(record: WalRecord): number {
    const { xid } = record;
    let row = this.current.get(xid);
    if (row === undefined) {
      row = this.count++ * WIDTH;
      if (row === this.rows.length) this.grow();
      this.current.set(xid, row);
      this.rows[row + LSN_LO] = record.lsnLo;
      this.rows[row + LSN_HI] = record.lsnHi;
      this.rows[row + XID] = xid;
    }
    this.lastXid = xid;
    this.lastRow = row;
    return row;
  }

  private grow(): void {
    const { rows } = this;
    this.rows = new Uint32Array(2 * rows.length);
    this.rows.set(rows);
  }

  /** A transaction id has come to an end, by the event of this index. */
  end(xid: number, event: number): void {
    const row = this.current.get(xid);
    if (row === undefined) return;
    this.rows[row + END] = event + 1;
    this.current.delete(xid);
    if (xid === this.lastXid) this.lastXid = 0;
  }

  /** All transaction ids have come to an end, by no event of their own. */
  cut(): void {
    this.current.clear();
    this.lastXid = 0;
  }

  build(keep: KeepColumn): XidVolumes {
    const { rows, count } = this;
    const column = (offset: number): Uint32Array => {
      const values = new Uint32Array(count);
      for (let i = 0; i < count; i++) values[i] = rows[i * WIDTH + offset];
      return values;
    };
    const lsns = (lo: number): BigUint64Array => {
      const halves = new Uint32Array(2 * count);
      for (let i = 0; i < count; i++) {
        halves[2 * i] = rows[i * WIDTH + lo];
        halves[2 * i + 1] = rows[i * WIDTH + lo + 1];
      }
      return new BigUint64Array(halves.buffer);
    };
    return {
      lsns: keep(lsns(LSN_LO)),
      lastLsns: keep(lsns(LAST_LO)),
      xids: keep(column(XID)),
      topXids: keep(column(TOP)),
      records: keep(column(RECORDS)),
      recordBytes: keep(column(RECORD_BYTES)),
      imageBytes: keep(column(IMAGE_BYTES)),
      ends: keep(column(END)),
    };
  }
}

/** What one transaction wrote. */
export interface TransactionVolume extends Volume {
  xid: number;
  timeline: number;
  state: 'committed' | 'aborted' | 'prepared' | 'open';
  /** Of its end; undefined where that is not known. */
  lsn: Lsn | undefined;
  time: TimestampTz | undefined;
}

/** So many transactions are told one by one. */
const MOST_TOLD = 100;

/** The transactions that wrote most, and what all others come to. */
export class LargestTransactions {
  private kept: TransactionVolume[] = [];
  private readonly others = { ...noVolume(), transactions: 0 };
  /** What it takes at least to be one of the largest. */
  private least = 0;

  /** @param of what the transaction is, asked where it is one of the largest */
  add(volume: Volume, of: () => Omit<TransactionVolume, keyof Volume>): void {
    if (bytesOf(volume) <= this.least) {
      this.putAside(volume);
      return;
    }
    const { records, recordBytes, imageBytes } = volume;
    this.kept.push({ ...of(), records, recordBytes, imageBytes });
    if (this.kept.length === 2 * MOST_TOLD) this.shorten();
  }

  private putAside(volume: Volume): void {
    addVolume(this.others, volume);
    this.others.transactions++;
  }

  private shorten(): void {
    this.kept.sort((a, b) => bytesOf(b) - bytesOf(a));
    for (const one of this.kept.splice(MOST_TOLD)) this.putAside(one);
    if (this.kept.length === MOST_TOLD) this.least = bytesOf(this.kept[MOST_TOLD - 1]);
  }

  finish(): { largest: TransactionVolume[]; others: Volume & { transactions: number } } {
    this.shorten();
    return { largest: this.kept, others: this.others };
  }
}

/** Follows the transactions of one timeline. Of a chunk it has no need of more than events and assignments. */
export class TransactionVolumes {
  private readonly open: OpenTransactions<XidVolumes, Volume>;

  constructor(
    private readonly timeline: number,
    private readonly largest: LargestTransactions,
  ) {
    this.open = new OpenTransactions<XidVolumes, Volume>({
      scan: {
        newSink: () => {
          throw new Error('chunks are given as they are');
        },
      },
      begin: noVolume,
      rowsAt: ({ rows, events }) =>
        new VolumesAt(rows, events, (event, volume) => this.ended(events, event, volume)),
      ended: (transaction) => this.endedGroup(transaction),
      lost: (transaction) => this.unended(transaction, 'aborted'),
    });
  }

  /** Takes in what comes next in the WAL. @param span of what was read up to its end */
  add(
    chunk: Pick<WalChunk<XidVolumes>, 'rows' | 'events' | 'assignments' | 'undecodable'>,
    span: WalSpan,
  ): void {
    const files = { creations: [], namings: [], truncations: [], horizons: [], contents: new Map() };
    this.open.addChunk({ ...chunk, files, databases: { filesGone: [], marks: [] } }, span);
  }

  get undecodable(): readonly Lsn[] {
    return this.open.undecodable;
  }

  /** Takes in that no more comes. */
  finish(): void {
    for (const one of this.open.unended()) this.unended(one, one.prepared ? 'prepared' : 'open');
  }

  private ended({ kinds, xids, lsns, times }: TransactionEvents, event: number, volume: Volume): void {
    const { timeline } = this;
    this.largest.add(volume, () => ({
      ...{ xid: xids[event], timeline, state: kinds[event] === COMMIT ? 'committed' : 'aborted' },
      ...{ lsn: lsns[event], time: times[event] },
    }));
  }

  private endedGroup({ xid, status: state, lsn, time, group }: EndedTransaction<Volume>): void {
    const { timeline } = this;
    if (group.length > 0) this.largest.add(sumOf(group), () => ({ xid, timeline, state, lsn, time }));
  }

  private unended({ xid, group }: UnendedTransaction<Volume>, state: 'aborted' | 'prepared' | 'open'): void {
    const { timeline } = this;
    const end = { lsn: undefined, time: undefined };
    this.largest.add(sumOf(group), () => ({ xid, timeline, state, ...end }));
  }
}

function sumOf(group: readonly Volume[]): Volume {
  const sum = noVolume();
  for (const one of group) addVolume(sum, one);
  return sum;
}

/** The rows of a chunk: those of transactions that end in it are not handed over where nothing else is open of those. */
class VolumesAt implements RowsAt<Volume> {
  private opened = 0;
  private readonly byEnd: RowsByEnd;

  constructor(
    private readonly rows: XidVolumes,
    events: TransactionEvents,
    private readonly ended: (event: number, volume: Volume) => void,
  ) {
    this.byEnd = new RowsByEnd(events.kinds.length, rows.ends.length, (row) => rows.ends[row] - 1);
  }

  addUpTo(end: Lsn | undefined, keptOf: KeptOf<Volume>): void {
    const { open } = this.byEnd;
    for (; this.opened < open.length; this.opened++) {
      const row = open[this.opened];
      if (end !== undefined && this.rows.lsns[row] >= end) return;
      this.add(row, keptOf);
    }
  }

  addEnding(event: number, keptOf: KeptOf<Volume>): void {
    const { byEnd } = this;
    for (let row = byEnd.firstOf(event); row >= 0; row = byEnd.after(row)) this.add(row, keptOf);
  }

  passEnd(event: number): void {
    const { byEnd } = this;
    const first = byEnd.firstOf(event);
    if (first < 0) return;
    const sum = this.volumeOf(first);
    for (let row = byEnd.after(first); row >= 0; row = byEnd.after(row)) addVolume(sum, this.volumeOf(row));
    this.ended(event, sum);
  }

  private add(row: number, keptOf: KeptOf<Volume>): void {
    const { xids, lastLsns, topXids } = this.rows;
    addVolume(keptOf(xids[row], lastLsns[row], topXids[row]), this.volumeOf(row));
  }

  private volumeOf(row: number): Volume {
    const { records, recordBytes, imageBytes } = this.rows;
    return { records: records[row], recordBytes: recordBytes[row], imageBytes: imageBytes[row] };
  }
}
