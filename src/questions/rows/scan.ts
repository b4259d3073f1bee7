import { matchesRelation, type RelationFilter } from '../../follow/relation.js';
import { XLH_DELETE_IS_PARTITION_MOVE, XLH_DELETE_IS_SUPER } from '../../rmgr/heap.js';
import { decode } from '../../rmgr/index.js';
import { formatLocator } from '../../rmgr/locator.js';
import { MAIN_FORK, type RelFileLocator, type WalRecord } from '../../wal/record.js';
import { RM_HEAP_ID, RM_HEAP2_ID, RM_XACT_ID } from '../../wal/rmgr-id.js';

/** What a first look at the WAL tells of a relation: its files, and who last deleted rows of it. */
export class RowScan {
  readonly files = new Map<string, RelFileLocator>();
  /** The last transaction of those that deleted rows and committed. */
  lastDeletedBy: number | undefined;
  /** Those that deleted rows and did not end yet, subtransactions by their own ids. */
  private readonly deleting = new Set<number>();

  /**
   * @param rewrites transactions that put the rows of a file into a new one; where they are not known, the removal
   *   of a file does not count as that of its rows
   */
  constructor(
    private readonly relations: readonly RelationFilter[],
    private readonly rewrites?: ReadonlySet<number>,
  ) {}

  take(record: WalRecord): void {
    if (record.rmid === RM_XACT_ID) this.takeEnd(record);
    else if (record.rmid === RM_HEAP_ID || record.rmid === RM_HEAP2_ID) this.takeChange(record);
  }

  private takeChange(record: WalRecord): void {
    const block = record.blocks.find(({ fork, rel }) => fork === MAIN_FORK && this.isWanted(rel));
    if (!block) return;
    this.files.set(formatLocator(block.rel), block.rel);
    const data = decode(record);
    if (data.rmgr !== 'Heap' || data.type !== 'delete') return;
    if (!(data.flags & (XLH_DELETE_IS_SUPER | XLH_DELETE_IS_PARTITION_MOVE))) this.deleting.add(record.xid);
  }

  private isWanted(rel: RelFileLocator): boolean {
    return this.relations.some((filter) => matchesRelation(filter, rel));
  }

  private takeEnd(record: WalRecord): void {
    const data = decode(record);
    if (data.rmgr !== 'Transaction' || !('twophaseXid' in data) || data.type === 'prepare') return;
    const xids = [data.twophaseXid || record.xid, ...data.subxacts];
    const deletedRows = xids.filter((xid) => this.deleting.delete(xid)).length > 0;
    const deleted = deletedRows || this.isRemoval(xids, data.xlocators);
    if (deleted && (data.type === 'commit' || data.type === 'commit-prepared')) this.lastDeletedBy = xids[0];
  }

  private isRemoval(xids: readonly number[], dropped: readonly RelFileLocator[]): boolean {
    const { rewrites } = this;
    if (!rewrites || xids.some((xid) => rewrites.has(xid))) return false;
    return dropped.some((file) => this.isWanted(file));
  }
}
