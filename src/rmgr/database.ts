import type { WalRecord } from '../wal/record.js';
import { readU32Array } from './arrays.js';
import type { RmgrTable } from './kinds.js';
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

/** A database's directories go (`xl_dbase_drop_rec`). */
export interface DatabaseDrop {
  rmgr: 'Database';
  type: 'drop';
  dbId: number;
  /** Exactly one up to 12, which write a record for each. */
  tablespaceIds: readonly number[];
}

/** `dbase_identify`, `dbase_desc` (dbasedesc.c). 15 put CREATE_WAL_LOG in the place of DROP, and DROP after it. */
export const DATABASE: RmgrTable<DatabaseRecord> = {
  name: 'Database',
  kinds: [
    {
      op: 0x00,
      name: 'CREATE',
      type: 'create-file-copy',
      until: 14,
      decode: decodeFileCopy,
      describe: fileCopyText,
    },
    {
      op: 0x00,
      name: 'CREATE_FILE_COPY',
      type: 'create-file-copy',
      since: 15,
      decode: decodeFileCopy,
      describe: fileCopyText,
    },
    {
      op: 0x10,
      name: 'CREATE_WAL_LOG',
      type: 'create-wal-log',
      since: 15,
      decode: ({ main }) => ({
        rmgr: 'Database',
        type: 'create-wal-log',
        dbId: main.u32(0),
        tablespaceId: main.u32(4),
      }),
      describe: ({ dbId, tablespaceId }, { version }) =>
        `create dir ${directoryText(dbId, tablespaceId, version)}`,
    },
    { op: 0x10, name: 'DROP', type: 'drop', until: 14, decode: decodeDrop, describe: dropText },
    { op: 0x20, name: 'DROP', type: 'drop', since: 15, decode: decodeDrop, describe: dropText },
  ],
};

function decodeFileCopy({ main }: WalRecord): DatabaseCreateFileCopy {
  return {
    rmgr: 'Database',
    type: 'create-file-copy',
    dbId: main.u32(0),
    tablespaceId: main.u32(4),
    srcDbId: main.u32(8),
    srcTablespaceId: main.u32(12),
  };
}

function fileCopyText(data: DatabaseCreateFileCopy, { version }: DescribeContext): string {
  const source = directoryText(data.srcDbId, data.srcTablespaceId, version);
  return `copy dir ${source} to ${directoryText(data.dbId, data.tablespaceId, version)}`;
}

function decodeDrop({ main, version }: WalRecord): DatabaseDrop {
  const tablespaceIds = version >= 13 ? readU32Array(main, 8, main.i32(4)) : [main.u32(4)];
  return { rmgr: 'Database', type: 'drop', dbId: main.u32(0), tablespaceIds };
}

function dropText({ dbId, tablespaceIds }: DatabaseDrop, { version }: DescribeContext): string {
  return `dir${tablespaceIds.map((id) => ` ${directoryText(dbId, id, version)}`).join('')}`;
}

/** Tablespace first since 12. */
function directoryText(dbId: number, tablespaceId: number, version: number): string {
  return version >= 12 ? `${tablespaceId}/${dbId}` : `${dbId}/${tablespaceId}`;
}
