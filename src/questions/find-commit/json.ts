import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { RemovalKind } from '../../follow/removal.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { Problem } from '../../wal/error.js';
import { formatLsn } from '../../wal/lsn.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import { newestOfOrdered } from '../newest.js';
import { type CommandPlaces, undoCommand } from '../undo/command.js';
import { unloggedJson } from '../unlogged.js';
import { type WhoJson, whoJson } from '../who/json.js';
import { formatTargetTime, type RecoveryTarget } from './recovery-target.js';
import type { FindCommitResult, RelationAnswer } from './run.js';
import type { CommitFound, RowCounts, TransactionFound, TransactionStatus } from './search.js';

/** `walscan find-commit --json`: LSNs as `0/04000680`, times in UTC with microseconds, null where there is none. */
export interface FindCommitJson extends HeadJson {
  /** How many were read. */
  segments: number;
  /** The base backup, as its tool names it; null where there is none of a backup tool's repository. */
  backup: string | null;
  problems: Problem[];
  relations: RelationJson[];
}

/** Where and when a transaction committed: the LSN of its commit record, the time in UTC. */
export interface CommitJson {
  xid: number;
  lsn: string;
  time: string;
  /** Who did it; there only where logs of the server were given, and not in lists of transactions. */
  who?: WhoJson;
}

/**
 * The answer for one relation (`tablespace/database/relfilenode`) on one timeline; null for what was not
 * found.
 */
export interface RelationJson {
  timeline: number;
  relation: string;
  /** What it is called; null where no base backup tells it. */
  name: RelationName | null;
  lastInsert: {
    lsn: string;
    xid: number;
    block: number;
    offset: number;
    rows: number;
    commit: CommitJson;
  } | null;
  lastDelete: { firstLsn: string; lsn: string; xid: number; rows: number; commit: CommitJson } | null;
  removed: { kind: RemovalKind; newRelation: string | null; commit: CommitJson } | null;
  /** `stopLsn`: what recovery has to stop before to have the database. */
  databaseDropped: { stopLsn: string; commit: CommitJson } | null;
  /** Of what was removed: `true` where it is unlogged, so that no recovery brings its rows back; null where it may be. */
  unlogged?: true | null;
  /** How many transactions changed its rows. */
  transactionCounts: Record<TransactionStatus, number>;
  /** The newest of them by their first record, in the order of that. */
  transactions: TransactionJson[];
  /** All that have no end in the WAL, in the same order. */
  unended: TransactionJson[];
  /** There only with a limit: so many more have no end, older than these. */
  olderUnended?: number;
  recoveryTarget: RecoveryTargetJson | null;
  /** Where there are two: see `RecoveryTargets`. */
  otherTarget: RecoveryTargetJson | null;
  /** The command that prints SQL which takes back what the transaction of the recovery target changed. */
  undoCommand: string | null;
}

/** What one transaction did to the relation, from its first change of it to its last. */
export interface TransactionJson {
  xid: number;
  status: TransactionStatus;
  firstLsn: string;
  lastLsn: string;
  commit: CommitJson | null;
  rows: RowCounts;
}

/** Settings for `postgresql.auto.conf` (`recovery.conf` up to 11); each of the three does for itself. */
export interface RecoveryTargetJson {
  lsn: { recovery_target_lsn: string; recovery_target_inclusive: 'off' };
  xid: { recovery_target_xid: string; recovery_target_inclusive: 'off' };
  time: { recovery_target_time: string; recovery_target_inclusive: 'on' } | null;
  /** Where there is no time: why. */
  timeReason?: string;
}

/**
 * Makes JSON of the answers of a `FindCommitRun`.
 * @param limit of each relation so many of the transactions that have no end, the newest
 */
export function findCommitJson(result: FindCommitResult, limit?: number): FindCommitJson {
  return {
    ...headJson(result),
    segments: result.segments,
    backup: result.storedBackup?.name ?? null,
    problems: result.problems.map((problem) => problem.toJSON()),
    relations: result.relations.map((answer) => relationJson(answer, result, limit)),
  };
}

/** The command that prints SQL which takes back what the transaction changed that recovery would stop before. */
export function undoOf(
  { recoveryTarget, timeline, removed, unlogged }: RelationAnswer,
  { postgres, ...places }: Pick<FindCommitResult, 'postgres' | keyof CommandPlaces>,
): string | undefined {
  const isGone = removed?.commit.xid === recoveryTarget?.xid && unlogged === true;
  if (recoveryTarget === undefined || isGone) return undefined;
  return undoCommand({ xid: recoveryTarget.xid, timeline, postgres }, places);
}

function relationJson(
  answer: RelationAnswer,
  result: FindCommitResult,
  limit: number | undefined,
): RelationJson {
  const { lastInsert, lastDelete, removed, databaseDropped, recoveryTarget, otherTarget } = answer;
  const unended = newestOfOrdered(answer.unended, limit);
  const ended = (commit: CommitFound): CommitJson => ({
    ...commitJson(commit),
    ...whoJson(result.logs?.who, commit),
  });
  return {
    timeline: answer.timeline,
    relation: answer.relation,
    name: answer.name ?? null,
    lastInsert: lastInsert
      ? {
          lsn: formatLsn(lastInsert.lsn),
          xid: lastInsert.xid,
          block: lastInsert.block,
          offset: lastInsert.offset,
          rows: lastInsert.rows,
          commit: ended(lastInsert.commit),
        }
      : null,
    lastDelete: lastDelete
      ? {
          firstLsn: formatLsn(lastDelete.firstLsn),
          lsn: formatLsn(lastDelete.lsn),
          xid: lastDelete.xid,
          rows: lastDelete.rows,
          commit: ended(lastDelete.commit),
        }
      : null,
    removed: removed
      ? {
          kind: removed.kind,
          newRelation: removed.newRelation ?? null,
          commit: ended(removed.commit),
        }
      : null,
    databaseDropped: databaseDropped
      ? { stopLsn: formatLsn(databaseDropped.stopLsn), commit: ended(databaseDropped.commit) }
      : null,
    ...(removed ? unloggedJson({ kind: removed.kind, unlogged: answer.unlogged }) : {}),
    transactionCounts: answer.transactionCounts,
    transactions: answer.transactions.map(transactionJson),
    unended: unended.newest.map(transactionJson),
    ...(limit === undefined ? {} : { olderUnended: unended.older }),
    recoveryTarget: recoveryTarget ? recoveryTargetJson(recoveryTarget) : null,
    otherTarget: otherTarget ? recoveryTargetJson(otherTarget) : null,
    undoCommand: undoOf(answer, result) ?? null,
  };
}

function transactionJson({
  xid,
  status,
  firstLsn,
  lastLsn,
  commit,
  rows,
}: TransactionFound): TransactionJson {
  return {
    xid,
    status,
    firstLsn: formatLsn(firstLsn),
    lastLsn: formatLsn(lastLsn),
    commit: commit ? commitJson(commit) : null,
    rows,
  };
}

export function recoveryTargetJson({ lsn, xid, time, timeReason }: RecoveryTarget): RecoveryTargetJson {
  return {
    lsn: { recovery_target_lsn: formatLsn(lsn), recovery_target_inclusive: 'off' },
    xid: { recovery_target_xid: String(xid), recovery_target_inclusive: 'off' },
    time:
      time === undefined
        ? null
        : { recovery_target_time: formatTargetTime(time), recovery_target_inclusive: 'on' },
    ...(timeReason === undefined ? {} : { timeReason: String(timeReason) }),
  };
}

function commitJson({ xid, lsn, time }: CommitFound): CommitJson {
  return { xid, lsn: formatLsn(lsn), time: formatTimestampIso(time) };
}
