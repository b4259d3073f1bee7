import type { ByteView } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { readU32Array } from './arrays.js';
import { describeInvalidations, type Invalidations, readInvalidationMessages } from './invalidation.js';
import type { DescribeContext } from './rmgr.js';

/** src/include/storage/standbydefs.h */
const XLOG_STANDBY_LOCK = 0x00;
const XLOG_RUNNING_XACTS = 0x10;
const XLOG_INVALIDATIONS = 0x20;

/** What a hot standby has to know: `xl_…` of src/include/storage/standbydefs.h. */
export type StandbyRecord = StandbyLocks | RunningXacts | StandbyInvalidations;

/** Access exclusive locks that are held. */
export interface StandbyLocks {
  rmgr: 'Standby';
  type: 'lock';
  locks: readonly StandbyLock[];
}

export interface StandbyLock {
  xid: number;
  dbOid: number;
  relOid: number;
}

/** The transactions that run. */
export interface RunningXacts {
  rmgr: 'Standby';
  type: 'running-xacts';
  /** Subtransactions are missing in {@link subxids}. */
  subxidOverflow: boolean;
  nextXid: number;
  oldestRunningXid: number;
  latestCompletedXid: number;
  xids: readonly number[];
  subxids: readonly number[];
}

/** Invalidations of a transaction without an xid, whose commit writes no record. */
export interface StandbyInvalidations extends Invalidations {
  rmgr: 'Standby';
  type: 'invalidations';
}

const NAMES: readonly (string | undefined)[] = ['LOCK', 'RUNNING_XACTS', 'INVALIDATIONS'];

/** `standby_identify` */
export function standbyIdentify(info: number): string | undefined {
  return NAMES[info >> 4];
}

/** @throws OutOfBounds */
export function standbyDecode({ main, version, rmgrInfo }: WalRecord): StandbyRecord | undefined {
  switch (rmgrInfo) {
    case XLOG_STANDBY_LOCK:
      return { rmgr: 'Standby', type: 'lock', locks: readLocks(main) };
    case XLOG_RUNNING_XACTS: {
      const xcnt = main.i32(0);
      return {
        rmgr: 'Standby',
        type: 'running-xacts',
        subxidOverflow: main.u8(8) !== 0,
        nextXid: main.u32(12),
        oldestRunningXid: main.u32(16),
        latestCompletedXid: main.u32(20),
        xids: readU32Array(main, 24, xcnt),
        subxids: readU32Array(main, 24 + xcnt * 4, main.i32(4)),
      };
    }
    case XLOG_INVALIDATIONS:
      return {
        rmgr: 'Standby',
        type: 'invalidations',
        dbId: main.u32(0),
        tsId: main.u32(4),
        relcacheInitFileInval: main.u8(8) !== 0,
        msgs: readInvalidationMessages(main, 16, main.i32(12), version),
      };
  }
}

function readLocks(main: ByteView): StandbyLock[] {
  const within = main.slice(4, main.i32(0) * 12);
  const locks: StandbyLock[] = [];
  for (let at = 0; at < within.length; at += 12) {
    locks.push({ xid: within.u32(at), dbOid: within.u32(at + 4), relOid: within.u32(at + 8) });
  }
  return locks;
}

/** `standby_desc` */
export function standbyDescribe(data: StandbyRecord, { version }: DescribeContext): string {
  switch (data.type) {
    case 'lock':
      return data.locks.map(({ xid, dbOid, relOid }) => `xid ${xid} db ${dbOid} rel ${relOid} `).join('');
    case 'running-xacts':
      return runningXactsText(data, version);
    case 'invalidations':
      return describeInvalidations(data, version);
  }
}

function runningXactsText(data: RunningXacts, version: number): string {
  const { xids, subxids } = data;
  const running = xids.length > 0 ? `; ${xids.length} xacts: ${xids.join(' ')}` : '';
  const overflow = data.subxidOverflow ? `; subxid ${version >= 16 ? 'overflowed' : 'ovf'}` : '';
  const subxacts =
    subxids.length > 0 && version >= 16 ? `; ${subxids.length} subxacts: ${subxids.join(' ')}` : '';
  return (
    `nextXid ${data.nextXid} latestCompletedXid ${data.latestCompletedXid} ` +
    `oldestRunningXid ${data.oldestRunningXid}${running}${overflow}${subxacts}`
  );
}
