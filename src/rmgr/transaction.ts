import { decodeText } from '../text/encoding.js';
import type { TextBuffer } from '../text/text-buffer.js';
import { formatTimestampTz, writeTimestampHalves } from '../text/timezone.js';
import type { ByteView } from '../wal/byte-view.js';
import { formatLsnOf, INVALID_LSN, type Lsn } from '../wal/lsn.js';
import { INVALID_XID, MAIN_FORK, type RelFileLocator, type WalRecord } from '../wal/record.js';
import { relationPath } from '../wal/relation-path.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { readU32Array } from './arrays.js';
import {
  describeInvalidations,
  type InvalidationMessage,
  type Invalidations,
  readInvalidationMessages,
} from './invalidation.js';
import type { RmgrTable } from './kinds.js';
import { readRelFileLocators } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** What others look for in `xl_info` (src/include/access/xact.h). */
export const XLOG_XACT_OPMASK = 0x70;
export const XLOG_XACT_HAS_INFO = 0x80;
export const XLOG_XACT_COMMIT = 0x00;
export const XLOG_XACT_ABORT = 0x20;
export const XLOG_XACT_COMMIT_PREPARED = 0x30;
export const XLOG_XACT_ABORT_PREPARED = 0x40;

const XACT_XINFO_HAS_DBINFO = 1 << 0;
const XACT_XINFO_HAS_SUBXACTS = 1 << 1;
const XACT_XINFO_HAS_RELFILELOCATORS = 1 << 2;
const XACT_XINFO_HAS_INVALS = 1 << 3;
const XACT_XINFO_HAS_TWOPHASE = 1 << 4;
const XACT_XINFO_HAS_ORIGIN = 1 << 5;
/** Since 11. */
const XACT_XINFO_HAS_GID = 1 << 7;
/** Since 15. */
const XACT_XINFO_HAS_DROPPED_STATS = 1 << 8;
const XACT_COMPLETION_APPLY_FEEDBACK = 1 << 29;
const XACT_COMPLETION_UPDATE_RELCACHE_FILE = 1 << 30;
const XACT_COMPLETION_FORCE_SYNC_COMMIT = 1 << 31;

/** The beginning or the end of a transaction's life: `xl_xact_…` of src/include/access/xact.h. */
export type TransactionRecord = XactCommit | XactAbort | XactPrepare | XactAssignment | XactInvalidations;

/** What ends a transaction, one way or the other. The record's own xid is the transaction's, unless prepared. */
export interface XactCompletion {
  rmgr: 'Transaction';
  xactTime: TimestampTz;
  /** `XACT_XINFO_…` and `XACT_COMPLETION_…` bits; 0 where the record has none. */
  xinfo: number;
  /** 0 where the record does not say. */
  dbId: number;
  tsId: number;
  subxacts: readonly number[];
  /** Files that are deleted by the transaction's end. */
  xlocators: readonly RelFileLocator[];
  /** Since 15. */
  stats: readonly DroppedStats[];
  /** The prepared transaction that ends; 0 where it was not prepared. */
  twophaseXid: number;
  /** Since 11, with `wal_level = logical`. */
  twophaseGid: string | undefined;
  /** Where the transaction was replicated from, or nothing. Aborts tell since 11. */
  origin: XactOrigin | undefined;
}

/** COMMIT or COMMIT PREPARED (`xl_xact_commit`). */
export interface XactCommit extends XactCompletion, Invalidations {
  type: 'commit' | 'commit-prepared';
}

/** ROLLBACK or ROLLBACK PREPARED (`xl_xact_abort`). */
export interface XactAbort extends XactCompletion {
  type: 'abort' | 'abort-prepared';
}

/** PREPARE TRANSACTION: all that COMMIT PREPARED or ROLLBACK PREPARED will need later (`xl_xact_prepare`). */
export interface XactPrepare extends Invalidations {
  rmgr: 'Transaction';
  type: 'prepare';
  xactTime: TimestampTz;
  twophaseXid: number;
  twophaseGid: string;
  /** The role that prepared it. */
  owner: number;
  subxacts: readonly number[];
  /** Files to delete if it commits, and if it aborts. */
  xlocators: readonly RelFileLocator[];
  abortlocators: readonly RelFileLocator[];
  /** Since 15. */
  stats: readonly DroppedStats[];
  abortstats: readonly DroppedStats[];
  /** Since 11. */
  origin: XactOrigin | undefined;
}

/** Subtransactions that are told to belong to a transaction, ahead of its end (`xl_xact_assignment`). */
export interface XactAssignment {
  rmgr: 'Transaction';
  type: 'assignment';
  xtop: number;
  xsub: readonly number[];
}

/** Invalidations at a command's end (`xl_xact_invals`), for logical decoding. Since 14, with `wal_level = logical`. */
export interface XactInvalidations {
  rmgr: 'Transaction';
  type: 'invalidation';
  msgs: InvalidationMessage[];
}

/** Statistics of an object that goes away (`xl_xact_stats_item`). */
export interface DroppedStats {
  /** `PgStat_Kind` */
  kind: number;
  dboid: number;
  /** 32 bits up to 17. */
  objid: bigint;
}

/** Where a transaction was replicated from: its commit there (`xl_xact_origin`). */
export interface XactOrigin {
  /** The replication origin of the record (`roident`). */
  nodeId: number;
  lsn: Lsn;
  timestamp: TimestampTz;
}

const COMPLETION_FIELDS = {
  xactTime: 'timestamp',
  stats: { objid: 'number' },
  origin: { lsn: 'lsn', timestamp: 'timestamp' },
} as const;

/** `xact_identify`, `xact_desc` (src/backend/access/rmgrdesc/xactdesc.c) */
export const TRANSACTION: RmgrTable<TransactionRecord> = {
  name: 'Transaction',
  opMask: XLOG_XACT_OPMASK,
  nameMask: XLOG_XACT_OPMASK,
  kinds: [
    {
      op: XLOG_XACT_COMMIT,
      name: 'COMMIT',
      type: 'commit',
      fields: COMPLETION_FIELDS,
      decode: (record) => decodeCommit(record, 'commit'),
      describe: commitText,
      write: writeBareCompletion,
    },
    {
      op: 0x10,
      name: 'PREPARE',
      type: 'prepare',
      fields: { ...COMPLETION_FIELDS, abortstats: { objid: 'number' } },
      decode: decodePrepare,
      describe: prepareText,
    },
    {
      op: XLOG_XACT_ABORT,
      name: 'ABORT',
      type: 'abort',
      fields: COMPLETION_FIELDS,
      decode: (record) => decodeAbort(record, 'abort'),
      describe: abortText,
      write: writeBareCompletion,
    },
    {
      op: XLOG_XACT_COMMIT_PREPARED,
      name: 'COMMIT_PREPARED',
      type: 'commit-prepared',
      fields: COMPLETION_FIELDS,
      decode: (record) => decodeCommit(record, 'commit-prepared'),
      describe: commitText,
    },
    {
      op: XLOG_XACT_ABORT_PREPARED,
      name: 'ABORT_PREPARED',
      type: 'abort-prepared',
      fields: COMPLETION_FIELDS,
      decode: (record) => decodeAbort(record, 'abort-prepared'),
      describe: abortText,
    },
    {
      op: 0x50,
      name: 'ASSIGNMENT',
      type: 'assignment',
      decode({ main }) {
        const xsub = readU32Array(main, 8, main.i32(4));
        return { rmgr: 'Transaction', type: 'assignment', xtop: main.u32(0), xsub };
      },
      describe: ({ xtop, xsub }) => `xtop ${xtop}: subxacts:${xsub.map((xid) => ` ${xid}`).join('')}`,
    },
    {
      op: 0x60,
      name: 'INVALIDATION',
      type: 'invalidation',
      since: 14,
      decode({ main, version }) {
        const msgs = readInvalidationMessages(main, 4, main.i32(0), version);
        return { rmgr: 'Transaction', type: 'invalidation', msgs };
      },
      describe: ({ msgs }, { version }) =>
        messagesText({ dbId: 0, tsId: 0, relcacheInitFileInval: false, msgs }, version),
    },
  ],
};

const NONE: readonly never[] = [];

/** `ParseCommitRecord` */
function decodeCommit(record: WalRecord, type: XactCommit['type']): XactCommit {
  const { main, version } = record;
  const commit: XactCommit = {
    rmgr: 'Transaction',
    type,
    xactTime: main.i64(0),
    xinfo: 0,
    dbId: 0,
    tsId: 0,
    relcacheInitFileInval: false,
    subxacts: NONE,
    xlocators: NONE,
    stats: NONE,
    msgs: [],
    twophaseXid: INVALID_XID,
    twophaseGid: undefined,
    origin: undefined,
  };
  if (!(record.info & XLOG_XACT_HAS_INFO)) return commit;
  const xinfo = main.u32(8);
  commit.relcacheInitFileInval = (xinfo & XACT_COMPLETION_UPDATE_RELCACHE_FILE) !== 0;
  let at = decodeCompletion(commit, xinfo, main, version);
  if (xinfo & XACT_XINFO_HAS_INVALS) {
    const count = main.i32(at);
    commit.msgs = readInvalidationMessages(main, at + 4, count, version);
    at += 4 + count * 16;
  }
  decodeTwophaseAndOrigin(commit, at, record);
  return commit;
}

/** `ParseAbortRecord` */
function decodeAbort(record: WalRecord, type: XactAbort['type']): XactAbort {
  const { main, version } = record;
  const abort: XactAbort = {
    rmgr: 'Transaction',
    type,
    xactTime: main.i64(0),
    xinfo: 0,
    dbId: 0,
    tsId: 0,
    subxacts: NONE,
    xlocators: NONE,
    stats: NONE,
    twophaseXid: INVALID_XID,
    twophaseGid: undefined,
    origin: undefined,
  };
  if (!(record.info & XLOG_XACT_HAS_INFO)) return abort;
  // up to 10 an abort carries neither database nor origin
  const known = version >= 11 ? 0 : XACT_XINFO_HAS_DBINFO | XACT_XINFO_HAS_ORIGIN;
  const at = decodeCompletion(abort, main.u32(8) & ~known, main, version);
  decodeTwophaseAndOrigin(abort, at, record);
  return abort;
}

/** Takes in what commits and aborts have in common, up to the dropped statistics. @returns where they end */
function decodeCompletion(
  completion: XactCompletion,
  xinfo: number,
  main: ByteView,
  version: number,
): number {
  completion.xinfo = xinfo >>> 0;
  let at = 12;
  if (xinfo & XACT_XINFO_HAS_DBINFO) {
    completion.dbId = main.u32(at);
    completion.tsId = main.u32(at + 4);
    at += 8;
  }
  if (xinfo & XACT_XINFO_HAS_SUBXACTS) {
    const count = main.i32(at);
    completion.subxacts = readU32Array(main, at + 4, count);
    at += 4 + count * 4;
  }
  if (xinfo & XACT_XINFO_HAS_RELFILELOCATORS) {
    const count = main.i32(at);
    completion.xlocators = readRelFileLocators(main, at + 4, count);
    at += 4 + count * 12;
  }
  if (xinfo & XACT_XINFO_HAS_DROPPED_STATS && version >= 15) {
    const count = main.i32(at);
    completion.stats = readStats(main, at + 4, count, version);
    at += 4 + count * statsItemSize(version);
  }
  return at;
}

function decodeTwophaseAndOrigin(completion: XactCompletion, start: number, record: WalRecord): void {
  const { main, version } = record;
  const { xinfo } = completion;
  let at = start;
  if (xinfo & XACT_XINFO_HAS_TWOPHASE) {
    completion.twophaseXid = main.u32(at);
    at += 4;
    if (xinfo & XACT_XINFO_HAS_GID && version >= 11) {
      const gid = main.cstring(at);
      completion.twophaseGid = decodeText(gid);
      at += gid.length + 1;
    }
  }
  if (xinfo & XACT_XINFO_HAS_ORIGIN) {
    completion.origin = { nodeId: record.origin, lsn: main.u64(at), timestamp: main.i64(at + 8) };
  }
}

/** `ParsePrepareRecord`; the layout is that of the state file (`TwoPhaseFileHeader`, twophase.c). */
function decodePrepare(record: WalRecord): XactPrepare {
  const { main, version } = record;
  // since 11: origin; since 15: counts of statistics
  const counts = version >= 15 ? 48 : 40;
  const headerSize = version >= 11 ? counts + 24 : counts + 8;
  const gidLength = main.u16(counts + 6);
  let at = headerSize;
  const skip = (length: number): number => {
    const start = at;
    at += (length + 7) & ~7;
    return start;
  };
  const gid = main.slice(skip(gidLength), gidLength).cstring(0);
  const nsubxacts = main.i32(28);
  const subxacts = readU32Array(main, skip(nsubxacts * 4), nsubxacts);
  const ncommitrels = main.i32(32);
  const xlocators = readRelFileLocators(main, skip(ncommitrels * 12), ncommitrels);
  const nabortrels = main.i32(36);
  const abortlocators = readRelFileLocators(main, skip(nabortrels * 12), nabortrels);
  const ncommitstats = version >= 15 ? main.i32(40) : 0;
  const stats = readStats(main, skip(ncommitstats * statsItemSize(version)), ncommitstats, version);
  const nabortstats = version >= 15 ? main.i32(44) : 0;
  const abortstats = readStats(main, skip(nabortstats * statsItemSize(version)), nabortstats, version);
  return {
    rmgr: 'Transaction',
    type: 'prepare',
    xactTime: main.i64(16),
    twophaseXid: main.u32(8),
    twophaseGid: decodeText(gid),
    owner: main.u32(24),
    dbId: main.u32(12),
    tsId: 0,
    relcacheInitFileInval: main.u8(counts + 4) !== 0,
    subxacts,
    xlocators,
    abortlocators,
    stats,
    abortstats,
    msgs: readInvalidationMessages(main, at, main.i32(counts), version),
    origin: version >= 11 ? prepareOrigin(record, counts + 8) : undefined,
  };
}

function prepareOrigin(record: WalRecord, at: number): XactOrigin | undefined {
  const lsn = record.main.u64(at);
  if (record.origin === 0 && lsn === INVALID_LSN) return undefined;
  return { nodeId: record.origin, lsn, timestamp: record.main.i64(at + 8) };
}

/** `sizeof(xl_xact_stats_item)`: since 18 the object's id has 64 bits. */
const statsItemSize = (version: number): number => (version >= 18 ? 16 : 12);

function readStats(view: ByteView, offset: number, count: number, version: number): DroppedStats[] {
  const size = statsItemSize(version);
  const within = view.slice(offset, count * size);
  const items: DroppedStats[] = [];
  for (let at = 0; at < within.length; at += size) {
    // two halves, the low one first: as good as 64 bits
    const objid = size === 16 ? within.u64(at + 8) : BigInt(within.u32(at + 8));
    items.push({ kind: within.i32(at), dboid: within.u32(at + 4), objid });
  }
  return items;
}

/** The text of a COMMIT or ABORT that holds its time and nothing else, as nearly all do (docs/decisions/text.md). */
function writeBareCompletion(out: TextBuffer, { info, main }: WalRecord, { zone }: DescribeContext): boolean {
  if (info & XLOG_XACT_HAS_INFO || main.length < 8) return false;
  writeTimestampHalves(out, main.u32(0), main.i32(4), zone);
  return true;
}

function commitText(data: XactCommit, context: DescribeContext): string {
  const time = twophaseText(data) + formatTimestampTz(data.xactTime, context.zone);
  const { xinfo } = data;
  if (xinfo === 0) return time;
  const { version } = context;
  const feedback = xinfo & XACT_COMPLETION_APPLY_FEEDBACK && version >= 15 ? '; apply_feedback' : '';
  const sync = xinfo & XACT_COMPLETION_FORCE_SYNC_COMMIT ? '; sync' : '';
  return (
    time +
    relationsText('rels', data.xlocators, version) +
    subxactsText(data.subxacts) +
    statsText('', data.stats) +
    messagesText(data, version) +
    feedback +
    sync +
    originText(data.origin, context)
  );
}

function abortText(data: XactAbort, context: DescribeContext): string {
  const time = twophaseText(data) + formatTimestampTz(data.xactTime, context.zone);
  if (data.xinfo === 0) return time;
  const { version } = context;
  return (
    time +
    relationsText('rels', data.xlocators, version) +
    subxactsText(data.subxacts) +
    (version >= 15 ? originText(data.origin, context) : '') +
    statsText('', data.stats)
  );
}

function prepareText(data: XactPrepare, context: DescribeContext): string {
  const { version } = context;
  // up to 12 only the name of the kind
  if (version < 13) return '';
  // an oversight of 15.0, cured in 15.14, 16.10 and 17.6, left them out; 16 follows 16.4, with which it is tested
  const stats = version === 16 ? '' : statsText('commit ', data.stats) + statsText('abort ', data.abortstats);
  const origin = version >= 15 && data.origin?.nodeId ? originText(data.origin, context) : '';
  return (
    `gid ${data.twophaseGid}: ${formatTimestampTz(data.xactTime, context.zone)}` +
    relationsText('rels(commit)', data.xlocators, version) +
    relationsText('rels(abort)', data.abortlocators, version) +
    stats +
    subxactsText(data.subxacts) +
    messagesText(data, version) +
    origin
  );
}

const twophaseText = (data: XactCompletion): string =>
  data.twophaseXid === INVALID_XID ? '' : `${data.twophaseXid}: `;

function relationsText(label: string, rels: readonly RelFileLocator[], version: number): string {
  if (rels.length === 0) return '';
  return `; ${label}:${rels.map((rel) => ` ${relationPath(rel, MAIN_FORK, version)}`).join('')}`;
}

function subxactsText(subxacts: readonly number[]): string {
  return subxacts.length === 0 ? '' : `; subxacts: ${subxacts.join(' ')}`;
}

function statsText(label: string, stats: readonly DroppedStats[]): string {
  if (stats.length === 0) return '';
  return `; ${label}dropped stats:${stats.map(({ kind, dboid, objid }) => ` ${kind}/${dboid}/${objid}`).join('')}`;
}

function messagesText(invalidations: Invalidations, version: number): string {
  return invalidations.msgs.length === 0 ? '' : describeInvalidations(invalidations, version);
}

function originText(origin: XactOrigin | undefined, context: DescribeContext): string {
  if (origin === undefined) return '';
  const lsn = formatLsnOf(origin.lsn, context.version);
  return `; origin: node ${origin.nodeId}, lsn ${lsn}, at ${formatTimestampTz(origin.timestamp, context.zone)}`;
}
