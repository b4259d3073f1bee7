import type { KeepColumn } from '../../follow/columns.js';
import { isSameFile } from '../../follow/relation.js';
import type { RelationAt } from '../../follow/relation-at.js';
import type { RowChangesTable } from '../../follow/row-changes.js';
import type { RowSink } from '../../follow/scanner.js';
import type { RelFileLocator, WalRecord } from '../../wal/record.js';
import { RowChangesSink } from '../find-commit/scan.js';

/** What facts keep of rows: the changes of all relations, and which relations are indexes and sequences. */
export interface FactsRows {
  changes: RowChangesTable;
  indexes: RelFileLocator[];
}

export class FactsSink implements RowSink<FactsRows> {
  private readonly changes = new RowChangesSink();
  private readonly indexes = new Map<number, RelFileLocator[]>();
  /** The index that the last record of an index went to: most go where the one before went. */
  private last: RelFileLocator = { spcOid: 0, dbOid: 0, relNumber: 0 };

  take(record: WalRecord, at: RelationAt): boolean {
    return this.changes.take(record, at);
  }

  takeIndex(record: WalRecord, at: RelationAt): void {
    if (!at.seek(record) || isSameFile(at, this.last)) return;
    const { spcOid, dbOid, relNumber } = at;
    this.last = { spcOid, dbOid, relNumber };
    const known = this.indexes.get(relNumber);
    if (known === undefined) this.indexes.set(relNumber, [this.last]);
    else if (!known.some((one) => isSameFile(one, this.last))) known.push(this.last);
  }

  end(xid: number, event: number): void {
    this.changes.end(xid, event);
  }

  cut(): void {
    this.changes.cut();
  }

  build(keep: KeepColumn): FactsRows {
    return { changes: this.changes.build(keep), indexes: [...this.indexes.values()].flat() };
  }
}
