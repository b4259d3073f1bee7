import type { ByteView } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { readPageNumber } from './slru-page.js';

/** src/include/access/multixact.h */
const XLOG_MULTIXACT_ZERO_OFF_PAGE = 0x00;
const XLOG_MULTIXACT_ZERO_MEM_PAGE = 0x10;
const XLOG_MULTIXACT_CREATE_ID = 0x20;
const XLOG_MULTIXACT_TRUNCATE_ID = 0x30;

/** Several transactions that lock one row: `xl_multixact_…` of src/include/access/multixact.h. */
export type MultiXactRecord =
  | MultiXactZeroPage
  | MultiXactCreate
  | MultiXactTruncateRanges
  | MultiXactTruncateOlder;

export interface MultiXactZeroPage {
  rmgr: 'MultiXact';
  type: 'zero-off-page' | 'zero-mem-page';
  pageno: bigint;
}

export interface MultiXactCreate {
  rmgr: 'MultiXact';
  type: 'create-id';
  mid: number;
  /** Where its members begin in `pg_multixact/members`. 32 bits up to 18. */
  moff: bigint;
  members: readonly MultiXactMember[];
}

export interface MultiXactMember {
  xid: number;
  /** `MultiXactStatus` */
  status: number;
}

/** Up to 18. */
export interface MultiXactTruncateRanges {
  rmgr: 'MultiXact';
  type: 'truncate-ranges';
  oldestMultiDB: number;
  startTruncOff: number;
  endTruncOff: number;
  startTruncMemb: number;
  endTruncMemb: number;
}

/** Since 19: all that is older goes. */
export interface MultiXactTruncateOlder {
  rmgr: 'MultiXact';
  type: 'truncate-older';
  oldestMultiDB: number;
  oldestMulti: number;
  oldestOffset: bigint;
}

const NAMES: readonly (string | undefined)[] = ['ZERO_OFF_PAGE', 'ZERO_MEM_PAGE', 'CREATE_ID', 'TRUNCATE_ID'];

/** `multixact_identify` */
export function multixactIdentify(info: number): string | undefined {
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function multixactDecode({ main, version, rmgrInfo }: WalRecord): MultiXactRecord | undefined {
  switch (rmgrInfo) {
    case XLOG_MULTIXACT_ZERO_OFF_PAGE:
      return { rmgr: 'MultiXact', type: 'zero-off-page', pageno: readPageNumber(main, 0, version) };
    case XLOG_MULTIXACT_ZERO_MEM_PAGE:
      return { rmgr: 'MultiXact', type: 'zero-mem-page', pageno: readPageNumber(main, 0, version) };
    case XLOG_MULTIXACT_CREATE_ID:
      return {
        rmgr: 'MultiXact',
        type: 'create-id',
        mid: main.u32(0),
        moff: version >= 19 ? main.u64(8) : BigInt(main.u32(4)),
        members: version >= 19 ? readMembers(main, 16) : readMembers(main, 8),
      };
    case XLOG_MULTIXACT_TRUNCATE_ID:
      return version >= 19 ? decodeTruncateOlder(main) : decodeTruncateRanges(main);
  }
}

function decodeTruncateRanges(main: ByteView): MultiXactTruncateRanges {
  return {
    rmgr: 'MultiXact',
    type: 'truncate-ranges',
    oldestMultiDB: main.u32(0),
    startTruncOff: main.u32(4),
    endTruncOff: main.u32(8),
    startTruncMemb: main.u32(12),
    endTruncMemb: main.u32(16),
  };
}

function decodeTruncateOlder(main: ByteView): MultiXactTruncateOlder {
  return {
    rmgr: 'MultiXact',
    type: 'truncate-older',
    oldestMultiDB: main.u32(0),
    oldestMulti: main.u32(4),
    oldestOffset: main.u64(8),
  };
}

/** A count and that many members. */
function readMembers(main: ByteView, offset: number): MultiXactMember[] {
  const within = main.slice(offset + 4, main.i32(offset) * 8);
  const members: MultiXactMember[] = [];
  for (let at = 0; at < within.length; at += 8) {
    members.push({ xid: within.u32(at), status: within.u32(at + 4) });
  }
  return members;
}

/** `multixact_desc` */
export function multixactDescribe(data: MultiXactRecord): string {
  switch (data.type) {
    case 'zero-off-page':
    case 'zero-mem-page':
      return String(data.pageno);
    case 'create-id':
      return `${data.mid} offset ${data.moff} nmembers ${data.members.length}: ${data.members.map(memberText).join('')}`;
    case 'truncate-ranges':
      return (
        `offsets [${data.startTruncOff}, ${data.endTruncOff}), ` +
        `members [${data.startTruncMemb}, ${data.endTruncMemb})`
      );
    case 'truncate-older':
      return `oldestMulti ${data.oldestMulti}, oldestOffset ${data.oldestOffset}`;
  }
}

/** By `MultiXactStatus`. */
const STATUS_TEXT: readonly string[] = ['keysh', 'sh', 'fornokeyupd', 'forupd', 'nokeyupd', 'upd'];

function memberText({ xid, status }: MultiXactMember): string {
  return `${xid} (${STATUS_TEXT[status] ?? 'unk'}) `;
}
