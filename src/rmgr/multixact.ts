import type { ByteView } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import type { RmgrTable } from './kinds.js';
import { readPageNumber } from './slru-page.js';

/** Several transactions that lock one row: `xl_multixact_…` of src/include/access/multixact.h. */
export type MultiXactRecord =
  | MultiXactZeroPage
  | MultiXactCreate
  | MultiXactTruncateRanges
  | MultiXactTruncateOlder;

/** A new page of `pg_multixact/offsets` or `pg_multixact/members`, all zeroes. */
export interface MultiXactZeroPage {
  rmgr: 'MultiXact';
  type: 'zero-off-page' | 'zero-mem-page';
  /** 32 bits up to 16. */
  pageno: bigint;
}

/** A new multixact id, and who its members are (`xl_multixact_create`). */
export interface MultiXactCreate {
  rmgr: 'MultiXact';
  type: 'create-id';
  mid: number;
  /** Where its members begin in `pg_multixact/members`. 32 bits up to 18. */
  moff: bigint;
  members: readonly MultiXactMember[];
}

/** A transaction and how it locks or changes the row (`MultiXactMember`). */
export interface MultiXactMember {
  xid: number;
  /** `MultiXactStatus` */
  status: number;
}

/** The ranges that go, up to 18 (`xl_multixact_truncate`): from one multixact id, or member, to before another. */
export interface MultiXactTruncateRanges {
  rmgr: 'MultiXact';
  type: 'truncate-ranges';
  oldestMultiDB: number;
  startTruncOff: number;
  endTruncOff: number;
  startTruncMemb: number;
  endTruncMemb: number;
}

/** All that is older goes, since 19 (`xl_multixact_truncate`). */
export interface MultiXactTruncateOlder {
  rmgr: 'MultiXact';
  type: 'truncate-older';
  oldestMultiDB: number;
  oldestMulti: number;
  oldestOffset: bigint;
}

/** `multixact_identify`, `multixact_desc` (src/backend/access/rmgrdesc/mxactdesc.c) */
export const MULTIXACT: RmgrTable<MultiXactRecord> = {
  name: 'MultiXact',
  kinds: [
    {
      op: 0x00,
      name: 'ZERO_OFF_PAGE',
      type: 'zero-off-page',
      fields: { pageno: 'number' },
      decode: (record) => decodeZeroPage(record, 'zero-off-page'),
      describe: zeroPageText,
    },
    {
      op: 0x10,
      name: 'ZERO_MEM_PAGE',
      type: 'zero-mem-page',
      fields: { pageno: 'number' },
      decode: (record) => decodeZeroPage(record, 'zero-mem-page'),
      describe: zeroPageText,
    },
    {
      op: 0x20,
      name: 'CREATE_ID',
      type: 'create-id',
      fields: { moff: 'number' },
      decode: ({ main, version }) => ({
        rmgr: 'MultiXact',
        type: 'create-id',
        mid: main.u32(0),
        moff: version >= 19 ? main.u64(8) : BigInt(main.u32(4)),
        members: version >= 19 ? readMembers(main, 16) : readMembers(main, 8),
      }),
      describe: ({ mid, moff, members }) =>
        `${mid} offset ${moff} nmembers ${members.length}: ${members.map(memberText).join('')}`,
    },
    {
      op: 0x30,
      name: 'TRUNCATE_ID',
      type: 'truncate-ranges',
      until: 18,
      decode: ({ main }) => ({
        rmgr: 'MultiXact',
        type: 'truncate-ranges',
        oldestMultiDB: main.u32(0),
        startTruncOff: main.u32(4),
        endTruncOff: main.u32(8),
        startTruncMemb: main.u32(12),
        endTruncMemb: main.u32(16),
      }),
      describe: ({ startTruncOff, endTruncOff, startTruncMemb, endTruncMemb }) =>
        `offsets [${startTruncOff}, ${endTruncOff}), members [${startTruncMemb}, ${endTruncMemb})`,
    },
    {
      op: 0x30,
      name: 'TRUNCATE_ID',
      type: 'truncate-older',
      since: 19,
      fields: { oldestOffset: 'number' },
      decode: ({ main }) => ({
        rmgr: 'MultiXact',
        type: 'truncate-older',
        oldestMultiDB: main.u32(0),
        oldestMulti: main.u32(4),
        oldestOffset: main.u64(8),
      }),
      describe: ({ oldestMulti, oldestOffset }) => `oldestMulti ${oldestMulti}, oldestOffset ${oldestOffset}`,
    },
  ],
};

function decodeZeroPage({ main, version }: WalRecord, type: MultiXactZeroPage['type']): MultiXactZeroPage {
  return { rmgr: 'MultiXact', type, pageno: readPageNumber(main, 0, version) };
}

function zeroPageText({ pageno }: MultiXactZeroPage): string {
  return String(pageno);
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

/** By `MultiXactStatus`. */
const STATUS_TEXT: readonly string[] = ['keysh', 'sh', 'fornokeyupd', 'forupd', 'nokeyupd', 'upd'];

function memberText({ xid, status }: MultiXactMember): string {
  return `${xid} (${STATUS_TEXT[status] ?? 'unk'}) `;
}
