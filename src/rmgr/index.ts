import { OutOfBounds } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { type BtreeRecord, btreeDecode, btreeDescribe, btreeIdentify } from './btree.js';
import type { HeapRecord } from './heap.js';
import { heapDecode, heapDescribe, heapIdentify } from './heap.js';
import type { Heap2Record } from './heap2.js';
import { heap2Decode, heap2Describe, heap2Identify } from './heap2.js';
import type { CustomRecord, DescribeContext, UndecodableRecord, UnknownRecord } from './rmgr.js';
import {
  type TransactionRecord,
  transactionDecode,
  transactionDescribe,
  transactionIdentify,
} from './transaction.js';

export type { CustomRecord, DescribeContext, UndecodableRecord, UnknownRecord } from './rmgr.js';

/** What a record says, as typed data: switch on `rmgr`, then on `type`. */
export type RecordData =
  | TransactionRecord
  | HeapRecord
  | Heap2Record
  | BtreeRecord
  | UndecodableRecord
  | UnknownRecord
  | CustomRecord;

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
  1: { name: 'Transaction', identify: transactionIdentify, decode: transactionDecode },
  9: { name: 'Heap2', identify: heap2Identify, decode: heap2Decode },
  10: { name: 'Heap', identify: heapIdentify, decode: heapDecode },
  11: { name: 'Btree', identify: btreeIdentify, decode: btreeDecode },
};

const RM_MIN_CUSTOM = 128;

/** The resource manager's name: `Heap`, `Btree` …; `custom128` … for an extension's; `UNKNOWN` for none. */
export function rmgrName(rmid: number): string {
  if (rmid >= RM_MIN_CUSTOM) return `custom${String(rmid).padStart(3, '0')}`;
  return RMGRS[rmid]?.name ?? 'UNKNOWN';
}

/** The kind of a record, as `pg_waldump` prints it after `desc:`: `INSERT+INIT`, `COMMIT` …; undefined if unknown. */
export function identify(rmid: number, info: number, version: number): string | undefined {
  return RMGRS[rmid]?.identify(info, version);
}

/** Decodes a record's content. Never throws for a record that the reader accepted. */
export function decode(record: WalRecord): RecordData {
  const { rmid, rmgrInfo } = record;
  if (rmid >= RM_MIN_CUSTOM) return { rmgr: 'custom', type: 'custom', rmid, info: rmgrInfo };
  const rmgr = rmgrName(rmid);
  try {
    return RMGRS[rmid]?.decode(record) ?? { rmgr, type: 'unknown', info: rmgrInfo };
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    const identity = identify(rmid, record.info, record.version);
    return { rmgr, type: 'undecodable', identity, reason: error.message };
  }
}

/** The text that `pg_waldump` of the record's version prints after the record's kind. */
export function describe(data: RecordData, context: DescribeContext): string {
  if (data.type === 'undecodable' || data.type === 'unknown') return '';
  switch (data.rmgr) {
    case 'Transaction':
      return transactionDescribe(data, context);
    case 'Heap2':
      return heap2Describe(data, context);
    case 'Heap':
      return heapDescribe(data, context);
    case 'Btree':
      return btreeDescribe(data, context);
    case 'custom':
      return `rmid: ${data.rmid}`;
  }
}
