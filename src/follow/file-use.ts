import { decode } from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import type { SmgrTruncate } from '../rmgr/storage.js';
import { XLOG_FPI } from '../rmgr/xlog.js';
import { ByteView } from '../wal/byte-view.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { restoreImage } from '../wal/page-image.js';
import { BLCKSZ, INIT_FORK, MAIN_FORK, type RelFileLocator, type WalRecord } from '../wal/record.js';
import {
  RM_BRIN_ID,
  RM_GIN_ID,
  RM_GIST_ID,
  RM_HASH_ID,
  RM_SEQ_ID,
  RM_SMGR_ID,
  RM_SPGIST_ID,
  RM_STANDBY_ID,
  RM_XLOG_ID,
} from '../wal/rmgr-id.js';
import { type ClassChange, classChangeOf, classRowOf, mayBeClassRow, PG_CLASS } from './catalog-row.js';
import { isSameFile, type Relation, relationOf } from './relation.js';
import { RelationAt } from './relation-at.js';
import type { XidHorizon } from './xid-horizon.js';

/** What a transaction did to a relation's file. */
export interface FileAct {
  lsn: Lsn;
  xid: number;
  relation: Relation;
}

/** A relation's file that a transaction made. */
export interface FileCreation extends FileAct {
  /** It is an unlogged relation's: of that the WAL tells the fork that a restart after a crash begins with. */
  unlogged: boolean;
  /** `pg_class.relkind`, where the WAL right after it tells. */
  kind: string | undefined;
}

/**
 * The name in pg_class that a transaction inserted for a file. CREATE does that, and what rewrites a table, for the
 * file that it fills; TRUNCATE, SET TABLESPACE and REINDEX change the row that there is.
 */
export interface FileNaming extends FileAct {
  name: string;
}

/** When a file was first written to, and as what. */
export interface FileContent {
  /** A row, or a page of rows. */
  row: Lsn | undefined;
  /** A page of an index or of a sequence. */
  other: Lsn | undefined;
}

/**
 * Files made and named, and what went into files: it tells a table's new file from those of its indexes, and what
 * made it.
 */
export interface FileUse {
  creations: FileCreation[];
  namings: FileNaming[];
  /** Files that transactions cut to nothing: TRUNCATE does that to one that its transaction made. */
  truncations: FileAct[];
  /** They tell which transactions are seen from their beginning. */
  horizons: XidHorizon[];
  /** By key of the relation; of a file made here, since it was. */
  contents: Map<string, FileContent>;
}

/**
 * The record that begins an index of these kinds, or a sequence. Btree, and since 12 or 13 the others too, are
 * built with full-page images instead (log_newpage_range).
 */
const FIRST_RECORD: Readonly<Record<number, number | undefined>> = {
  [RM_HASH_ID]: 0x00, // XLOG_HASH_INIT_META_PAGE
  [RM_GIN_ID]: 0x00, // XLOG_GIN_CREATE_INDEX, up to 11
  [RM_GIST_ID]: 0x50, // XLOG_GIST_CREATE_INDEX, up to 11
  [RM_SEQ_ID]: 0x00, // XLOG_SEQ_LOG
  [RM_SPGIST_ID]: 0x00, // XLOG_SPGIST_CREATE_INDEX, up to 11
  [RM_BRIN_ID]: 0x00, // XLOG_BRIN_CREATE_INDEX
};

export class FileUseBuilder {
  private readonly creations: FileCreation[] = [];
  private readonly namings: FileNaming[] = [];
  private readonly truncations: FileAct[] = [];
  private readonly horizons: XidHorizon[] = [];
  /** The file that each transaction id made last, until pg_class names it. */
  private readonly unnamed = new Map<number, FileCreation>();
  /** Up to 11, what was last said of a file that is yet to be told of. */
  private readonly announced = new Map<number, ClassChange>();
  /** Keys of relations that got their fork for the start after a crash. */
  private readonly initForks = new Set<string>();
  private readonly contents = new Map<string, FileContent>();
  private readonly at = new RelationAt();
  /** The file that got the last row: most rows go where the one before went. */
  private last: RelFileLocator = { spcOid: 0, dbOid: 0, relNumber: 0 };

  build(): FileUse {
    const { creations, namings, truncations, horizons, contents } = this;
    return { creations, namings, truncations, horizons, contents };
  }

  /** A record that inserts rows; `at` is its relation. */
  addRow(record: WalRecord, at: RelationAt): void {
    const { last, unnamed } = this;
    if (at.relNumber === PG_CLASS || (unnamed.size > 0 && unnamed.has(record.xid)))
      this.addNaming(record, at);
    if (isSameFile(at, last)) return;
    this.last = { spcOid: at.spcOid, dbOid: at.dbOid, relNumber: at.relNumber };
    this.contentOf(at).row ??= record.lsn;
  }

  /** A record that updates a row; `at` is its relation. */
  addUpdate(record: WalRecord, at: RelationAt): void {
    if (at.relNumber !== PG_CLASS) return;
    const change = classChangeOf(record);
    if (change === undefined) return;
    const file = this.unnamed.get(record.xid);
    if (file !== undefined && change.isTo(file.relation.relNumber)) file.kind ??= change.kind;
    else if (record.version < 12) this.announced.set(record.xid, change);
  }

  /** Any other record, of those resource managers that make or begin files. */
  add(record: WalRecord): void {
    const { rmid, rmgrInfo } = record;
    if (rmid === RM_SMGR_ID) this.addStorage(record);
    else if (rmid === RM_XLOG_ID) {
      if (rmgrInfo === XLOG_FPI) this.addImage(record);
    } else if (rmid === RM_STANDBY_ID) {
      const data = decode(record);
      if (data.type === 'running-xacts') this.horizons.push({ lsn: record.lsn, nextXid: data.nextXid });
    } else if (FIRST_RECORD[rmid] === rmgrInfo && this.at.seek(record)) this.noteOther(record);
  }

  /** Takes in what a record says of the file that {@link at} stands at. */
  private noteOther(record: WalRecord): void {
    if (this.at.fork === INIT_FORK) this.addInit(record, relationOf(this.at));
    this.contentOf(this.at).other ??= record.lsn;
  }

  /** The making of an unlogged relation's fork: of indexes not all minor versions up to 16 log it by itself. */
  private addInit({ lsn, xid, version }: WalRecord, relation: Relation): void {
    if (this.initForks.has(relation.key)) return;
    this.initForks.add(relation.key);
    this.create({ lsn, xid, relation, unlogged: true, kind: undefined }, version);
  }

  private create(file: FileCreation, version: number): void {
    const { xid, relation } = file;
    const announced = version < 12 ? this.announced.get(xid) : undefined;
    if (announced?.isTo(relation.relNumber)) file.kind = announced.kind;
    this.creations.push(file);
    this.unnamed.set(xid, file);
    this.contents.delete(relation.key);
    this.last = { spcOid: 0, dbOid: 0, relNumber: 0 };
  }

  private addStorage(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Storage' || (data.type !== 'create' && data.type !== 'truncate')) return;
    const { lsn, xid } = record;
    const relation = relationOf(data.rlocator);
    if (data.type === 'truncate') {
      if (isToNothing(data)) this.truncations.push({ lsn, xid, relation });
    } else if (data.forkNum === INIT_FORK) this.addInit(record, relation);
    else if (data.forkNum === MAIN_FORK) {
      this.create({ lsn, xid, relation, unlogged: false, kind: undefined }, record.version);
    }
  }

  /**
   * A row that may be one of pg_class. Where pg_class has another file than the usual one, it is known by the file
   * that it names: CREATE makes the file first (heap_create_with_catalog).
   */
  private addNaming(record: WalRecord, at: RelationAt): void {
    if (!mayBeClassRow(record)) return;
    const { lsn, xid } = record;
    const row = classRowOf(record);
    if (row === undefined) return;
    const isNamed = this.unnamed.get(xid)?.relation.relNumber === row.file.relNumber;
    if (!isNamed && at.relNumber !== PG_CLASS) return;
    if (isNamed) this.unnamed.delete(xid);
    this.namings.push({ lsn, xid, relation: relationOf(row.file), name: row.name });
  }

  /** A page written as a whole, as VACUUM FULL and the building of an index do. */
  private addImage(record: WalRecord): void {
    if (!this.at.seek(record)) return;
    // of an unlogged table that fork is empty
    if (this.at.fork === INIT_FORK) this.noteOther(record);
    if (this.at.fork !== MAIN_FORK) return;
    const content = this.contentOf(this.at);
    if (content.row !== undefined || content.other !== undefined) return;
    const isHeap = isHeapPage(record);
    if (isHeap === true) content.row = record.lsn;
    else if (isHeap === false) content.other = record.lsn;
  }

  private contentOf(rel: RelFileLocator): FileContent {
    const key = formatLocator(rel);
    const known = this.contents.get(key);
    if (known) return known;
    const content: FileContent = { row: undefined, other: undefined };
    this.contents.set(key, content);
    return content;
  }
}

/** `SMGR_TRUNCATE_HEAP` (src/include/catalog/storage_xlog.h): the main fork. */
const SMGR_TRUNCATE_HEAP = 0x01;

const isToNothing = ({ blkno, flags }: SmgrTruncate): boolean =>
  blkno === 0 && (flags & SMGR_TRUNCATE_HEAP) !== 0;

/** `pd_special` (src/include/storage/bufpage.h): pages of tables have nothing there, of indexes and sequences do. */
const PD_SPECIAL = 16;

/** Undefined where the image cannot be read. */
function isHeapPage(record: WalRecord): boolean | undefined {
  const [block] = record.blocks;
  try {
    const page = block.image?.compression === 'none' ? block.imageBytes : restoreImage(block);
    return ByteView.of(page).u16(PD_SPECIAL) === BLCKSZ;
  } catch (error) {
    if (error instanceof WalError) return undefined;
    throw error;
  }
}
