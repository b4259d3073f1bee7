import type { TupleId } from '../heap/tuple.js';
import type { Lsn } from '../wal/lsn.js';

export type ChangeKind = 'insert' | 'update' | 'delete';

const NOTHING = new Uint8Array(0);

/** A tuple among other bytes; not known where it ends before it begins. */
export class TuplePlace {
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = -1;

  get isKnown(): boolean {
    return this.end >= 0;
  }

  /** The tuple, sharing these bytes. */
  get tuple(): Uint8Array | undefined {
    return this.isKnown ? this.bytes.subarray(this.start, this.end) : undefined;
  }

  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  clear(): void {
    this.set(NOTHING, 0, -1);
  }
}

/** A change of a row as the WAL has it: tuples, not values. One object stands for one change after the other. */
export class TupleChange {
  /** Counts changes in the order of the WAL. */
  sequence = 0;
  lsnHi = 0;
  lsnLo = 0;
  kind: ChangeKind = 'insert';
  /** The table that it is of, as whoever logs it numbers them. */
  table = 0;
  /** Where the old tuple is, and the new one; an offset of 0 where there is none. */
  fromBlock = 0;
  fromOffset = 0;
  toBlock = 0;
  toOffset = 0;
  /** The row was moved to another partition. */
  isMove = false;
  readonly old = new TuplePlace();
  readonly new = new TuplePlace();

  get lsn(): Lsn {
    return (BigInt(this.lsnHi) << 32n) | BigInt(this.lsnLo);
  }

  /** Of an update and a delete. */
  get from(): TupleId {
    return { block: this.fromBlock, offset: this.fromOffset };
  }

  /** Of an insert and an update. */
  get to(): TupleId {
    return { block: this.toBlock, offset: this.toOffset };
  }
}
