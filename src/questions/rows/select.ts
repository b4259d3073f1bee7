import { isRowProblem } from '../../heap/row.js';
import { type PlacedTuple, TupleHeader, type TupleId } from '../../heap/tuple.js';
import { isVisible, type Transactions } from '../../heap/visibility.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { DeletedRows } from './deleted-rows.js';
import type { MissingRow } from './missing-rows.js';

/** A tuple to read, or why it cannot be said whether it belongs to the answer. */
export type Selected = { kind: 'tuple'; placed: PlacedTuple } | { kind: 'missing'; row: MissingRow };

/** The rows that a transaction that starts at this moment sees, in ctid order. */
export function* selectVisible(relation: ReplayedRelation, transactions: Transactions): Generator<Selected> {
  yield* select(relation, (tuple) => isVisible(tuple, transactions));
  for (const { xmin, xmax, ...row } of relation.unknownRows()) {
    // of a transaction whose fate is unknown, the row may be there
    const born = xmin === undefined ? 'committed' : transactions.log.status(xmin);
    if (born === 'aborted' || born === 'in-progress') continue;
    if (xmax !== undefined && transactions.log.status(xmax) === 'committed') continue;
    yield { kind: 'missing', row: missing(relation, row) };
  }
}

/**
 * The rows that transactions deleted (not those that they updated), as they were before, in ctid order.
 * @param tellUpdated told at the end how many they updated
 */
export function* selectDeleted(
  relation: ReplayedRelation,
  transactions: Transactions,
  xids: ReadonlySet<number>,
  tellUpdated: (count: number) => void,
): Generator<Selected> {
  const deleted = new DeletedRows(relation, transactions, xids);
  yield* select(relation, (_, placed) => deleted.has(placed));
  for (const tid of deleted.withoutValues()) yield { kind: 'missing', row: missing(relation, tid) };
  tellUpdated(deleted.updated);
}

/** All versions there are or were, in ctid order, those that were pruned away before what took their place. */
export function* selectVersions(relation: ReplayedRelation): Generator<Selected> {
  for (const placed of relation.history()) yield { kind: 'tuple', placed };
  for (const row of relation.unknownRows()) yield { kind: 'missing', row: missing(relation, row) };
}

const missing = ({ damage }: ReplayedRelation, { block, offset }: TupleId): MissingRow => ({
  tid: { block, offset },
  reason: damage.whyUnknown(block),
});

function* select(
  relation: ReplayedRelation,
  wanted: (tuple: TupleHeader, placed: PlacedTuple) => boolean,
): Generator<Selected> {
  for (const placed of relation.tuples()) {
    try {
      if (wanted(new TupleHeader(placed.tuple), placed)) yield { kind: 'tuple', placed };
    } catch (error) {
      if (!isRowProblem(error)) throw error;
      yield { kind: 'missing', row: { ...missing(relation, placed), reason: error.said } };
    }
  }
}
