import { decodeText } from '../text/encoding.js';
import type { WalRecord } from '../wal/record.js';

/** src/include/commands/tablespace.h */
const XLOG_TBLSPC_CREATE = 0x00;
const XLOG_TBLSPC_DROP = 0x10;

/** CREATE TABLESPACE or DROP TABLESPACE: `xl_tblspc_…` of src/include/commands/tablespace.h. */
export type TablespaceRecord = TablespaceCreate | TablespaceDrop;

export interface TablespaceCreate {
  rmgr: 'Tablespace';
  type: 'create';
  tsId: number;
  /** The directory that the tablespace was created in. */
  tsPath: string;
}

export interface TablespaceDrop {
  rmgr: 'Tablespace';
  type: 'drop';
  tsId: number;
}

/** `tblspc_identify` */
export function tablespaceIdentify(info: number): string | undefined {
  switch (info & 0xf0) {
    case XLOG_TBLSPC_CREATE:
      return 'CREATE';
    case XLOG_TBLSPC_DROP:
      return 'DROP';
  }
}

/** @throws OutOfBounds */
export function tablespaceDecode({ main, rmgrInfo }: WalRecord): TablespaceRecord | undefined {
  switch (rmgrInfo) {
    case XLOG_TBLSPC_CREATE: {
      const tsPath = decodeText(main.cstring(4));
      return { rmgr: 'Tablespace', type: 'create', tsId: main.u32(0), tsPath };
    }
    case XLOG_TBLSPC_DROP:
      return { rmgr: 'Tablespace', type: 'drop', tsId: main.u32(0) };
  }
}

/** `tblspc_desc` */
export function tablespaceDescribe(data: TablespaceRecord): string {
  switch (data.type) {
    case 'create':
      return `${data.tsId} "${data.tsPath}"`;
    case 'drop':
      return String(data.tsId);
  }
}
