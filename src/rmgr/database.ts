import type { WalRecord } from '../wal/record.js';
import { readU32Array } from './arrays.js';
import type { DescribeContext } from './rmgr.js';

/** CREATE DATABASE or DROP DATABASE: `xl_dbase_…` of src/include/commands/dbcommands_xlog.h. */
export type DatabaseRecord = DatabaseCreateFileCopy | DatabaseCreateWalLog | DatabaseDrop;

/** A database's directory copied as a whole. The only way up to 14, where the kind is named CREATE. */
export interface DatabaseCreateFileCopy {
  rmgr: 'Database';
  type: 'create-file-copy';
  dbId: number;
  tablespaceId: number;
  srcDbId: number;
  srcTablespaceId: number;
}

/** An empty directory; records of all its blocks follow. Since 15. */
export interface DatabaseCreateWalLog {
  rmgr: 'Database';
  type: 'create-wal-log';
  dbId: number;
  tablespaceId: number;
}

export interface DatabaseDrop {
  rmgr: 'Database';
  type: 'drop';
  dbId: number;
  /** Exactly one up to 12, which write a record for each. */
  tablespaceIds: readonly number[];
}

/** 15 put CREATE_WAL_LOG in the place of DROP, and DROP after it. */
function kindOf(info: number, version: number): DatabaseRecord['type'] | undefined {
  switch (info & 0xf0) {
    case 0x00:
      return 'create-file-copy';
    case 0x10:
      return version >= 15 ? 'create-wal-log' : 'drop';
    case 0x20:
      return version >= 15 ? 'drop' : undefined;
  }
}

/** `dbase_identify` */
export function databaseIdentify(info: number, version: number): string | undefined {
  switch (kindOf(info, version)) {
    case 'create-file-copy':
      return version >= 15 ? 'CREATE_FILE_COPY' : 'CREATE';
    case 'create-wal-log':
      return 'CREATE_WAL_LOG';
    case 'drop':
      return 'DROP';
  }
}

/** @throws OutOfBounds */
export function databaseDecode({ main, version, info }: WalRecord): DatabaseRecord | undefined {
  switch (kindOf(info, version)) {
    case 'create-file-copy':
      return {
        rmgr: 'Database',
        type: 'create-file-copy',
        dbId: main.u32(0),
        tablespaceId: main.u32(4),
        srcDbId: main.u32(8),
        srcTablespaceId: main.u32(12),
      };
    case 'create-wal-log':
      return { rmgr: 'Database', type: 'create-wal-log', dbId: main.u32(0), tablespaceId: main.u32(4) };
    case 'drop': {
      const tablespaceIds = version >= 13 ? readU32Array(main, 8, main.i32(4)) : [main.u32(4)];
      return { rmgr: 'Database', type: 'drop', dbId: main.u32(0), tablespaceIds };
    }
  }
}

/** `dbase_desc` */
export function databaseDescribe(data: DatabaseRecord, { version }: DescribeContext): string {
  // tablespace first since 12
  const directory = (dbId: number, tablespaceId: number): string =>
    version >= 12 ? `${tablespaceId}/${dbId}` : `${dbId}/${tablespaceId}`;
  switch (data.type) {
    case 'create-file-copy':
      return `copy dir ${directory(data.srcDbId, data.srcTablespaceId)} to ${directory(data.dbId, data.tablespaceId)}`;
    case 'create-wal-log':
      return `create dir ${directory(data.dbId, data.tablespaceId)}`;
    case 'drop':
      return `dir${data.tablespaceIds.map((id) => ` ${directory(data.dbId, id)}`).join('')}`;
  }
}
