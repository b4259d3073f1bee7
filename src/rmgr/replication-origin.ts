import { formatLsnOf, type Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import type { DescribeContext } from './rmgr.js';

/** src/include/replication/origin.h */
const XLOG_REPLORIGIN_SET = 0x00;
const XLOG_REPLORIGIN_DROP = 0x10;

/** How far replication from elsewhere has come: `xl_replorigin_…` of src/include/replication/origin.h. */
export type ReplicationOriginRecord = ReplicationOriginSet | ReplicationOriginDrop;

export interface ReplicationOriginSet {
  rmgr: 'ReplicationOrigin';
  type: 'set';
  remoteLsn: Lsn;
  nodeId: number;
  force: boolean;
}

export interface ReplicationOriginDrop {
  rmgr: 'ReplicationOrigin';
  type: 'drop';
  nodeId: number;
}

/** `replorigin_identify`, which looks at the low bits of `xl_info` as well. */
export function replicationOriginIdentify(info: number): string | undefined {
  switch (info) {
    case XLOG_REPLORIGIN_SET:
      return 'SET';
    case XLOG_REPLORIGIN_DROP:
      return 'DROP';
  }
}

/** @throws OutOfBounds */
export function replicationOriginDecode({ main, rmgrInfo }: WalRecord): ReplicationOriginRecord | undefined {
  switch (rmgrInfo) {
    case XLOG_REPLORIGIN_SET:
      return {
        rmgr: 'ReplicationOrigin',
        type: 'set',
        remoteLsn: main.u64(0),
        nodeId: main.u16(8),
        force: main.u8(10) !== 0,
      };
    case XLOG_REPLORIGIN_DROP:
      return { rmgr: 'ReplicationOrigin', type: 'drop', nodeId: main.u16(0) };
  }
}

/** `replorigin_desc` */
export function replicationOriginDescribe(
  data: ReplicationOriginRecord,
  { version }: DescribeContext,
): string {
  switch (data.type) {
    case 'set':
      return `set ${data.nodeId}; lsn ${formatLsnOf(data.remoteLsn, version)}; force: ${Number(data.force)}`;
    case 'drop':
      return `drop ${data.nodeId}`;
  }
}
