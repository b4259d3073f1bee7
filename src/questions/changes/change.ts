import type { TupleId } from '../../heap/tuple.js';
import type { QualifiedName } from '../../replay/live-catalog.js';
import type { Lsn } from '../../wal/lsn.js';
import type { Message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { WhoDidIt } from '../who/who.js';

/** A column of a table whose rows changed. Columns whose values are computed when they are read have none here. */
export interface ChangedColumn {
  /** `attnum`: the first column has 1; that of one that was dropped is not given again. */
  number: number;
  name: string;
  /** As `format_type` spells it: `character varying(20)`; with its schema where that is not in the search path. */
  type: string;
  /** The same with its schema wherever it has another one than `pg_catalog`. */
  sqlType: string;
  typeOid: number;
  notNull: boolean;
  /** Its value is computed from others and stored. */
  isGenerated: boolean;
  /** `a` always, `d` by default, or none. */
  identity: string;
}

/** Columns by whose values a row is told from all others of its table. */
export interface ChangedKey {
  kind: 'primary' | 'replica-identity' | 'unique';
  /** Their places among {@link ChangedTable.columns}. */
  columns: readonly number[];
}

/** A table as it was when its rows changed. */
export interface ChangedTable {
  /** The tablespace, the database and the relfilenode. */
  file: RelFileLocator;
  /** Undefined where no catalog tells it. */
  database: string | undefined;
  oid: number | undefined;
  schema: string | undefined;
  name: string | undefined;
  /** The partitioned table that it is a partition of, at whatever level. */
  root: QualifiedName | undefined;
  /** Undefined where no catalog tells them. */
  columns: readonly ChangedColumn[] | undefined;
  /** The one that a row is best found by first. */
  keys: readonly ChangedKey[];
}

/** A transaction that changed rows. */
export interface ChangedTransaction {
  xid: number;
  /** Its subtransactions that committed with it. */
  subxacts: readonly number[];
  /** Of its COMMIT. */
  lsn: Lsn;
  time: TimestampTz;
  /** The number of the replication origin that it came from; 0 where it is of this server's own. */
  origin: number;
  /** Not one of those that were asked for, but one that committed after the first of them. */
  isLater: boolean;
  /** Who did it, where logs of the server were given. */
  who?: WhoDidIt | undefined;
}

/** A value as PostgreSQL prints it; null for NULL, undefined where it is not known. */
export type ChangedValue = string | null | undefined;

/** Whose change it is, and of what. */
export interface ChangeOf {
  transaction: ChangedTransaction;
  /**
   * Of the record that has it; of a TRUNCATE of the one that gave the table an empty file, or cut its own off; of a table
   * that was dropped that of the commit, where its file goes.
   */
  lsn: Lsn;
  table: ChangedTable;
}

/** Rows that a transaction inserted, updated or deleted: their values in the order of the table's columns. */
export type RowChanged = ChangeOf &
  (
    | { kind: 'insert'; ctid: TupleId; new: readonly ChangedValue[] | undefined }
    | {
        kind: 'update';
        /** Where the old version is, and the new one. */
        oldCtid: TupleId;
        ctid: TupleId;
        old: readonly ChangedValue[] | undefined;
        new: readonly ChangedValue[] | undefined;
      }
    | {
        kind: 'delete';
        ctid: TupleId;
        old: readonly ChangedValue[] | undefined;
        /** An UPDATE moved the row to another partition, of which there is an insert. */
        isMove: boolean;
      }
  );

/** All rows of a table went. */
export interface TableEmptied extends ChangeOf {
  kind: 'truncate' | 'drop';
  /** The rows that there were then, where they were asked for: to be gone through before the next change is taken. */
  rows?: Iterable<readonly ChangedValue[]> | undefined;
  /** Of a table that was dropped, where rows were asked for: the statements that make it again. */
  definition?: string | undefined;
  /** What these make again has plain columns where there were generated ones. */
  hasPlainGenerated?: boolean | undefined;
  /** The same of its foreign keys, of those of other tables to it, and of constraints that are not valid: to be made when the rows are there. */
  foreignKeys?: readonly ForeignKeySql[] | undefined;
  /** What went that the WAL never had, where rows were asked for. */
  lost?: readonly Message[] | undefined;
}

/** A foreign key, or another constraint that is made when rows are there, and what makes it again. */
export interface ForeignKeySql {
  name: string;
  /** The table that has it, in SQL. */
  table: string;
  /** Without the semicolon. */
  statement: string;
}

/** A table is new, or its definition became another: asked for apart. */
export interface TableDefined extends ChangeOf {
  kind: 'define';
  /** There was no such table before. */
  isNew: boolean;
  /** What leads from what it was before to what it is, without the semicolons. */
  statements: readonly string[];
  /** What cannot be told, though rows are the same without it. */
  notes: readonly string[];
  /** What cannot be told, so that rows may be others than they were. */
  unknown: readonly string[];
  /** What went of its columns, where rows that were removed were asked for. */
  lost: readonly Message[];
}

/** A change of rows. Values are undefined as a whole where nothing is known of them. */
export type Change = RowChanged | TableEmptied | TableDefined;

/** In which order changes are given. */
export type ChangesOrder = 'commit' | 'lsn';
