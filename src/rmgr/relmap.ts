import type { WalRecord } from '../wal/record.js';

/** src/include/utils/relmapper.h */
const XLOG_RELMAP_UPDATE = 0x00;

/** A new `pg_filenode.map`: which files hold the catalogs that `pg_class` cannot tell of (`xl_relmap_update`). */
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

/** `relmap_identify` */
export function relmapIdentify(info: number): string | undefined {
  return (info & 0xf0) === XLOG_RELMAP_UPDATE ? 'UPDATE' : undefined;
}

/** @throws OutOfBounds */
export function relmapDecode({ main, rmgrInfo }: WalRecord): RelmapRecord | undefined {
  if (rmgrInfo !== XLOG_RELMAP_UPDATE) return undefined;
  const nbytes = main.i32(8);
  return {
    rmgr: 'RelMap',
    type: 'update',
    dbid: main.u32(0),
    tsid: main.u32(4),
    nbytes,
    map: main.bytes(12, nbytes),
  };
}

/** `relmap_desc` */
export function relmapDescribe(data: RelmapRecord): string {
  return `database ${data.dbid} tablespace ${data.tsid} size ${data.nbytes}`;
}
