import { decodeText } from '../text/encoding.js';
import type { RmgrTable } from './kinds.js';

/** CREATE TABLESPACE or DROP TABLESPACE: `xl_tblspc_…` of src/include/commands/tablespace.h. */
export type TablespaceRecord = TablespaceCreate | TablespaceDrop;

/** CREATE TABLESPACE (`xl_tblspc_create_rec`). */
export interface TablespaceCreate {
  rmgr: 'Tablespace';
  type: 'create';
  tsId: number;
  /** The directory that the tablespace was created in. */
  tsPath: string;
}

/** DROP TABLESPACE (`xl_tblspc_drop_rec`). */
export interface TablespaceDrop {
  rmgr: 'Tablespace';
  type: 'drop';
  tsId: number;
}

/** `tblspc_identify`, `tblspc_desc` (src/backend/access/rmgrdesc/tblspcdesc.c) */
export const TABLESPACE: RmgrTable<TablespaceRecord> = {
  name: 'Tablespace',
  kinds: [
    {
      op: 0x00,
      name: 'CREATE',
      type: 'create',
      decode({ main }) {
        const tsPath = decodeText(main.cstring(4));
        return { rmgr: 'Tablespace', type: 'create', tsId: main.u32(0), tsPath };
      },
      describe: ({ tsId, tsPath }) => `${tsId} "${tsPath}"`,
    },
    {
      op: 0x10,
      name: 'DROP',
      type: 'drop',
      decode: ({ main }) => ({ rmgr: 'Tablespace', type: 'drop', tsId: main.u32(0) }),
      describe: ({ tsId }) => String(tsId),
    },
  ],
};
