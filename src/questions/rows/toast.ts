import { ToastTable } from '../../heap/toast.js';
import { type PlacedTuple, TupleHeader } from '../../heap/tuple.js';
import type { FetchToast } from '../../heap/varlena.js';
import type { Transactions } from '../../heap/visibility.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { bornOf } from './lifetime.js';

/** Offsets have 16 bits. */
const OFFSETS = 0x10000;

/** The values that a TOAST table holds or held. It is gone through when the first of them is asked for. */
export function toastOf(relation: ReplayedRelation, transactions: Transactions): FetchToast {
  let collected: { table: ToastTable } | { error: unknown } | undefined;
  return (pointer) => {
    if (collected === undefined) {
      try {
        collected = { table: collect(relation, transactions) };
      } catch (error) {
        // once is enough: every value would fail alike
        collected = { error };
      }
    }
    if ('error' in collected) throw collected.error;
    return collected.table.fetch(pointer);
  };
}

/** Chunks of transactions that came to nothing do not count. */
function collect(relation: ReplayedRelation, transactions: Transactions): ToastTable {
  // places below zero are those of tuples that went from their pages
  const table = new ToastTable((place) =>
    place < 0
      ? relation.removed.read(-1 - place)
      : relation.tuple({ block: Math.floor(place / OFFSETS), offset: place % OFFSETS }),
  );
  const add = (placed: PlacedTuple, place: number): void => {
    const { tuple } = placed;
    relation.guard(placed, () => {
      if (bornOf(new TupleHeader(tuple), transactions) !== 'aborted') table.add(tuple, place);
    });
  };
  for (const [entry, placed] of relation.removed.entries()) add(placed, -1 - entry);
  for (const placed of relation.tuples()) add(placed, placed.block * OFFSETS + placed.offset);
  return table;
}
