import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import type { RelFileLocator } from '../wal/record.js';
import { FIRST_NORMAL_OID, type LiveCatalog, type LiveTable } from './live-catalog.js';
import type { TableRemoval } from './table-removals.js';

/** A table's definition became another, or the table is new. */
export interface TableDefinition {
  kind: 'define';
  sequence: number;
  lsn: Lsn;
  table: LiveTable;
  before: LiveTable | undefined;
}

/** A table as it was at some point of a transaction that changed its definition. */
interface Snapshot {
  sequence: number;
  lsn: Lsn;
  place: TablePlace;
  /** Undefined where there is none any more. */
  table: LiveTable | undefined;
}

interface TablePlace {
  dbOid: number;
  oid: number;
  /** The generation of the catalogs that it could not be read from. */
  unreadIn?: number;
}

/** What definitions are told with. */
export interface TableDefinitionsOptions {
  catalogOf(dbOid: number): LiveCatalog | undefined;
  /** Grows where the catalogs of a database may have become others. */
  generationOf(dbOid: number): number;
  isWanted(table: LiveTable, file: RelFileLocator): boolean;
  /** Counts what happens in the WAL, in its order. */
  nextSequence(): number;
}

/** What transactions that have not ended made of tables' definitions. */
export class TableDefinitions {
  /** Tables whose catalog rows transactions changed since the last snapshot, and all snapshots. */
  private readonly redefined = new Map<number, Map<string, TablePlace>>();
  private readonly snapshots = new Map<number, Snapshot[]>();

  constructor(private readonly options: TableDefinitionsOptions) {}

  /** Takes in that a transaction changed a row of a catalog, which lies in this file. */
  mark(xid: number, { dbOid }: RelFileLocator, oid: number | undefined): void {
    if (oid === undefined || oid < FIRST_NORMAL_OID) return;
    const places = this.redefined.get(xid) ?? new Map<string, TablePlace>();
    places.set(`${dbOid}/${oid}`, { dbOid, oid });
    this.redefined.set(xid, places);
  }

  /** Keeps what tables are by now whose definitions change. */
  takeSnapshots(lsn: Lsn): void {
    for (const [xid, places] of this.redefined) {
      const snapshots = this.snapshots.get(xid) ?? [];
      this.snapshots.set(xid, snapshots);
      for (const [key, place] of places) {
        const generation = this.options.generationOf(place.dbOid);
        if (place.unreadIn === generation) continue;
        try {
          const table = this.options.catalogOf(place.dbOid)?.tableWith(place.oid);
          snapshots.push({ sequence: this.options.nextSequence(), lsn, place, table });
          places.delete(key);
        } catch (error) {
          // its rows in the catalogs are not complete yet
          if (!(error instanceof WalError) || error.kind !== 'damage') throw error;
          place.unreadIn = generation;
        }
      }
      if (places.size === 0) this.redefined.delete(xid);
    }
  }

  /**
   * What these transactions made of tables' definitions, and the tables they dropped that no file tells of.
   * @param removals those that files tell of
   */
  of(
    xids: readonly number[],
    commitLsn: Lsn,
    removals: readonly TableRemoval[],
  ): (TableDefinition | TableRemoval)[] {
    this.takeSnapshots(commitLsn);
    const snapshots = xids.flatMap((xid) => this.snapshots.get(xid) ?? []);
    snapshots.sort((a, b) => a.sequence - b.sequence);
    const known = new Map<string, LiveTable | undefined>();
    return snapshots.flatMap(({ sequence, lsn, place, table }): (TableDefinition | TableRemoval)[] => {
      const { dbOid, oid } = place;
      const catalog = this.options.catalogOf(dbOid)!;
      const key = `${dbOid}/${oid}`;
      const before = known.has(key) ? known.get(key) : catalog.before(xids, () => catalog.tableWith(oid));
      known.set(key, table);
      if (table === undefined) {
        const isKnown = removals.some((one) => one.kind === 'drop' && one.table.oid === oid);
        // without a file, with one that the transaction made itself, or that is unlogged
        if (isKnown || before === undefined || !this.isWanted(before, dbOid)) return [];
        return [{ kind: 'drop', sequence, lsn: commitLsn, table: before, file: undefined }];
      }
      if (table.persistence !== 'p' || !this.isWanted(table, dbOid)) return [];
      return [{ kind: 'define', sequence, lsn, table, before }];
    });
  }

  /** Whether it is a table whose definition is asked for. */
  private isWanted(table: LiveTable, dbOid: number): boolean {
    const isTable = 'rp'.includes(table.kind) && table.persistence !== 't' && !table.isTransient;
    return isTable && this.options.isWanted(table, { ...table.file, dbOid });
  }

  forget(xid: number): void {
    this.redefined.delete(xid);
    this.snapshots.delete(xid);
  }
}
