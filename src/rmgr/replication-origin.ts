import { formatLsnOf, type Lsn } from '../wal/lsn.js';
import type { RmgrTable } from './kinds.js';

/** How far replication from elsewhere has come: `xl_replorigin_…` of src/include/replication/origin.h. */
export type ReplicationOriginRecord = ReplicationOriginSet | ReplicationOriginDrop;

/** How far is set by hand, `pg_replication_origin_advance` (`xl_replorigin_set`). */
export interface ReplicationOriginSet {
  rmgr: 'ReplicationOrigin';
  type: 'set';
  /** In the WAL of the server that is replicated from. */
  remoteLsn: Lsn;
  /** The origin (`roident` of `pg_replication_origin`). */
  nodeId: number;
  /** It may go back. */
  force: boolean;
}

/** The origin is given up (`xl_replorigin_drop`). */
export interface ReplicationOriginDrop {
  rmgr: 'ReplicationOrigin';
  type: 'drop';
  nodeId: number;
}

/** `replorigin_identify`, which looks at the low bits of `xl_info` as well; `replorigin_desc` (replorigindesc.c) */
export const REPLICATION_ORIGIN: RmgrTable<ReplicationOriginRecord> = {
  name: 'ReplicationOrigin',
  nameMask: 0xff,
  kinds: [
    {
      op: 0x00,
      name: 'SET',
      type: 'set',
      fields: { remoteLsn: 'lsn' },
      decode: ({ main }) => ({
        rmgr: 'ReplicationOrigin',
        type: 'set',
        remoteLsn: main.u64(0),
        nodeId: main.u16(8),
        force: main.u8(10) !== 0,
      }),
      describe: ({ nodeId, remoteLsn, force }, { version }) =>
        `set ${nodeId}; lsn ${formatLsnOf(remoteLsn, version)}; force: ${Number(force)}`,
    },
    {
      op: 0x10,
      name: 'DROP',
      type: 'drop',
      decode: ({ main }) => ({ rmgr: 'ReplicationOrigin', type: 'drop', nodeId: main.u16(0) }),
      describe: ({ nodeId }) => `drop ${nodeId}`,
    },
  ],
};
