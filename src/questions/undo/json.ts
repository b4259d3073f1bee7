import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import type { Undo } from './ask.js';

/** What `walscan undo --json` prints: what its script would take back. */
export interface UndoJson extends HeadJson {
  /** The base backup, as its tool names it; null where there is none of a backup tool's repository. */
  backup: string | null;
  /** In the order in which they committed. */
  transactions: { xid: number; lsn: string; time: string }[];
  tables: UndoneTableJson[];
  /** What they took away that the script does not give back, such as columns, a sentence each. */
  lost: string[];
  problems: Problem[];
}

/** What is taken back of one table. */
export interface UndoneTableJson {
  /** Null where no catalog tells them. */
  database: string | null;
  schema: string | null;
  table: string | null;
  /** It was dropped, and is made again. */
  created: boolean;
  /** How many rows come back, are changed back, and go. */
  restored: number;
  changedBack: number;
  removed: number;
  /** How many of them a later transaction changed as well. */
  touchedLater: number;
  /** Changes that cannot be taken back, for values are not known. */
  unknown: number;
}

/** Makes JSON of what an undo would take back. */
export function undoJson(undo: Undo): UndoJson {
  return {
    ...headJson(undo.head),
    backup: undo.storedBackup?.name ?? null,
    transactions: undo.transactions.map(({ xid, lsn, time }) => ({
      xid,
      lsn: formatLsn(lsn),
      time: formatTimestampIso(time),
    })),
    tables: undo.tables.map(({ table, isCreated, ...counts }) => ({
      database: table.database ?? null,
      schema: table.schema ?? null,
      table: table.name ?? null,
      created: isCreated,
      ...counts,
    })),
    lost: undo.lost.map(String),
    problems: undo.problems.map((problem) => problem.toJSON()),
  };
}
