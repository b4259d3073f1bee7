import type { ByteView } from '../wal/byte-view.js';
import { readU32Array } from './arrays.js';
import { describeInvalidations, type Invalidations, readInvalidationMessages } from './invalidation.js';
import type { RmgrTable } from './kinds.js';
import type { DescribeContext } from './rmgr.js';

/** What a hot standby has to know: `xl_…` of src/include/storage/standbydefs.h. */
export type StandbyRecord = StandbyLocks | RunningXacts | StandbyInvalidations;

/** What others look for in `xl_info`. */
export const XLOG_RUNNING_XACTS = 0x10;

/** Access exclusive locks that are held (`xl_standby_locks`). */
export interface StandbyLocks {
  rmgr: 'Standby';
  type: 'lock';
  locks: readonly StandbyLock[];
}

/** Who holds one, and on which table (`xl_standby_lock`, src/include/storage/lockdefs.h). */
export interface StandbyLock {
  xid: number;
  dbOid: number;
  relOid: number;
}

/** The transactions that run (`xl_running_xacts`). */
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

/** Invalidations of a transaction without an xid, whose commit writes no record (`xl_invalidations`). */
export interface StandbyInvalidations extends Invalidations {
  rmgr: 'Standby';
  type: 'invalidations';
}

/** `standby_identify`, `standby_desc` (src/backend/access/rmgrdesc/standbydesc.c) */
export const STANDBY: RmgrTable<StandbyRecord> = {
  name: 'Standby',
  kinds: [
    {
      op: 0x00,
      name: 'LOCK',
      type: 'lock',
      decode: ({ main }) => ({ rmgr: 'Standby', type: 'lock', locks: readLocks(main) }),
      describe: ({ locks }) =>
        locks.map(({ xid, dbOid, relOid }) => `xid ${xid} db ${dbOid} rel ${relOid} `).join(''),
    },
    {
      op: XLOG_RUNNING_XACTS,
      name: 'RUNNING_XACTS',
      type: 'running-xacts',
      decode({ main }) {
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
      },
      describe: runningXactsText,
    },
    {
      op: 0x20,
      name: 'INVALIDATIONS',
      type: 'invalidations',
      decode: ({ main, version }) => ({
        rmgr: 'Standby',
        type: 'invalidations',
        dbId: main.u32(0),
        tsId: main.u32(4),
        relcacheInitFileInval: main.u8(8) !== 0,
        msgs: readInvalidationMessages(main, 16, main.i32(12), version),
      }),
      describe: (data, { version }) => describeInvalidations(data, version),
    },
  ],
};

function readLocks(main: ByteView): StandbyLock[] {
  const within = main.slice(4, main.i32(0) * 12);
  const locks: StandbyLock[] = [];
  for (let at = 0; at < within.length; at += 12) {
    locks.push({ xid: within.u32(at), dbOid: within.u32(at + 4), relOid: within.u32(at + 8) });
  }
  return locks;
}

function runningXactsText(data: RunningXacts, { version }: DescribeContext): string {
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
