import { decode } from '../rmgr/index.js';
import type { Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { databaseRowOf, PG_DATABASE } from './catalog-row.js';
import type { RelationAt } from './relation-at.js';

/** A database's files are gone, in one of its tablespaces. */
export interface FilesGone {
  lsn: Lsn;
  xid: number;
  dbOid: number;
}

/** A row of pg_database was marked: nobody can connect to the database any more. */
export interface DatabaseMarked {
  lsn: Lsn;
  /** Undefined up to 11, where the record does not tell it. */
  dbOid: number | undefined;
}

/** What DROP DATABASE did, in the order of the WAL. */
export interface DatabaseUse {
  filesGone: FilesGone[];
  marks: DatabaseMarked[];
}

export class DatabaseUseBuilder {
  private readonly use: DatabaseUse = { filesGone: [], marks: [] };

  build(): DatabaseUse {
    return this.use;
  }

  /** A record that changes a row in place; `at` is its relation. */
  addInPlace(record: WalRecord, at: RelationAt): void {
    if (at.relNumber !== PG_DATABASE || at.dbOid !== 0) return;
    const row = databaseRowOf(record);
    if (row?.isInvalid) this.use.marks.push({ lsn: record.lsn, dbOid: row.oid });
  }

  /** A record of the resource manager Database. */
  add(record: WalRecord): void {
    const { lsn, xid } = record;
    const data = decode(record);
    // without a transaction it is a database that has moved to another tablespace
    if (data.rmgr === 'Database' && data.type === 'drop' && xid !== 0) {
      this.use.filesGone.push({ lsn, xid, dbOid: data.dbId });
    }
  }
}

/** Hands what a stretch of WAL says of databases to the transactions that did it. */
export class DatabaseUseAt {
  private gone = 0;
  private marked = 0;

  constructor(
    private readonly use: DatabaseUse,
    private readonly marks: DatabaseMarks,
  ) {}

  /**
   * Goes on to a position, or to the end.
   * @param databasesOf of a transaction id, by oid: the first record that says that the files are gone
   */
  addUpTo(end: Lsn | undefined, databasesOf: (xid: number, lsn: Lsn) => Map<number, Lsn>): void {
    const { filesGone, marks } = this.use;
    if (this.gone + this.marked === filesGone.length + marks.length) return;
    const isDue = (lsn: Lsn): boolean => end === undefined || lsn < end;
    for (; this.marked < marks.length && isDue(marks[this.marked].lsn); this.marked++) {
      this.marks.add(marks[this.marked]);
    }
    for (; this.gone < filesGone.length && isDue(filesGone[this.gone].lsn); this.gone++) {
      const { lsn, xid, dbOid } = filesGone[this.gone];
      const databases = databasesOf(xid, lsn);
      if (!databases.has(dbOid)) databases.set(dbOid, lsn);
    }
  }
}

/** Databases that are marked and not dropped yet. */
export class DatabaseMarks {
  private readonly marks = new Map<number | undefined, Lsn>();

  add({ lsn, dbOid }: DatabaseMarked): void {
    // a database stays marked where DROP DATABASE fails, and is marked anew when that is tried again
    if (dbOid === undefined || !this.marks.has(dbOid)) this.marks.set(dbOid, lsn);
  }

  /**
   * Takes in that a database is dropped.
   * @param filesGone the first record that says that its files are
   * @returns the record that recovery has to stop before, so that the database is there and takes connections
   */
  drop(database: number, filesGone: Lsn): Lsn {
    const stopLsn = this.marks.get(database) ?? this.marks.get(undefined) ?? filesGone;
    this.marks.delete(database);
    this.marks.delete(undefined);
    return stopLsn;
  }
}
