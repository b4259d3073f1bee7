import type { CStruct } from './c-struct.js';
import type { Lsn } from './lsn.js';

/** The state to start recovery from (`CheckPoint`, src/include/catalog/pg_control.h), in a record and in pg_control. */
export interface CheckPoint {
  /** Where recovery from this checkpoint begins to read. */
  redo: Lsn;
  thisTimeLineID: number;
  /** The timeline before, where the checkpoint begins a new one; {@link thisTimeLineID} otherwise. */
  prevTimeLineID: number;
  fullPageWrites: boolean;
  /** Since 17. */
  walLevel: number | undefined;
  /** Since 19. */
  logicalDecodingEnabled: boolean | undefined;
  /** The next transaction id to be given out, with the epoch in the high half. */
  nextXid: bigint;
  nextOid: number;
  nextMulti: number;
  /** 32 bits up to 18. */
  nextMultiOffset: bigint;
  oldestXid: number;
  oldestXidDB: number;
  oldestMulti: number;
  oldestMultiDB: number;
  /** When the checkpoint began, in seconds since 1970-01-01 00:00 UTC (`pg_time_t`). */
  time: bigint;
  /** 0 where commit timestamps are not kept; so is {@link newestCommitTsXid}. */
  oldestCommitTsXid: number;
  newestCommitTsXid: number;
  /** 0 in a checkpoint at shutdown. */
  oldestActiveXid: number;
}

/** Reads one; the fields are in the order of the struct's. @throws OutOfBounds */
export function readCheckPoint(struct: CStruct): CheckPoint {
  return {
    redo: struct.u64(),
    thisTimeLineID: struct.u32(),
    prevTimeLineID: struct.u32(),
    fullPageWrites: struct.bool(),
    walLevel: struct.since(17, () => struct.i32()),
    logicalDecodingEnabled: struct.since(19, () => struct.bool()),
    nextXid: struct.since(12, () => struct.u64()) ?? readEpochAndXid(struct),
    nextOid: struct.u32(),
    nextMulti: struct.u32(),
    nextMultiOffset: struct.since(19, () => struct.u64()) ?? BigInt(struct.u32()),
    oldestXid: struct.u32(),
    oldestXidDB: struct.u32(),
    oldestMulti: struct.u32(),
    oldestMultiDB: struct.u32(),
    time: struct.i64(),
    oldestCommitTsXid: struct.u32(),
    newestCommitTsXid: struct.u32(),
    oldestActiveXid: struct.u32(),
  };
}

/** Before 12 the epoch is a field of its own. */
function readEpochAndXid(struct: CStruct): bigint {
  const epoch = struct.u32();
  return (BigInt(epoch) << 32n) | BigInt(struct.u32());
}
