import type { Relation } from './relation.js';
import type { TransactionPoint } from './transaction-end.js';

/**
 * What transactions come to that begin and end within a stretch of WAL, each in one COMMIT or ABORT that concerns
 * nothing else: those of which the stretch's chunks have no rows.
 */
export interface SummedTransactions {
  /** The oldest id and the newest one of these, as ids go round in a circle; undefined where there are none. */
  ids: { first: number; last: number } | undefined;
  relations: readonly SummedChanges[];
}

/** What they did to one relation. */
export interface SummedChanges {
  relation: Relation;
  committed: number;
  aborted: number;
  /** Some, committed or not, deleted or updated rows. */
  isChanged: boolean;
  /** The most rows that one that committed deleted and updated. */
  mostRows: number;
  /** Of those that committed the last INSERT, and how many rows its transaction inserted. */
  lastInsert: SummedInsert | undefined;
  /** The last one to commit that deleted rows. */
  lastDelete: SummedDelete | undefined;
}

/** An INSERT, and what its transaction inserted in all. */
export interface SummedInsert {
  lsn: bigint;
  block: number;
  offset: number;
  rows: number;
  commit: SummedCommit;
}

/** What a transaction deleted, from its first DELETE to its last. */
export interface SummedDelete {
  firstLsn: bigint;
  lsn: bigint;
  rows: number;
  commit: SummedCommit;
}

/** A commit, and of the ends before it in the stretch the one with the latest time. */
export interface SummedCommit extends TransactionPoint {
  latestBefore: TransactionPoint | undefined;
}
