import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator } from '../wal/record.js';
import type { LiveCatalog, LiveTable } from './live-catalog.js';
import type { ReplayedRelation } from './replayed-relation.js';

/** A table whose rows all went: by TRUNCATE, which it survives, or DROP. */
export interface TableRemoval {
  kind: 'truncate' | 'drop';
  sequence: number;
  /** Of the record that gave the table an empty file, or cut its own off; of a DROP that of the commit. */
  lsn: Lsn;
  /** As it was then. */
  table: LiveTable;
  /** The file that had the rows; undefined where they were cut off of it. */
  file: RelFileLocator | undefined;
  /** What was cut off; undefined where it was nothing, or rows are not asked for. */
  contents?: ReplayedRelation | undefined;
}

/** What removals are told with. */
export interface TableRemovalsOptions {
  catalogOf(dbOid: number): LiveCatalog | undefined;
  isWanted(table: LiveTable, file: RelFileLocator): boolean;
}

/** Where a row of pg_class was deleted, and the file that it named. */
interface Drop {
  sequence: number;
  file: RelFileLocator;
}

/** How transactions that have not ended removed rows of tables all at once. */
export class TableRemovals {
  private readonly truncated = new Map<number, TableRemoval[]>();
  /** By database and oid. */
  private readonly drops = new Map<number, Map<string, Drop>>();

  constructor(private readonly options: TableRemovalsOptions) {}

  /** The transactions that truncated tables. */
  xids(): IterableIterator<number> {
    return this.truncated.keys();
  }

  /** Keeps that a transaction truncated a table. */
  noteTruncate(xid: number, removal: Omit<TableRemoval, 'kind'>): void {
    const { table } = removal;
    if (!this.isMeant(table, table.file)) return;
    const truncated = this.truncated.get(xid) ?? [];
    truncated.push({ kind: 'truncate', ...removal });
    this.truncated.set(xid, truncated);
  }

  /** Keeps where a row of pg_class is deleted. */
  noteDrop(xid: number, sequence: number, oid: number, file: RelFileLocator): void {
    const drops = this.drops.get(xid) ?? new Map<string, Drop>();
    this.drops.set(xid, drops.set(`${file.dbOid} ${oid}`, { sequence, file }));
  }

  /** What a transaction id truncated since this was asked for last. */
  takeTruncated(xid: number): readonly TableRemoval[] {
    const truncated = this.truncated.get(xid) ?? [];
    this.truncated.delete(xid);
    return truncated;
  }

  /**
   * The tables whose rows transactions remove that one record commits.
   * @param files what it removes of which it can be known whose they were
   */
  of(xids: readonly number[], lsn: Lsn, files: readonly RelFileLocator[]): TableRemoval[] {
    const truncated = xids.flatMap((xid) => this.truncated.get(xid) ?? []);
    return [...truncated, ...files.flatMap((file) => this.dropOf(file, lsn, xids) ?? [])];
  }

  private dropOf(file: RelFileLocator, lsn: Lsn, xids: readonly number[]): TableRemoval | undefined {
    const catalog = this.options.catalogOf(file.dbOid);
    const table = catalog?.before(xids, () => catalog.tableOf(file));
    if (!catalog || !table || !this.isMeant(table, file) || catalog.tableWith(table.oid)) return undefined;
    const drop = this.dropIn(xids, file.dbOid, table.oid);
    const head = { kind: 'drop', lsn, table } as const;
    return drop === undefined ? { ...head, sequence: Number.POSITIVE_INFINITY, file } : { ...head, ...drop };
  }

  /** Whether it is told of a table that its rows went. */
  isMeant(table: LiveTable, file: RelFileLocator): boolean {
    const isTable = table.kind === 'r' && table.persistence === 'p' && !table.isTransient;
    return isTable && this.options.isWanted(table, file);
  }

  /** Where in the WAL a table's row in pg_class was deleted: another one may be called the same from then on. */
  private dropIn(xids: readonly number[], dbOid: number, oid: number): Drop | undefined {
    for (const xid of xids) {
      const drop = this.drops.get(xid)?.get(`${dbOid} ${oid}`);
      if (drop !== undefined) return drop;
    }
    return undefined;
  }

  forget(xid: number): void {
    this.truncated.delete(xid);
    this.drops.delete(xid);
  }
}
