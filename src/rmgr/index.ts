import { OutOfBounds } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { RM_MIN_CUSTOM_ID } from '../wal/rmgr-id.js';
import { type TextBuffer, textOf } from '../wal/text-buffer.js';
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
}

/** By id: src/include/access/rmgrlist.h, the same in 10 … 18; XLOG2 since 19. */
const RMGRS: Readonly<Record<number, BuiltinRmgr | undefined>> = {
  0: { name: 'XLOG', identify: xlogIdentify, decode: xlogDecode },
  1: { name: 'Transaction', identify: transactionIdentify, decode: transactionDecode },
  2: { name: 'Storage', identify: storageIdentify, decode: storageDecode },
  3: { name: 'CLOG', identify: clogIdentify, decode: clogDecode },
  4: { name: 'Database', identify: databaseIdentify, decode: databaseDecode },
  5: { name: 'Tablespace', identify: tablespaceIdentify, decode: tablespaceDecode },
  6: { name: 'MultiXact', identify: multixactIdentify, decode: multixactDecode },
  7: { name: 'RelMap', identify: relmapIdentify, decode: relmapDecode },
  8: { name: 'Standby', identify: standbyIdentify, decode: standbyDecode },
  9: { name: 'Heap2', identify: heap2Identify, decode: heap2Decode },
  10: { name: 'Heap', identify: heapIdentify, decode: heapDecode },
  11: { name: 'Btree', identify: btreeIdentify, decode: btreeDecode },
  12: { name: 'Hash', identify: hashIdentify, decode: hashDecode },
  13: { name: 'Gin', identify: ginIdentify, decode: ginDecode },
  14: { name: 'Gist', identify: gistIdentify, decode: gistDecode },
  15: { name: 'Sequence', identify: sequenceIdentify, decode: sequenceDecode },
  16: { name: 'SPGist', identify: spgistIdentify, decode: spgistDecode },
  17: { name: 'BRIN', identify: brinIdentify, decode: brinDecode },
  18: { name: 'CommitTs', identify: commitTsIdentify, decode: commitTsDecode },
  19: { name: 'ReplicationOrigin', identify: replicationOriginIdentify, decode: replicationOriginDecode },
  20: { name: 'Generic', identify: genericIdentify, decode: genericDecode },
  21: { name: 'LogicalMessage', identify: logicalMessageIdentify, decode: logicalMessageDecode },
  22: { name: 'XLOG2', identify: xlog2Identify, decode: xlog2Decode },
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
  return textOf((out) => writeDescription(out, data, context));
}

/** Writes what {@link describe} gives: as bytes where most records of any WAL are of that kind. */
export function writeDescription(out: TextBuffer, data: RecordData, context: DescribeContext): void {
  if (data.type === 'undecodable' || data.type === 'unknown') return;
  switch (data.rmgr) {
    case 'Heap':
      heapDescribe(out, data, context);
      return;
    case 'Heap2':
      heap2Describe(out, data, context);
      return;
    case 'Transaction':
      transactionDescribe(out, data, context);
      return;
    case 'Btree':
      btreeDescribe(out, data, context);
      return;
    default:
      out.text(descriptionText(data, context));
  }
}

/** The data of all other resource managers. */
type OtherData = Exclude<
  RecordData,
  { rmgr: 'Heap' | 'Heap2' | 'Transaction' | 'Btree' } | { type: 'undecodable' | 'unknown' }
>;

function descriptionText(data: OtherData, context: DescribeContext): string {
  switch (data.rmgr) {
    case 'XLOG':
      return xlogDescribe(data, context);
    case 'Storage':
      return storageDescribe(data, context);
    case 'CLOG':
      return clogDescribe(data);
    case 'Database':
      return databaseDescribe(data, context);
    case 'Tablespace':
      return tablespaceDescribe(data);
    case 'MultiXact':
      return multixactDescribe(data);
    case 'RelMap':
      return relmapDescribe(data);
    case 'Standby':
      return standbyDescribe(data, context);
    case 'Hash':
      return hashDescribe(data, context);
    case 'Gin':
      return ginDescribe(data, context);
    case 'Gist':
      return gistDescribe(data, context);
    case 'Sequence':
      return sequenceDescribe(data);
    case 'SPGist':
      return spgistDescribe(data, context);
    case 'BRIN':
      return brinDescribe(data);
    case 'CommitTs':
      return commitTsDescribe(data, context);
    case 'ReplicationOrigin':
      return replicationOriginDescribe(data, context);
    case 'Generic':
      return genericDescribe(data);
    case 'LogicalMessage':
      return logicalMessageDescribe(data, context);
    case 'XLOG2':
      return xlog2Describe(data);
    case 'custom':
      return `rmid: ${data.rmid}`;
  }
}
