import { MAIN_FORK, type RelFileLocator } from '../wal/record.js';
import { relationPath } from '../wal/relation-path.js';
import type { RmgrTable } from './kinds.js';
import { readRelFileLocator } from './locator.js';

/** A change of a relation's files: `xl_smgr_…` of src/include/catalog/storage_xlog.h. */
export type StorageRecord = SmgrCreate | SmgrTruncate;

/** A fork's file is made (`xl_smgr_create`). */
export interface SmgrCreate {
  rmgr: 'Storage';
  type: 'create';
  rlocator: RelFileLocator;
  /** 0 main, 1 free space map, 2 visibility map, 3 init. */
  forkNum: number;
}

/** A relation's end is cut off (`xl_smgr_truncate`). */
export interface SmgrTruncate {
  rmgr: 'Storage';
  type: 'truncate';
  /** Blocks that are left of the main fork. */
  blkno: number;
  rlocator: RelFileLocator;
  /** `SMGR_TRUNCATE_…`: which forks. */
  flags: number;
}

/** `smgr_identify`, `smgr_desc` (src/backend/access/rmgrdesc/smgrdesc.c) */
export const STORAGE: RmgrTable<StorageRecord> = {
  name: 'Storage',
  kinds: [
    {
      op: 0x10,
      name: 'CREATE',
      type: 'create',
      decode: ({ main }) => ({
        rmgr: 'Storage',
        type: 'create',
        rlocator: readRelFileLocator(main, 0),
        forkNum: main.i32(12),
      }),
      describe: ({ rlocator, forkNum }, { version }) => relationPath(rlocator, forkNum, version),
    },
    {
      op: 0x20,
      name: 'TRUNCATE',
      type: 'truncate',
      decode: ({ main }) => ({
        rmgr: 'Storage',
        type: 'truncate',
        blkno: main.u32(0),
        rlocator: readRelFileLocator(main, 4),
        flags: main.i32(16),
      }),
      describe: ({ rlocator, blkno, flags }, { version }) =>
        `${relationPath(rlocator, MAIN_FORK, version)} to ${blkno} blocks flags ${flags}`,
    },
  ],
};
