import { XLOG_SWITCH } from '../reader/check-record.js';
import { decodeText } from '../text/encoding.js';
import { formatTimestampTz } from '../text/timezone.js';
import { CStruct } from '../wal/c-struct.js';
import { type CheckPoint, readCheckPoint } from '../wal/check-point.js';
import { formatLsnOf, type Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { formatFullXid } from './desc-text.js';
import type { RmgrTable } from './kinds.js';
import type { DescribeContext } from './rmgr.js';

/** Kinds that others look for in `xl_info` (src/include/catalog/pg_control.h). */
export const XLOG_CHECKPOINT_SHUTDOWN = 0x00;
export const XLOG_END_OF_RECOVERY = 0x90;
export const XLOG_FPI_FOR_HINT = 0xa0;
export const XLOG_FPI = 0xb0;

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
export interface XlogCheckpoint extends Omit<CheckPoint, 'time'> {
  rmgr: 'XLOG';
  type: 'checkpoint-shutdown' | 'checkpoint-online';
  /** When the checkpoint began, in seconds since 1970-01-01 00:00 UTC. */
  time: number;
}

/** Kinds that say all by being there: full-page images stand in the block references. */
export interface XlogBare {
  rmgr: 'XLOG';
  type: 'noop' | 'switch' | 'fpi' | 'fpi-for-hint' | 'assign-lsn';
}

/** Object ids up to this one may be given out without another record. */
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

/** A target for recovery by its name (`xl_restore_point`, src/include/access/xlog_internal.h). */
export interface XlogRestorePoint {
  rmgr: 'XLOG';
  type: 'restore-point';
  rpTime: TimestampTz;
  rpName: string;
}

/** `full_page_writes` was changed. */
export interface XlogFpwChange {
  rmgr: 'XLOG';
  type: 'fpw-change';
  fullPageWrites: boolean;
}

/** A promotion without a checkpoint: a new timeline begins here (`xl_end_of_recovery`). */
export interface XlogEndOfRecovery {
  rmgr: 'XLOG';
  type: 'end-of-recovery';
  endTime: TimestampTz;
  thisTimeLineID: number;
  prevTimeLineID: number;
  /** Since 17. */
  walLevel: number | undefined;
}

/**
 * A record that a crash cut off was given up (`xl_overwrite_contrecord`, src/include/access/xlog_internal.h). Since
 * 15, and in minor releases from September 2021 before.
 */
export interface XlogOverwriteContrecord {
  rmgr: 'XLOG';
  type: 'overwrite-contrecord';
  overwrittenLsn: Lsn;
  overwriteTime: TimestampTz;
}

/** Where the redo point of an online checkpoint is (`XLOG_CHECKPOINT_REDO`). Since 17. */
export interface XlogCheckpointRedo {
  rmgr: 'XLOG';
  type: 'checkpoint-redo';
  walLevel: number;
}

/** Logical decoding was turned on or off. Since 19. */
export interface XlogLogicalDecodingStatusChange {
  rmgr: 'XLOG';
  type: 'logical-decoding-status-change';
  enabled: boolean;
}

const CHECKPOINT_FIELDS = {
  redo: 'lsn',
  nextXid: 'number',
  nextMultiOffset: 'number',
  time: 'unix-seconds',
} as const;

/** `xlog_identify`, `xlog_desc` (src/backend/access/rmgrdesc/xlogdesc.c) */
export const XLOG: RmgrTable<XlogRecord> = {
  name: 'XLOG',
  kinds: [
    {
      op: XLOG_CHECKPOINT_SHUTDOWN,
      name: 'CHECKPOINT_SHUTDOWN',
      type: 'checkpoint-shutdown',
      fields: CHECKPOINT_FIELDS,
      decode: (record) => decodeCheckpoint(record, 'checkpoint-shutdown'),
      describe: checkpointText,
    },
    {
      op: 0x10,
      name: 'CHECKPOINT_ONLINE',
      type: 'checkpoint-online',
      fields: CHECKPOINT_FIELDS,
      decode: (record) => decodeCheckpoint(record, 'checkpoint-online'),
      describe: checkpointText,
    },
    { op: 0x20, name: 'NOOP', type: 'noop', decode: () => ({ rmgr: 'XLOG', type: 'noop' }) },
    {
      op: 0x30,
      name: 'NEXTOID',
      type: 'nextoid',
      decode: ({ main }) => ({ rmgr: 'XLOG', type: 'nextoid', nextOid: main.u32(0) }),
      describe: ({ nextOid }) => String(nextOid),
    },
    { op: XLOG_SWITCH, name: 'SWITCH', type: 'switch', decode: () => ({ rmgr: 'XLOG', type: 'switch' }) },
    {
      op: 0x50,
      name: 'BACKUP_END',
      type: 'backup-end',
      fields: { startPoint: 'lsn' },
      decode: ({ main }) => ({ rmgr: 'XLOG', type: 'backup-end', startPoint: main.u64(0) }),
      describe: ({ startPoint }, { version }) => formatLsnOf(startPoint, version),
    },
    {
      op: 0x60,
      name: 'PARAMETER_CHANGE',
      type: 'parameter-change',
      decode: decodeParameterChange,
      describe: parameterChangeText,
    },
    {
      op: 0x70,
      name: 'RESTORE_POINT',
      type: 'restore-point',
      fields: { rpTime: 'timestamp' },
      decode: ({ main }) => ({
        rmgr: 'XLOG',
        type: 'restore-point',
        rpTime: main.i64(0),
        rpName: decodeText(main.cstring(8)),
      }),
      describe: ({ rpName }) => rpName,
    },
    {
      op: 0x80,
      name: 'FPW_CHANGE',
      type: 'fpw-change',
      decode: ({ main }) => ({ rmgr: 'XLOG', type: 'fpw-change', fullPageWrites: main.u8(0) !== 0 }),
      describe: ({ fullPageWrites }) => String(fullPageWrites),
    },
    {
      op: XLOG_END_OF_RECOVERY,
      name: 'END_OF_RECOVERY',
      type: 'end-of-recovery',
      fields: { endTime: 'timestamp' },
      decode: ({ main, version }) => ({
        rmgr: 'XLOG',
        type: 'end-of-recovery',
        endTime: main.i64(0),
        thisTimeLineID: main.u32(8),
        prevTimeLineID: main.u32(12),
        walLevel: version >= 17 ? main.i32(16) : undefined,
      }),
      describe({ thisTimeLineID, prevTimeLineID, endTime, walLevel }, { zone }) {
        const level = walLevel === undefined ? '' : `; wal_level ${walLevelName(walLevel)}`;
        const time = formatTimestampTz(endTime, zone);
        return `tli ${thisTimeLineID}; prev tli ${prevTimeLineID}; time ${time}${level}`;
      },
    },
    {
      op: 0xa0,
      name: 'FPI_FOR_HINT',
      type: 'fpi-for-hint',
      decode: () => ({ rmgr: 'XLOG', type: 'fpi-for-hint' }),
    },
    { op: XLOG_FPI, name: 'FPI', type: 'fpi', decode: () => ({ rmgr: 'XLOG', type: 'fpi' }) },
    {
      op: 0xc0,
      name: 'ASSIGN_LSN',
      type: 'assign-lsn',
      since: 19,
      decode: () => ({ rmgr: 'XLOG', type: 'assign-lsn' }),
    },
    {
      op: 0xd0,
      name: 'OVERWRITE_CONTRECORD',
      type: 'overwrite-contrecord',
      fields: { overwrittenLsn: 'lsn', overwriteTime: 'timestamp' },
      decode: ({ main }) => ({
        rmgr: 'XLOG',
        type: 'overwrite-contrecord',
        overwrittenLsn: main.u64(0),
        overwriteTime: main.i64(8),
      }),
      describe: ({ overwrittenLsn, overwriteTime }, { version, zone }) =>
        `lsn ${formatLsnOf(overwrittenLsn, version)}; time ${formatTimestampTz(overwriteTime, zone)}`,
    },
    {
      op: 0xe0,
      name: 'CHECKPOINT_REDO',
      type: 'checkpoint-redo',
      since: 17,
      decode: ({ main }) => ({ rmgr: 'XLOG', type: 'checkpoint-redo', walLevel: main.i32(0) }),
      describe: ({ walLevel }) => `wal_level ${walLevelName(walLevel)}`,
    },
    {
      op: 0xf0,
      name: 'LOGICAL_DECODING_STATUS_CHANGE',
      type: 'logical-decoding-status-change',
      since: 19,
      decode: ({ main }) => ({
        rmgr: 'XLOG',
        type: 'logical-decoding-status-change',
        enabled: main.u8(0) !== 0,
      }),
      describe: ({ enabled }) => String(enabled),
    },
  ],
};

function decodeCheckpoint({ main, version }: WalRecord, type: XlogCheckpoint['type']): XlogCheckpoint {
  const checkPoint = readCheckPoint(new CStruct(main, version));
  return { rmgr: 'XLOG', type, ...checkPoint, time: Number(checkPoint.time) };
}

/** 12 put `max_wal_senders` into the middle. */
function decodeParameterChange({ main, version }: WalRecord): XlogParameterChange {
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

function checkpointText(data: XlogCheckpoint, { version }: DescribeContext): string {
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
function walLevelName(walLevel: number): string {
  return ['minimal', 'replica', 'logical'][walLevel] ?? '?';
}
