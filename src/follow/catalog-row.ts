import {
  XLH_UPDATE_PREFIX_FROM_OLD,
  XLH_UPDATE_SUFFIX_FROM_OLD,
  XLOG_HEAP_INSERT,
  XLOG_HEAP_OPMASK,
} from '../rmgr/heap.js';
import { decodeText } from '../text/encoding.js';
import { ByteView } from '../wal/byte-view.js';
import { WalError } from '../wal/error.js';
import { restoreImage } from '../wal/page-image.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import { RM_HEAP_ID } from '../wal/rmgr-id.js';

/** Rows of system catalogs as WAL has them, read at the few places that say what somebody did. */

/** The file of pg_class, unless VACUUM FULL or CLUSTER gave it another: it is mapped (src/include/catalog/pg_class.h). */
export const PG_CLASS = 1259;

/** What a row of pg_class says of a relation's file. */
interface FileName {
  file: RelFileLocator;
  /** `relname` */
  name: string;
}

/**
 * What rewrites a table (VACUUM FULL, CLUSTER, REPACK, REFRESH MATERIALIZED VIEW, many an ALTER TABLE) makes another
 * one of this name beside it, fills that, swaps their files, and drops it together with the old file
 * (make_new_heap and finish_heap_swap: cluster.c, since 19 repack.c; the same in 10 to 19, whatever wal_level is).
 * Nothing else makes such a table.
 * @returns the oid of the table rewritten
 */
export function rewrittenOid(name: string): number | undefined {
  const match = /^pg_temp_(\d{1,10})$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/**
 * Whether it is the name of an index that REPACK (CONCURRENTLY) makes for the file that it fills, where it needs at
 * least one (build_new_indexes, src/backend/commands/repack.c of 19). Users may choose such names, too.
 */
export const isIndexOfRepack = (name: string): boolean => /_repacknew\d*$/.test(name);

/** The columns of pg_class from `relname` on: the same in 10 to 19. Since 12 `oid` comes before them. */
const NAME_LENGTH = 64;
const REL_FILE_NODE = 84;
const REL_TABLESPACE = 88;
/** 18 put `relallfrozen` before it. */
const relKind = (version: number): number => (version >= 18 ? 115 : 111);
/** The columns up to `reltoastrelid` alone: a shorter row is none of pg_class. */
const SHORTEST_ROW = 108;

/** `SizeofHeapTupleHeader`, and the place of `t_hoff` at its end (src/include/access/htup_details.h). */
const TUPLE_HEADER = 23;
/** `SizeOfHeapHeader`: what WAL keeps of the header, `t_hoff` last (src/include/access/heapam_xlog.h). */
const XL_HEAP_HEADER = 5;
const PAGE_HEADER = 24;

/** Whether the record inserts one row, and one that is long enough for pg_class. A quick look before the close one. */
export function mayBeClassRow(record: WalRecord): boolean {
  if (record.rmid !== RM_HEAP_ID || (record.info & XLOG_HEAP_OPMASK) !== XLOG_HEAP_INSERT) return false;
  return record.imageLength > 0 || record.totalLength > SHORTEST_ROW;
}

/**
 * Reads the row that a record inserts as one of pg_class, out of the record or of the image of its page. pg_class
 * lies in its database's default tablespace, which is what a relation without one of its own has, too.
 * @returns undefined where it cannot be read or names no file
 */
export function classRowOf(record: WalRecord): FileName | undefined {
  const block = record.blocks.at(0);
  if (!block) return undefined;
  try {
    const columns =
      block.dataLength > 0 ? columnsOfInsert(block.data) : columnsOfPage(record, record.main.u16(0));
    const name = nameAt(record.version);
    const relNumber = columns.u32(name + REL_FILE_NODE);
    const spcOid = columns.u32(name + REL_TABLESPACE) || block.rel.spcOid;
    if (relNumber === 0) return undefined;
    const file = { spcOid, dbOid: block.rel.dbOid, relNumber };
    return { file, name: decodeText(columns.cstring(name, NAME_LENGTH)) };
  } catch (error) {
    if (error instanceof WalError) return undefined;
    throw error;
  }
}

/** Since 12 `oid` is a column, the first one. */
const nameAt = (version: number): number => (version >= 12 ? 4 : 0);

/** What an UPDATE of pg_class says that gives a relation another file, as TRUNCATE does. */
export interface ClassChange {
  /** Whether the file can be this one: of its number not all bytes need be told. */
  isTo(relNumber: number): boolean;
  /** `relkind`, where the record has it: TRUNCATE changes columns before and after it, REINDEX just before it. */
  kind: string | undefined;
}

/**
 * Reads the row that a record updates as one of pg_class: the bytes of it that have changed, and those between.
 * @returns undefined where it cannot be read, or the file is left as it was
 */
export function classChangeOf(record: WalRecord): ClassChange | undefined {
  const block = record.blocks.at(0);
  if (!block) return undefined;
  try {
    const { columns, from } = columnsOfUpdate(record);
    const byteAt = (at: number): number | undefined =>
      at >= from && at - from < columns.length ? columns.u8(at - from) : undefined;
    const name = nameAt(record.version);
    const file = [0, 1, 2, 3].map((i) => byteAt(name + REL_FILE_NODE + i));
    if (file.every((byte) => byte === undefined)) return undefined;
    const kind = byteAt(name + relKind(record.version));
    return {
      isTo: (relNumber) =>
        file.every((byte, i) => byte === undefined || byte === ((relNumber >>> (8 * i)) & 0xff)),
      kind: kind === undefined ? undefined : String.fromCharCode(kind),
    };
  } catch (error) {
    if (error instanceof WalError) return undefined;
    throw error;
  }
}

/** The columns that an UPDATE has of the new row: those from a byte on (`log_heap_update`, heapam.c). */
function columnsOfUpdate(record: WalRecord): { columns: ByteView; from: number } {
  const { main, blocks } = record;
  const [{ data, dataLength }] = blocks;
  if (dataLength === 0) return { columns: columnsOfPage(record, main.u16(12)), from: 0 };
  const flags = main.u8(7);
  const isPrefixed = (flags & XLH_UPDATE_PREFIX_FROM_OLD) !== 0;
  const lengths = (isPrefixed ? 2 : 0) + (flags & XLH_UPDATE_SUFFIX_FROM_OLD ? 2 : 0);
  return { columns: columnsOfInsert(data.slice(lengths)), from: isPrefixed ? data.u16(0) : 0 };
}

/** Where the columns of the row begin in a record that holds the row itself. */
function columnsOfInsert(data: ByteView): ByteView {
  return data.slice(XL_HEAP_HEADER + data.u8(XL_HEAP_HEADER - 1) - TUPLE_HEADER);
}

/** The same in the image of the page, at a line pointer. */
function columnsOfPage({ blocks }: WalRecord, offset: number): ByteView {
  const page = ByteView.of(restoreImage(blocks[0]));
  const linePointer = page.u32(PAGE_HEADER + 4 * (offset - 1));
  const tuple = page.slice(linePointer & 0x7fff);
  return tuple.slice(tuple.u8(TUPLE_HEADER - 1));
}

/** The file of pg_database, which all databases share; unless VACUUM FULL or CLUSTER gave it another. */
export const PG_DATABASE = 1262;

/** What a row of pg_database says. */
interface DatabaseRow {
  /** Undefined up to 11, where it is no column. */
  oid: number | undefined;
  /** Its DROP DATABASE has begun (`DATCONNLIMIT_INVALID_DB`; since the minor versions of August 2023). */
  isInvalid: boolean;
}

const DATCONNLIMIT_INVALID_DB = -2;

/** `datconnlimit` in the row: up to 14 behind two names of locales (src/include/catalog/pg_database.h). */
function connectionLimit(version: number): number {
  if (version >= 15) return 80;
  return version >= 12 ? 208 : 204;
}

/**
 * Reads the row of pg_database that a record of the kind INPLACE changes.
 * @returns undefined where it cannot be read
 */
export function databaseRowOf(record: WalRecord): DatabaseRow | undefined {
  const block = record.blocks.at(0);
  if (!block) return undefined;
  try {
    const columns = block.dataLength > 0 ? block.data : columnsOfPage(record, record.main.u16(0));
    return {
      oid: record.version >= 12 ? columns.u32(0) : undefined,
      isInvalid: columns.i32(connectionLimit(record.version)) === DATCONNLIMIT_INVALID_DB,
    };
  } catch (error) {
    if (error instanceof WalError) return undefined;
    throw error;
  }
}
