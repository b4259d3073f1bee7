import type { ChangedTable, ChangedTransaction, ChangedValue } from '../changes/change.js';

/** One change taken back, before it is put into SQL. */
export type Step =
  /** A row that was deleted, or went with all others of its table. */
  | { kind: 'insert'; table: number; values: readonly ChangedValue[] }
  /** A row that was inserted. */
  | { kind: 'delete'; table: number; values: readonly ChangedValue[] }
  | { kind: 'update'; table: number; old: readonly ChangedValue[]; new: readonly ChangedValue[] }
  /** A table that was dropped. */
  | { kind: 'create'; table: number; statements: string }
  /** A foreign key that went with a table, or another constraint that its rows need not fulfil. */
  | { kind: 'constraint'; table: number; name: string; of: string; statement: string }
  /** A change of which too little is known: what it was. */
  | { kind: 'unknown'; table: number; what: 'insert' | 'update' | 'delete' };

/** A step, and whose change it takes back. */
export interface StepOf {
  /** In the order of the changes, from 0 on. */
  number: number;
  step: Step;
  transaction: ChangedTransaction;
}

/** What is undone of one table. */
export interface TableSummary {
  table: ChangedTable;
  /** Rows that come back, that are changed back, and that go. */
  restored: number;
  changedBack: number;
  removed: number;
  /** Of these, rows that a later transaction changed as well. */
  touchedLater: number;
  /** Changes that cannot be taken back, for values are not known. */
  unknown: number;
  isCreated: boolean;
}
