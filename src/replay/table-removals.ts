import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator } from '../wal/record.js';
import type { LiveCatalog, LiveTable } from './live-catalog.js';

/** A table whose rows all went: by TRUNCATE, which it survives, or DROP. */
export interface TableRemoval {
  kind: 'truncate' | 'drop';
  sequence: number;
  lsn: Lsn;
  table: LiveTable;
  /** The file that had the rows; undefined where it was made by the same transaction and cut off. */
  file: RelFileLocator | undefined;
}

/** When a file was made in the WAL. */
export interface FileCreation {
  xid: number;
  sequence: number;
}

/** What removals are told with. */
export interface TableRemovalsOptions {
  catalogOf(dbOid: number): LiveCatalog | undefined;
  isWanted(table: LiveTable, file: RelFileLocator): boolean;
  /** Undefined of a file that the WAL did not make. */
  creationOf(file: RelFileLocator): FileCreation | undefined;
}

/** How transactions that have not ended removed rows of tables all at once. */
export class TableRemovals {
  /** What they cut off of files that they made themselves. */
  private readonly cuts = new Map<number, TableRemoval[]>();
  /** Where they deleted rows of pg_class, by database and oid. */
  private readonly drops = new Map<number, Map<string, number>>();

  constructor(private readonly options: TableRemovalsOptions) {}

  /** The transactions that cut off files. */
  xids(): IterableIterator<number> {
    return this.cuts.keys();
  }

  /** Keeps that a transaction cut off all of a file that it made itself. */
  noteCut(xid: number, sequence: number, lsn: Lsn, table: LiveTable): void {
    const cuts = this.cuts.get(xid) ?? [];
    cuts.push({ kind: 'truncate', sequence, lsn, table, file: undefined });
    this.cuts.set(xid, cuts);
  }

  /** Keeps where a row of pg_class is deleted. */
  noteDrop(xid: number, sequence: number, dbOid: number, oid: number): void {
    const drops = this.drops.get(xid) ?? new Map<string, number>();
    this.drops.set(xid, drops.set(`${dbOid} ${oid}`, sequence));
  }

  /**
   * The tables whose rows transactions remove that one record commits.
   * @param files what it removes of which it can be known whose they were
   */
  of(xids: readonly number[], lsn: Lsn, files: readonly RelFileLocator[]): TableRemoval[] {
    const cuts = xids.flatMap((xid) => this.cuts.get(xid) ?? []);
    return [...cuts, ...files.flatMap((file) => this.withFile(file, lsn, xids))];
  }

  private withFile(file: RelFileLocator, lsn: Lsn, xids: readonly number[]): TableRemoval[] {
    const { catalogOf, isWanted, creationOf } = this.options;
    const catalog = catalogOf(file.dbOid);
    const table = catalog?.before(xids, () => catalog.tableOf(file));
    if (!catalog || !table || table.kind !== 'r' || table.isTransient) return [];
    if (table.persistence !== 'p' || !isWanted(table, file)) return [];
    const now = catalog.tableWith(table.oid);
    if (now === undefined) {
      const sequence = this.dropSequence(xids, file.dbOid, table.oid);
      return [{ kind: 'drop', sequence, lsn, table, file }];
    }
    return catalog.emptyFiles(table, xids).flatMap((empty, i): TableRemoval[] => {
      const creation = creationOf(empty);
      if (creation === undefined || !xids.includes(creation.xid)) return [];
      const head = { kind: 'truncate', sequence: creation.sequence, lsn } as const;
      // as it was, whose rows lie in the TOAST table that goes as well
      return [i === 0 ? { ...head, table, file } : { ...head, table: now, file: undefined }];
    });
  }

  /** Where in the WAL a table's row in pg_class was deleted: another one may be called the same from then on. */
  private dropSequence(xids: readonly number[], dbOid: number, oid: number): number {
    for (const xid of xids) {
      const sequence = this.drops.get(xid)?.get(`${dbOid} ${oid}`);
      if (sequence !== undefined) return sequence;
    }
    return Number.POSITIVE_INFINITY;
  }

  forget(xid: number): void {
    this.cuts.delete(xid);
    this.drops.delete(xid);
  }
}
