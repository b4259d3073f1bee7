import { type TextBuffer, textOf } from '../text/text-buffer.js';
import { OutOfBounds } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { RM_MIN_CUSTOM_ID } from '../wal/rmgr-id.js';
import { type BrinRecord, brinDecode, brinDescribe, brinIdentify } from './brin.js';
import { type BtreeRecord, btreeDecode, btreeIdentify } from './btree.js';
import { btreeDescribe } from './btree-desc.js';
import { type ClogRecord, clogDecode, clogDescribe, clogIdentify } from './clog.js';
import { type CommitTsRecord, commitTsDecode, commitTsDescribe, commitTsIdentify } from './commit-ts.js';
import { type DatabaseRecord, databaseDecode, databaseDescribe, databaseIdentify } from './database.js';
import { type GenericRecord, genericDecode, genericDescribe, genericIdentify } from './generic.js';
import { type GinRecord, ginDecode, ginDescribe, ginIdentify } from './gin.js';
import { type GistRecord, gistDecode, gistDescribe, gistIdentify } from './gist.js';
import { type HashRecord, hashDecode, hashDescribe, hashIdentify } from './hash.js';
import { type HeapRecord, heapDecode, heapDescribe, heapIdentify } from './heap.js';
import { type Heap2Record, heap2Decode, heap2Describe, heap2Identify } from './heap2.js';
import {
  type LogicalMessageRecord,
  logicalMessageDecode,
  logicalMessageDescribe,
  logicalMessageIdentify,
} from './logical-message.js';
import { type MultiXactRecord, multixactDecode, multixactDescribe, multixactIdentify } from './multixact.js';
import { type RelmapRecord, relmapDecode, relmapDescribe, relmapIdentify } from './relmap.js';
import {
  type ReplicationOriginRecord,
  replicationOriginDecode,
  replicationOriginDescribe,
  replicationOriginIdentify,
} from './replication-origin.js';
import type { CustomRecord, DescribeContext, UndecodableRecord, UnknownRecord } from './rmgr.js';
import { type SequenceRecord, sequenceDecode, sequenceDescribe, sequenceIdentify } from './sequence.js';
import { type SpgistRecord, spgistDecode, spgistDescribe, spgistIdentify } from './spgist.js';
import { type StandbyRecord, standbyDecode, standbyDescribe, standbyIdentify } from './standby.js';
import { type StorageRecord, storageDecode, storageDescribe, storageIdentify } from './storage.js';
import {
  type TablespaceRecord,
  tablespaceDecode,
  tablespaceDescribe,
  tablespaceIdentify,
} from './tablespace.js';
import {
  type TransactionRecord,
  transactionDecode,
  transactionDescribe,
  transactionIdentify,
  writeBareCompletion,
} from './transaction.js';
import { type XlogRecord, xlogDecode, xlogDescribe, xlogIdentify } from './xlog.js';
import { type Xlog2Record, xlog2Decode, xlog2Describe, xlog2Identify } from './xlog2.js';

export type { CustomRecord, DescribeContext, UndecodableRecord, UnknownRecord } from './rmgr.js';

/** What a record says, as typed data: switch on `rmgr`, then on `type`. */
export type RecordData =
  | XlogRecord
  | TransactionRecord
  | StorageRecord
  | ClogRecord
  | DatabaseRecord
  | TablespaceRecord
  | MultiXactRecord
  | RelmapRecord
  | StandbyRecord
  | Heap2Record
  | HeapRecord
  | BtreeRecord
  | HashRecord
  | GinRecord
  | GistRecord
  | SequenceRecord
  | SpgistRecord
  | BrinRecord
  | CommitTsRecord
  | ReplicationOriginRecord
  | GenericRecord
  | LogicalMessageRecord
  | Xlog2Record
  | CustomRecord
  | UndecodableRecord
  | UnknownRecord;

/** A built-in resource manager. The functions are named after PostgreSQL's (`heap_identify`, `heap_desc`). */
interface BuiltinRmgr {
  name: string;
  /** The kind of record that the info bits name, as `pg_waldump` prints it; undefined for unknown bits. */
  identify(info: number, version: number): string | undefined;
  /** The record's content; undefined for info bits that the version does not have. @throws OutOfBounds */
  decode(record: WalRecord): RecordData | undefined;
  /** Writes the description of such content. */
  describe(out: TextBuffer, data: RecordData, context: DescribeContext): void;
  /**
   * Decodes and describes in one. Not by way of {@link RecordData}: where objects of so many kinds pass, no look at one
   * of their fields is compiled for its kind, which takes 3 ms of 84 for 157,310 records.
   * @throws OutOfBounds before anything is written
   */
  write(out: TextBuffer, record: WalRecord, context: DescribeContext): void;
}

type Identify = BuiltinRmgr['identify'];

/** One that writes its descriptions as bytes. */
function writing<D extends RecordData>(
  name: string,
  identify: Identify,
  decode: (record: WalRecord) => D | undefined,
  describe: (out: TextBuffer, data: D, context: DescribeContext) => void,
): BuiltinRmgr {
  return {
    name,
    identify,
    decode,
    // told by the name in the data which resource manager's they are
    describe: (out, data, context) => describe(out, data as D, context),
    write(out, record, context) {
      const data = decode(record);
      if (data !== undefined) describe(out, data, context);
    },
  };
}

/** One that makes strings of its descriptions, since its records are few. */
function describing<D extends RecordData>(
  name: string,
  identify: Identify,
  decode: (record: WalRecord) => D | undefined,
  describe: (data: D, context: DescribeContext) => string,
): BuiltinRmgr {
  return writing(name, identify, decode, (out, data, context) => out.text(describe(data, context)));
}

const transactions = describing('Transaction', transactionIdentify, transactionDecode, transactionDescribe);

const TRANSACTION: BuiltinRmgr = {
  ...transactions,
  write(out, record, context) {
    if (!writeBareCompletion(out, record, context)) transactions.write(out, record, context);
  },
};

/** By id: src/include/access/rmgrlist.h, the same in 10 … 18; XLOG2 since 19. */
const RMGRS: Readonly<Record<number, BuiltinRmgr | undefined>> = {
  0: describing('XLOG', xlogIdentify, xlogDecode, xlogDescribe),
  1: TRANSACTION,
  2: describing('Storage', storageIdentify, storageDecode, storageDescribe),
  3: describing('CLOG', clogIdentify, clogDecode, clogDescribe),
  4: describing('Database', databaseIdentify, databaseDecode, databaseDescribe),
  5: describing('Tablespace', tablespaceIdentify, tablespaceDecode, tablespaceDescribe),
  6: describing('MultiXact', multixactIdentify, multixactDecode, multixactDescribe),
  7: describing('RelMap', relmapIdentify, relmapDecode, relmapDescribe),
  8: describing('Standby', standbyIdentify, standbyDecode, standbyDescribe),
  9: writing('Heap2', heap2Identify, heap2Decode, heap2Describe),
  10: writing('Heap', heapIdentify, heapDecode, heapDescribe),
  11: writing('Btree', btreeIdentify, btreeDecode, btreeDescribe),
  12: describing('Hash', hashIdentify, hashDecode, hashDescribe),
  13: describing('Gin', ginIdentify, ginDecode, ginDescribe),
  14: describing('Gist', gistIdentify, gistDecode, gistDescribe),
  15: describing('Sequence', sequenceIdentify, sequenceDecode, sequenceDescribe),
  16: describing('SPGist', spgistIdentify, spgistDecode, spgistDescribe),
  17: describing('BRIN', brinIdentify, brinDecode, brinDescribe),
  18: describing('CommitTs', commitTsIdentify, commitTsDecode, commitTsDescribe),
  19: describing(
    'ReplicationOrigin',
    replicationOriginIdentify,
    replicationOriginDecode,
    replicationOriginDescribe,
  ),
  20: describing('Generic', genericIdentify, genericDecode, genericDescribe),
  21: describing('LogicalMessage', logicalMessageIdentify, logicalMessageDecode, logicalMessageDescribe),
  22: describing('XLOG2', xlog2Identify, xlog2Decode, xlog2Describe),
};

/** The resource manager's name: `Heap`, `Btree` …; `custom128` … for an extension's; `UNKNOWN` for none. */
export function rmgrName(rmid: number): string {
  if (rmid >= RM_MIN_CUSTOM_ID) return `custom${String(rmid).padStart(3, '0')}`;
  return RMGRS[rmid]?.name ?? 'UNKNOWN';
}

/** The kind of a record, as `pg_waldump` prints it after `desc:`: `INSERT+INIT`, `COMMIT` …; undefined if unknown. */
export function identify(rmid: number, info: number, version: number): string | undefined {
  return RMGRS[rmid]?.identify(info, version);
}

/** Decodes a record's content. Never throws for a record that the reader accepted. */
export function decode(record: WalRecord): RecordData {
  const { rmid } = record;
  if (rmid >= RM_MIN_CUSTOM_ID) return { rmgr: 'custom', type: 'custom', rmid, info: record.rmgrInfo };
  try {
    return RMGRS[rmid]?.decode(record) ?? { rmgr: rmgrName(rmid), type: 'unknown', info: record.rmgrInfo };
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    const identity = identify(rmid, record.info, record.version);
    return { rmgr: rmgrName(rmid), type: 'undecodable', identity, reason: error.message };
  }
}

/** The text that `pg_waldump` of the record's version prints after the record's kind. */
export function describe(data: RecordData, context: DescribeContext): string {
  if (data.type === 'undecodable' || data.type === 'unknown') return '';
  if (data.rmgr === 'custom') return `rmid: ${data.rmid}`;
  const rmgr = RMGR_OF_NAME.get(data.rmgr);
  return textOf((out) => rmgr?.describe(out, data, context));
}

const RMGR_OF_NAME = new Map(Object.values(RMGRS).map((rmgr) => [rmgr?.name, rmgr]));

/**
 * Writes {@link describe} of a record's content.
 * @returns why the content could not be decoded, in which case nothing is written
 */
export function writeDescription(
  out: TextBuffer,
  record: WalRecord,
  context: DescribeContext,
): string | undefined {
  const { rmid } = record;
  if (rmid >= RM_MIN_CUSTOM_ID) {
    out.text(`rmid: ${rmid}`);
    return undefined;
  }
  try {
    RMGRS[rmid]?.write(out, record, context);
    return undefined;
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    return error.message;
  }
}
