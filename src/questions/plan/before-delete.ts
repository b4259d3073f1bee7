import { timelineChain } from '../../cluster/chain.js';
import { tliOfPointInHistory } from '../../cluster/history.js';
import type { RelationFilter } from '../../follow/relation.js';
import type { RemovalKind } from '../../follow/removal.js';
import type { TransactionPoint } from '../../follow/transaction-end.js';
import { notFoundIn } from '../../follow/wal-problems.js';
import type { TableChoice } from '../../replay/names-of-backup.js';
import type { StopTarget } from '../../replay/recovery.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { Backup } from '../../sources/backup-parts.js';
import type { UsableInventory } from '../../sources/inventory.js';
import { listed } from '../../text/listed.js';
import { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { joined, message } from '../../wal/message.js';
import type { Asking } from '../asking.js';
import { findLosses } from '../find-commit/ask.js';
import type { RelationAnswer } from '../find-commit/run.js';

/** Which table's rows a recovery is to bring back. */
export type BeforeDelete = { kind: 'before-delete' } & (
  | { relation: RelationFilter | string }
  /** By its name, which needs all of the base backup, not only its label. */
  | { table: TableChoice }
);

/** The last commit on a timeline that took rows of a table. */
export interface Loss {
  timeline: number;
  /** `tablespace/database/relfilenode` */
  relation: string;
  /** What it is called, where a base backup tells it. */
  name: RelationName | undefined;
  commit: TransactionPoint;
  /** The record that recovery has to stop before: the commit's or, where the database was dropped, an earlier one. */
  stopLsn: Lsn;
  /** How the relation lost its file, if it did, and whether it is unlogged, where that is known. */
  removed: { kind: RemovalKind; unlogged: boolean | undefined } | undefined;
}

/** The option that plans for it. */
export const planFor = ({ timeline }: Loss): string => `--timeline ${timeline}`;

/** What a plan before a delete spares, and what it does not. */
export interface SparedLoss extends Loss {
  /** The timeline that the server takes by default, where that has none and so this one was taken. */
  notOn: number | undefined;
  /** The last ones on other timelines, of those that are not part of this one. By timeline. */
  others: Loss[];
}

interface LossFound {
  target: StopTarget;
  timeline: number;
  spared: SparedLoss;
  /** Why a later one may be there that is not known of. */
  problems: WalError[];
}

/**
 * Before the last delete on a timeline.
 * @param timeline `isAsked`: it was asked for, and no other will do
 * @throws WalError `no-delete`, `ambiguous-relation`, what `findCommit` throws; `incomplete-wal` where none is found in
 *   WAL that is not all there
 */
export async function beforeDelete(
  inventory: UsableInventory,
  wanted: BeforeDelete,
  backup: Backup | undefined,
  timeline: { number: number; isAsked: boolean },
  asking: Asking,
): Promise<LossFound> {
  const isNamed = 'table' in wanted;
  const choice = isNamed ? { table: wanted.table, backup } : { relation: wanted.relation };
  const withWal = inventory.segments.map((segment) => segment.timeline);
  const timelines = [...new Set([...withWal, ...knownOf(inventory, timeline)])].sort((a, b) => a - b);
  const { relations, problemsOn } = await findLosses(inventory, { ...choice, timelines }, asking);
  const losses = timelines.flatMap((one) => lastLoss(relations, one, isNamed) ?? []);
  const own = losses.find((loss) => loss.timeline === timeline.number);
  const spared = own ?? (timeline.isAsked ? undefined : newest(losses));
  const problems = problemsOn(spared?.timeline ?? timeline.number);
  if (spared === undefined) throw nothingLost(timeline.number, losses, problems);
  return {
    target: { kind: 'lsn', lsn: spared.stopLsn, inclusive: false },
    timeline: spared.timeline,
    spared: {
      ...spared,
      notOn: own === undefined ? timeline.number : undefined,
      others: losses.filter((loss) => !isPartOf(loss, spared.timeline, inventory)).filter(isFirst),
    },
    problems: problems.filter((problem) => problem.lsn === undefined || problem.lsn > spared.stopLsn),
  };
}

/** The timeline, where there is anything of it: also one that goes on in the segment that it began in. */
function knownOf(
  { histories }: UsableInventory,
  { number, isAsked }: { number: number; isAsked: boolean },
): number[] {
  return isAsked || histories.some((history) => history.timeline === number) ? [number] : [];
}

/** So many relations are named in a message. */
const MOST_NAMED = 20;

/** @param isNamed whether all relations found are the table's that was asked for */
function lastLoss(
  relations: readonly RelationAnswer[],
  timeline: number,
  isNamed: boolean,
): Loss | undefined {
  const losses = relations.flatMap((answer) => (answer.timeline === timeline ? lossesOf(answer) : []));
  const files = new Set(losses.map(({ relation }) => relation));
  if (files.size > 1 && !isNamed) {
    throw new WalError(
      'ambiguous-relation',
      message`several relations have this relfilenode and were deleted from: ${listed([...files], MOST_NAMED)}; give one of them`,
    );
  }
  return losses.sort((a, b) => (a.commit.lsn < b.commit.lsn ? -1 : 1)).at(-1);
}

function lossesOf(answer: RelationAnswer): Loss[] {
  const { timeline, relation, name, removed, unlogged, recoveryTarget, databaseDropped } = answer;
  const where = { timeline, relation, name, removed: removed && { kind: removed.kind, unlogged } };
  return [
    ...(recoveryTarget ? [{ ...where, commit: recoveryTarget.commit, stopLsn: recoveryTarget.lsn }] : []),
    ...(databaseDropped
      ? [{ ...where, commit: databaseDropped.commit, stopLsn: databaseDropped.stopLsn }]
      : []),
  ];
}

/** LSNs of different timelines tell no order. */
const newest = (losses: readonly Loss[]): Loss | undefined =>
  losses.toSorted((a, b) => Number(a.commit.time - b.commit.time) || a.timeline - b.timeline).at(-1);

/** Whether the WAL of a timeline has a loss found on another one: they share what came before they parted. */
function isPartOf(loss: Loss, timeline: number, inventory: UsableInventory): boolean {
  const ownerOn = (one: number): number =>
    tliOfPointInHistory(timelineChain(inventory, one).history, loss.commit.lsn);
  return ownerOn(timeline) === ownerOn(loss.timeline);
}

/** Of timelines that share a loss the one that comes first stands for all. */
function isFirst({ commit }: Loss, index: number, all: readonly Loss[]): boolean {
  return all.findIndex((one) => one.commit.lsn === commit.lsn && one.commit.time === commit.time) === index;
}

function nothingLost(timeline: number, elsewhere: readonly Loss[], problems: readonly WalError[]): WalError {
  const nothing =
    elsewhere.length === 0
      ? message`no committed transaction here deleted rows of it, dropped or truncated it; "walscan incidents" lists what was lost`
      : message`no committed transaction on timeline ${timeline} deleted rows of it, dropped or truncated it; "walscan incidents" lists what was lost`;
  const offers = elsewhere.map(
    (loss) =>
      message`transaction ${loss.commit.xid} did so on timeline ${loss.timeline}, committed at ${formatLsn(loss.commit.lsn)} (${planFor(loss)})`,
  );
  const all = joined([nothing, ...offers], '; ');
  return problems.length > 0 ? notFoundIn(all, problems) : new WalError('no-delete', all);
}
