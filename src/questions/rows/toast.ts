import { isRowProblem } from '../../heap/row.js';
import { ToastTable } from '../../heap/toast.js';
import { TupleHeader } from '../../heap/tuple.js';
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
  const add = (tuple: Uint8Array, place: number): void => {
    try {
      if (bornOf(new TupleHeader(tuple), transactions) !== 'aborted') table.add(tuple, place);
    } catch (error) {
      // what needs the chunk will say that it is not there
      if (!isRowProblem(error)) throw error;
    }
  };
  for (const [entry, { tuple }] of relation.removed.entries()) add(tuple, -1 - entry);
  for (const { block, offset, tuple } of relation.tuples()) add(tuple, block * OFFSETS + offset);
  return table;
}
