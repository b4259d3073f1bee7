import type { RmgrTable } from './kinds.js';

/**
 * A new `pg_filenode.map`: which files hold the catalogs that `pg_class` cannot tell of (`xl_relmap_update`,
 * src/include/utils/relmapper.h).
 */
export interface RelmapRecord {
  rmgr: 'RelMap';
  type: 'update';
  /** 0 for the map of shared catalogs. */
  dbid: number;
  tsid: number;
  /** Bytes of the map as the record states them. */
  nbytes: number;
  /** The map itself (`RelMapFile`, src/backend/utils/cache/relmapper.c). */
  map: Uint8Array;
}

/** `relmap_identify`, `relmap_desc` (src/backend/access/rmgrdesc/relmapdesc.c) */
export const RELMAP: RmgrTable<RelmapRecord> = {
  name: 'RelMap',
  kinds: [
    {
      op: 0x00,
      name: 'UPDATE',
      type: 'update',
      decode({ main }) {
        const nbytes = main.i32(8);
        return {
          rmgr: 'RelMap',
          type: 'update',
          dbid: main.u32(0),
          tsid: main.u32(4),
          nbytes,
          map: main.bytes(12, nbytes),
        };
      },
      describe: ({ dbid, tsid, nbytes }) => `database ${dbid} tablespace ${tsid} size ${nbytes}`,
    },
  ],
};
