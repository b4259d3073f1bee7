import { XLOG_SWITCH } from '../reader/check-record.js';
import { decodeText } from '../text/encoding.js';
import { formatTimestampTz } from '../text/timezone.js';
import type { ByteView } from '../wal/byte-view.js';
import { formatLsnOf, type Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { formatFullXid } from './desc-text.js';
import type { DescribeContext } from './rmgr.js';

/** src/include/catalog/pg_control.h */
export const XLOG_CHECKPOINT_SHUTDOWN = 0x00;
const XLOG_CHECKPOINT_ONLINE = 0x10;
const XLOG_NOOP = 0x20;
const XLOG_NEXTOID = 0x30;
const XLOG_BACKUP_END = 0x50;
const XLOG_PARAMETER_CHANGE = 0x60;
const XLOG_RESTORE_POINT = 0x70;
const XLOG_FPW_CHANGE = 0x80;
export const XLOG_END_OF_RECOVERY = 0x90;
const XLOG_FPI_FOR_HINT = 0xa0;
export const XLOG_FPI = 0xb0;
const XLOG_ASSIGN_LSN = 0xc0;
const XLOG_OVERWRITE_CONTRECORD = 0xd0;
const XLOG_CHECKPOINT_REDO = 0xe0;
const XLOG_LOGICAL_DECODING_STATUS_CHANGE = 0xf0;

/** What concerns the WAL or the whole cluster. */
export type XlogRecord =
  | XlogCheckpoint
  | XlogBare
  | XlogNextOid
  | XlogBackupEnd
  | XlogParameterChange
  | XlogRestorePoint
  | XlogFpwChange
  | XlogEndOfRecovery
  | XlogOverwriteContrecord
  | XlogCheckpointRedo
  | XlogLogicalDecodingStatusChange;

/** The state to start recovery from (`CheckPoint`, src/include/catalog/pg_control.h). */
export interface XlogCheckpoint {
  rmgr: 'XLOG';
  type: 'checkpoint-shutdown' | 'checkpoint-online';
  /** Where recovery from this checkpoint begins to read. */
  redo: Lsn;
  thisTimeLineID: number;
  /** The timeline before, where the record begins a new one; {@link thisTimeLineID} otherwise. */
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
  /** When the checkpoint began, in seconds since 1970-01-01 00:00 UTC. */
  time: number;
  oldestCommitTsXid: number;
  newestCommitTsXid: number;
  /** 0 in a checkpoint at shutdown. */
  oldestActiveXid: number;
}

/** Kinds that say all by being there: full-page images stand in the block references. */
export interface XlogBare {
  rmgr: 'XLOG';
  type: 'noop' | 'switch' | 'fpi' | 'fpi-for-hint' | 'assign-lsn';
}

export interface XlogNextOid {
  rmgr: 'XLOG';
  type: 'nextoid';
  nextOid: number;
}

/** The end of a base backup from a primary: from here on a restore of it is consistent. */
export interface XlogBackupEnd {
  rmgr: 'XLOG';
  type: 'backup-end';
  /** Where that backup started (`START WAL LOCATION` of its label). */
  startPoint: Lsn;
}

/** Settings that a standby has to match (`xl_parameter_change`, src/include/access/xlog_internal.h). */
export interface XlogParameterChange {
  rmgr: 'XLOG';
  type: 'parameter-change';
  maxConnections: number;
  maxWorkerProcesses: number;
  /** Since 12. */
  maxWalSenders: number | undefined;
  maxPreparedXacts: number;
  maxLocksPerXact: number;
  walLevel: number;
  walLogHints: boolean;
  trackCommitTimestamp: boolean;
}

export interface XlogRestorePoint {
  rmgr: 'XLOG';
  type: 'restore-point';
  rpTime: TimestampTz;
  rpName: string;
}

export interface XlogFpwChange {
  rmgr: 'XLOG';
  type: 'fpw-change';
  fullPageWrites: boolean;
}

/** A promotion without a checkpoint: a new timeline begins here. */
export interface XlogEndOfRecovery {
  rmgr: 'XLOG';
  type: 'end-of-recovery';
  endTime: TimestampTz;
  thisTimeLineID: number;
  prevTimeLineID: number;
  /** Since 17. */
  walLevel: number | undefined;
}

/** A record that a crash cut off was given up. Since 15, and in minor releases from September 2021 before. */
export interface XlogOverwriteContrecord {
  rmgr: 'XLOG';
  type: 'overwrite-contrecord';
  overwrittenLsn: Lsn;
  overwriteTime: TimestampTz;
}

/** Where the redo point of an online checkpoint is. Since 17. */
export interface XlogCheckpointRedo {
  rmgr: 'XLOG';
  type: 'checkpoint-redo';
  walLevel: number;
}

/** Since 19. */
export interface XlogLogicalDecodingStatusChange {
  rmgr: 'XLOG';
  type: 'logical-decoding-status-change';
  enabled: boolean;
}

const NAMES: readonly string[] = [
  'CHECKPOINT_SHUTDOWN',
  'CHECKPOINT_ONLINE',
  'NOOP',
  'NEXTOID',
  'SWITCH',
  'BACKUP_END',
  'PARAMETER_CHANGE',
  'RESTORE_POINT',
  'FPW_CHANGE',
  'END_OF_RECOVERY',
  'FPI_FOR_HINT',
  'FPI',
  'ASSIGN_LSN',
  'OVERWRITE_CONTRECORD',
  'CHECKPOINT_REDO',
  'LOGICAL_DECODING_STATUS_CHANGE',
];

/** The first version that has a kind, for those that are not in all. */
function since(kind: number): number {
  switch (kind) {
    case XLOG_CHECKPOINT_REDO:
      return 17;
    case XLOG_ASSIGN_LSN:
    case XLOG_LOGICAL_DECODING_STATUS_CHANGE:
      return 19;
    default:
      return 10;
  }
}

/** `xlog_identify` */
export function xlogIdentify(info: number, version: number): string | undefined {
  return version >= since(info & 0xf0) ? NAMES[info >> 4] : undefined;
}

/** @throws OutOfBounds */
export function xlogDecode(record: WalRecord): XlogRecord | undefined {
  const { main, version, rmgrInfo } = record;
  if (version < since(rmgrInfo)) return undefined;
  switch (rmgrInfo) {
    case XLOG_CHECKPOINT_SHUTDOWN:
      return decodeCheckpoint(main, version, 'checkpoint-shutdown');
    case XLOG_CHECKPOINT_ONLINE:
      return decodeCheckpoint(main, version, 'checkpoint-online');
    case XLOG_NOOP:
      return { rmgr: 'XLOG', type: 'noop' };
    case XLOG_SWITCH:
      return { rmgr: 'XLOG', type: 'switch' };
    case XLOG_FPI:
      return { rmgr: 'XLOG', type: 'fpi' };
    case XLOG_FPI_FOR_HINT:
      return { rmgr: 'XLOG', type: 'fpi-for-hint' };
    case XLOG_ASSIGN_LSN:
      return { rmgr: 'XLOG', type: 'assign-lsn' };
    case XLOG_NEXTOID:
      return { rmgr: 'XLOG', type: 'nextoid', nextOid: main.u32(0) };
    case XLOG_BACKUP_END:
      return { rmgr: 'XLOG', type: 'backup-end', startPoint: main.u64(0) };
    case XLOG_PARAMETER_CHANGE:
      return decodeParameterChange(main, version);
    case XLOG_RESTORE_POINT:
      return {
        rmgr: 'XLOG',
        type: 'restore-point',
        rpTime: main.i64(0),
        rpName: decodeText(main.cstring(8)),
      };
    case XLOG_FPW_CHANGE:
      return { rmgr: 'XLOG', type: 'fpw-change', fullPageWrites: main.u8(0) !== 0 };
    case XLOG_END_OF_RECOVERY:
      return {
        rmgr: 'XLOG',
        type: 'end-of-recovery',
        endTime: main.i64(0),
        thisTimeLineID: main.u32(8),
        prevTimeLineID: main.u32(12),
        walLevel: version >= 17 ? main.i32(16) : undefined,
      };
    case XLOG_OVERWRITE_CONTRECORD:
      return {
        rmgr: 'XLOG',
        type: 'overwrite-contrecord',
        overwrittenLsn: main.u64(0),
        overwriteTime: main.i64(8),
      };
    case XLOG_CHECKPOINT_REDO:
      return { rmgr: 'XLOG', type: 'checkpoint-redo', walLevel: main.i32(0) };
    case XLOG_LOGICAL_DECODING_STATUS_CHANGE:
      return { rmgr: 'XLOG', type: 'logical-decoding-status-change', enabled: main.u8(0) !== 0 };
  }
}

/**
 * The struct as the C compiler lays it out: 12 made `nextXid` one 64-bit number, aligned to 8 bytes; 17 put
 * `wal_level` into the space before it; 19 added `logicalDecodingEnabled` and widened `nextMultiOffset` to 64
 * bits.
 */
function decodeCheckpoint(main: ByteView, version: number, type: XlogCheckpoint['type']): XlogCheckpoint {
  const nextXidAt = version >= 19 ? 32 : version >= 12 ? 24 : 20;
  const nextXid =
    version >= 12 ? main.u64(nextXidAt) : (BigInt(main.u32(nextXidAt)) << 32n) | BigInt(main.u32(24));
  const at = nextXidAt + 8;
  // after nextOid and nextMulti
  const offsetAt = at + 8;
  const oldest = offsetAt + (version >= 19 ? 8 : 4);
  const timeAt = (oldest + 16 + 7) & ~7;
  return {
    rmgr: 'XLOG',
    type,
    redo: main.u64(0),
    thisTimeLineID: main.u32(8),
    prevTimeLineID: main.u32(12),
    fullPageWrites: main.u8(16) !== 0,
    walLevel: version >= 17 ? main.i32(20) : undefined,
    logicalDecodingEnabled: version >= 19 ? main.u8(24) !== 0 : undefined,
    nextXid,
    nextOid: main.u32(at),
    nextMulti: main.u32(at + 4),
    nextMultiOffset: version >= 19 ? main.u64(offsetAt) : BigInt(main.u32(offsetAt)),
    oldestXid: main.u32(oldest),
    oldestXidDB: main.u32(oldest + 4),
    oldestMulti: main.u32(oldest + 8),
    oldestMultiDB: main.u32(oldest + 12),
    time: Number(main.i64(timeAt)),
    oldestCommitTsXid: main.u32(timeAt + 8),
    newestCommitTsXid: main.u32(timeAt + 12),
    oldestActiveXid: main.u32(timeAt + 16),
  };
}

/** 12 put `max_wal_senders` into the middle. */
function decodeParameterChange(main: ByteView, version: number): XlogParameterChange {
  const at = version >= 12 ? 12 : 8;
  return {
    rmgr: 'XLOG',
    type: 'parameter-change',
    maxConnections: main.i32(0),
    maxWorkerProcesses: main.i32(4),
    maxWalSenders: version >= 12 ? main.i32(8) : undefined,
    maxPreparedXacts: main.i32(at),
    maxLocksPerXact: main.i32(at + 4),
    walLevel: main.i32(at + 8),
    walLogHints: main.u8(at + 12) !== 0,
    trackCommitTimestamp: main.u8(at + 13) !== 0,
  };
}

/** `xlog_desc` */
export function xlogDescribe(data: XlogRecord, context: DescribeContext): string {
  const { version, zone } = context;
  switch (data.type) {
    case 'checkpoint-shutdown':
    case 'checkpoint-online':
      return checkpointText(data, version);
    case 'nextoid':
      return String(data.nextOid);
    case 'restore-point':
      return data.rpName;
    case 'backup-end':
      return formatLsnOf(data.startPoint, version);
    case 'parameter-change':
      return parameterChangeText(data);
    case 'fpw-change':
      return String(data.fullPageWrites);
    case 'end-of-recovery':
      return (
        `tli ${data.thisTimeLineID}; prev tli ${data.prevTimeLineID}; time ${formatTimestampTz(data.endTime, zone)}` +
        (data.walLevel === undefined ? '' : `; wal_level ${walLevelName(data.walLevel)}`)
      );
    case 'overwrite-contrecord': {
      const time = formatTimestampTz(data.overwriteTime, zone);
      return `lsn ${formatLsnOf(data.overwrittenLsn, version)}; time ${time}`;
    }
    case 'checkpoint-redo':
      return `wal_level ${walLevelName(data.walLevel)}`;
    case 'logical-decoding-status-change':
      return String(data.enabled);
    case 'noop':
    case 'switch':
    case 'fpi':
    case 'fpi-for-hint':
    case 'assign-lsn':
      return '';
  }
}

function checkpointText(data: XlogCheckpoint, version: number): string {
  const walLevel = data.walLevel === undefined ? '' : ` wal_level ${walLevelName(data.walLevel)};`;
  const decoding =
    data.logicalDecodingEnabled === undefined ? '' : ` logical decoding ${data.logicalDecodingEnabled};`;
  return (
    `redo ${formatLsnOf(data.redo, version)}; ` +
    `tli ${data.thisTimeLineID}; prev tli ${data.prevTimeLineID}; fpw ${data.fullPageWrites};${walLevel}${decoding} ` +
    `xid ${formatFullXid(data.nextXid)}; oid ${data.nextOid}; ` +
    `multi ${data.nextMulti}; offset ${data.nextMultiOffset}; ` +
    `oldest xid ${data.oldestXid} in DB ${data.oldestXidDB}; ` +
    `oldest multi ${data.oldestMulti} in DB ${data.oldestMultiDB}; ` +
    `oldest/newest commit timestamp xid: ${data.oldestCommitTsXid}/${data.newestCommitTsXid}; ` +
    `oldest running xid ${data.oldestActiveXid}; ` +
    (data.type === 'checkpoint-shutdown' ? 'shutdown' : 'online')
  );
}

function parameterChangeText(data: XlogParameterChange): string {
  const senders = data.maxWalSenders === undefined ? '' : ` max_wal_senders=${data.maxWalSenders}`;
  const onOff = (value: boolean): string => (value ? 'on' : 'off');
  return (
    `max_connections=${data.maxConnections} max_worker_processes=${data.maxWorkerProcesses}${senders} ` +
    `max_prepared_xacts=${data.maxPreparedXacts} max_locks_per_xact=${data.maxLocksPerXact} ` +
    `wal_level=${walLevelName(data.walLevel)} wal_log_hints=${onOff(data.walLogHints)} ` +
    `track_commit_timestamp=${onOff(data.trackCommitTimestamp)}`
  );
}

/** The setting `wal_level` that a number stands for; `?` for none. */
export function walLevelName(walLevel: number): string {
  return ['minimal', 'replica', 'logical'][walLevel] ?? '?';
}
