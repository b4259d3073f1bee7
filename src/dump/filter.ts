import type { RelFileLocator, WalRecord } from '../wal/record.js';

/** Which records to show; what is left out does not matter. Several values of one kind: any of them will do. */
export interface RecordFilter {
  rmids?: ReadonlySet<number>;
  /** Compared with the record's own xid (`xl_xid`). */
  xids?: ReadonlySet<number>;
  relations?: readonly RelFileLocator[];
  block?: number;
  fork?: number;
  /** Only records with a full-page image. */
  fullPage?: boolean;
}

/** A filter as a function of the record: one that asks for nothing looks at nothing. */
export function matcherOf(filter: RecordFilter): (record: WalRecord) => boolean {
  const asksForNothing = Object.values(filter).every((value) => value === undefined || value === false);
  return asksForNothing ? () => true : (record) => matches(record, filter);
}

/**
 * Whether a record passes, as in the main loop of pg_waldump.c: relation, block and fork must meet in one block
 * reference.
 */
export function matches(record: WalRecord, filter: RecordFilter): boolean {
  const { rmids, xids, relations, block, fork, fullPage } = filter;
  if (rmids !== undefined && !rmids.has(record.rmid)) return false;
  if (xids !== undefined && !xids.has(record.xid)) return false;
  if (relations !== undefined || block !== undefined || fork !== undefined) {
    const found = record.blocks.some(
      (reference) =>
        (relations === undefined || relations.some((wanted) => isSame(wanted, reference.rel))) &&
        (block === undefined || reference.blockNumber === block) &&
        (fork === undefined || reference.fork === fork),
    );
    if (!found) return false;
  }
  return !fullPage || record.blocks.some((reference) => reference.image !== undefined);
}

function isSame(a: RelFileLocator, b: RelFileLocator): boolean {
  return a.relNumber === b.relNumber && a.dbOid === b.dbOid && a.spcOid === b.spcOid;
}
