import { MAIN_FORK, type RelFileLocator, type WalRecord } from '../wal/record.js';
import { relationPath } from '../wal/relation-path.js';
import { readRelFileLocator } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** src/include/catalog/storage_xlog.h */
const XLOG_SMGR_CREATE = 0x10;
const XLOG_SMGR_TRUNCATE = 0x20;

/** A change of a relation's files: `xl_smgr_…` of src/include/catalog/storage_xlog.h. */
export type StorageRecord = SmgrCreate | SmgrTruncate;

export interface SmgrCreate {
  rmgr: 'Storage';
  type: 'create';
  rlocator: RelFileLocator;
  forkNum: number;
}

export interface SmgrTruncate {
  rmgr: 'Storage';
  type: 'truncate';
  /** Blocks that are left of the main fork. */
  blkno: number;
  rlocator: RelFileLocator;
  /** `SMGR_TRUNCATE_…`: which forks. */
  flags: number;
}

/** `smgr_identify` */
export function storageIdentify(info: number): string | undefined {
  switch (info & 0xf0) {
    case XLOG_SMGR_CREATE:
      return 'CREATE';
    case XLOG_SMGR_TRUNCATE:
      return 'TRUNCATE';
  }
}

/** @throws OutOfBounds */
export function storageDecode({ main, rmgrInfo }: WalRecord): StorageRecord | undefined {
  switch (rmgrInfo) {
    case XLOG_SMGR_CREATE:
      return {
        rmgr: 'Storage',
        type: 'create',
        rlocator: readRelFileLocator(main, 0),
        forkNum: main.i32(12),
      };
    case XLOG_SMGR_TRUNCATE:
      return {
        rmgr: 'Storage',
        type: 'truncate',
        blkno: main.u32(0),
        rlocator: readRelFileLocator(main, 4),
        flags: main.i32(16),
      };
  }
}

/** `smgr_desc` */
export function storageDescribe(data: StorageRecord, { version }: DescribeContext): string {
  switch (data.type) {
    case 'create':
      return relationPath(data.rlocator, data.forkNum, version);
    case 'truncate':
      return `${relationPath(data.rlocator, MAIN_FORK, version)} to ${data.blkno} blocks flags ${data.flags}`;
  }
}
