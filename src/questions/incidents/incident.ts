import type { RemovalKind } from '../../follow/removal.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { Lsn } from '../../wal/lsn.js';

/**
 * So many rows are told of where nobody says otherwise: the tables of a small application lose fewer in everyday work,
 * and a lost one is rarely smaller.
 */
export const MIN_ROWS = 10;

/** What a committed transaction did to a relation, or a database. */
export type Incident = TransactionPoint &
  (
    | { kind: 'rows'; relation: string; deleted: number; updated: number }
    /**
     * `files`: how many files the transaction removed in all: those of indexes and TOAST tables, too; `unlogged`: whether
     * no recovery brings its rows back, undefined where it is not known; `mayBeToastOf`: the relation whose TOAST table it
     * may be, where the WAL does not tell; `unknownFiles`: of how many of the files, not told of here, it does not tell
     * whether they are those of tables, too.
     */
    | {
        kind: RemovalKind;
        relation: string;
        files: number;
        unlogged: boolean | undefined;
        mayBeToastOf: string | undefined;
        unknownFiles: number;
      }
    /** ALTER TABLE … DROP COLUMN, which a base backup tells. */
    | { kind: 'drop-column'; relation: string; columns: string[] }
    /** `stopLsn`: the record that recovery has to stop before: what it does, it does before the commit. */
    | { kind: 'drop-database'; database: number; stopLsn: Lsn }
  );
