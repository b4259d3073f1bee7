import type { KeepColumn } from '../../follow/columns.js';
import { matchesAny, type Relation, type RelationFilter, Relations } from '../../follow/relation.js';
import { type RowChangesColumns, type RowChangesTable, tableOfColumns } from '../../follow/row-changes.js';
import { message } from '../../wal/message.js';
import type { RelFileLocator } from '../../wal/record.js';
import type { IncidentRows } from '../incidents/scan.js';
import type { FactEvents } from './events.js';
import type { TablesAt } from './facts-at.js';
import type { ColumnName } from './parquet.js';

const RELATION = ['tablespace', 'database', 'relfilenode'] as const;

const CHANGES = [
  ...(['xid', 'top_xid', 'first_at', 'last_after', 'end_after'] as const),
  ...(['inserted', 'updated', 'deleted', 'moved'] as const),
  ...(['last_insert_after', 'last_insert_block', 'last_insert_offset'] as const),
  ...(['first_delete_after', 'last_delete_after'] as const),
];

/**
 * The changes of rows of the relations that are asked for. Of other rows it is only read which relation they are of.
 * @throws WalError `bad-facts`
 */
export async function readChanges(
  facts: TablesAt,
  filters: readonly RelationFilter[],
  ended: FactEvents,
  keep: KeepColumn,
): Promise<RowChangesTable> {
  const { columns, ...rest } = await readChangeColumns(facts, filters, ended);
  return tableOfColumns(columns, facts.start, rest, keep);
}

/** Changes of rows in columns, with places from the start of the facts. */
export interface ChangeColumns extends Omit<RowChangesTable, 'length' | 'rows'> {
  columns: RowChangesColumns;
}

/** As {@link readChanges}. @param filters left out, those of all relations */
export async function readChangeColumns(
  facts: TablesAt,
  filters: readonly RelationFilter[] | undefined,
  ended: FactEvents,
): Promise<ChangeColumns> {
  const numbers = new Set(filters?.map(({ relNumber }) => relNumber));
  const files = await readRelations(facts);
  const chosen = rowsWhere(
    files.rows,
    (row) =>
      filters === undefined || (numbers.has(files.relNumberOf(row)) && matchesAny(filters, files.of(row))),
  );
  const rows = await ChosenRows.read(facts, CHANGES, chosen);
  const [inserted, deleted] = [rows.numbers('inserted'), rows.numbers('deleted')];
  const { relations, numbersOf } = numbered(rows.chosen, files);
  const columns = {
    ...{ xid: rows.numbers('xid'), relation: numbersOf, end: rows.ends(ended) },
    ...{ firstAt: rows.firstAt, lastAt: rows.places('last_after') },
    ...{ inserted, updated: rows.numbers('updated'), deleted, moved: rows.numbers('moved') },
    lastInsertAt: rows.places('last_insert_after', inserted),
    lastInsertBlock: rows.numbers('last_insert_block'),
    lastInsertOffset: rows.numbers('last_insert_offset'),
    firstDeleteAt: rows.places('first_delete_after', deleted),
    lastDeleteAt: rows.places('last_delete_after', deleted),
  };
  const topXids = new Map<number, number>();
  for (const [row, topXid] of rows.numbers('top_xid').entries()) if (topXid !== 0) topXids.set(row, topXid);
  const { speculative, settled } = facts.state.unsettled;
  return {
    ...{ columns, relations, topXids },
    speculative: new Map(renumbered(speculative, rows.chosen)),
    settled: new Map(renumbered(settled, rows.chosen)),
  };
}

const COUNTS = ['xid', 'first_at', 'last_after', 'end_after', 'deleted', 'updated'] as const;

/** How many rows transactions deleted and updated. @throws WalError `bad-facts` */
export async function readCounts(
  facts: TablesAt,
  ended: FactEvents,
  keep: KeepColumn,
): Promise<Pick<IncidentRows, 'counts' | 'relations'>> {
  const { rows: all, columns } = await facts.columns('changes', ['deleted', 'updated']);
  const chosen = rowsWhere(all, (row) => columns.deleted[row] !== 0 || columns.updated[row] !== 0);
  const rows = await ChosenRows.read(facts, COUNTS, chosen);
  const { relations, numbersOf } = numbered(rows.chosen, await readRelations(facts));
  const lsnsOf = (places: Int32Array): BigUint64Array =>
    BigUint64Array.from(places, (place) => facts.start + BigInt(place));
  return {
    counts: {
      ...{ lsns: keep(lsnsOf(rows.firstAt)), lastLsns: keep(lsnsOf(rows.places('last_after'))) },
      ...{ xids: keep(rows.numbers('xid')), relations: keep(numbersOf) },
      ...{ deleted: keep(rows.numbers('deleted')), updated: keep(rows.numbers('updated')) },
      ends: keep(rows.ends(ended)),
    },
    relations,
  };
}

function rowsWhere(rows: number, isWanted: (row: number) => boolean): Uint32Array {
  const chosen: number[] = [];
  for (let row = 0; row < rows; row++) if (isWanted(row)) chosen.push(row);
  return Uint32Array.from(chosen);
}

/** Of which relation the rows of a table are. */
interface RowRelations {
  rows: number;
  relNumberOf(row: number): number;
  of(row: number): RelFileLocator;
}

async function readRelations(facts: TablesAt): Promise<RowRelations> {
  const { rows, columns } = await facts.columns('changes', RELATION);
  const { tablespace, database, relfilenode } = columns as Record<string, ArrayLike<number>>;
  return {
    rows,
    relNumberOf: (row) => relfilenode[row],
    of: (row) => ({ spcOid: tablespace[row], dbOid: database[row], relNumber: relfilenode[row] }),
  };
}

/** The relations of some rows, each once, and of each row its number among them. */
function numbered(
  chosen: Uint32Array,
  files: RowRelations,
): { relations: Relation[]; numbersOf: Uint32Array } {
  const known = new Relations();
  const numbers = new Map<Relation, number>();
  const numbersOf = chosen.map((row) => {
    const relation = known.of(files.of(row));
    let number = numbers.get(relation);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(relation, number);
    }
    return number;
  });
  return { relations: [...numbers.keys()], numbersOf };
}

/** Up to so many rows, a position in a segment and a number of a row fit into one number. */
const MOST_AS_NUMBERS = 2 ** 22;

/** Rows in the order of what a column has of them. Sorting numbers takes a tenth of the time of a comparison. */
function sortedBy(rows: Uint32Array, column: ArrayLike<number>): Uint32Array {
  if (rows[rows.length - 1] >= MOST_AS_NUMBERS) return rows.toSorted((a, b) => column[a] - column[b]);
  const keys = Float64Array.from(rows, (row) => column[row] * MOST_AS_NUMBERS + row).sort();
  return Uint32Array.from(keys, (key) => key % MOST_AS_NUMBERS);
}

type Column = ColumnName<'changes'>;

/** Some rows of the table `changes`, in the order of the first record. */
class ChosenRows {
  private constructor(
    private readonly facts: TablesAt,
    private readonly columns: Readonly<Partial<Record<Column, ArrayLike<unknown>>>>,
    /** Their numbers in the table. */
    readonly chosen: Uint32Array,
    readonly firstAt: Int32Array,
  ) {}

  /** @param names `first_at` among them */
  static async read(facts: TablesAt, names: readonly Column[], rows: Uint32Array): Promise<ChosenRows> {
    if (rows.length === 0) return new ChosenRows(facts, {}, rows, new Int32Array());
    const { columns } = await facts.columns('changes', names);
    const first = columns.first_at as ArrayLike<number>;
    const chosen = sortedBy(rows, first);
    const firstAt = Int32Array.from(chosen, (row) => facts.checkedPlace('changes', first[row]));
    return new ChosenRows(facts, columns, chosen, firstAt);
  }

  numbers(name: Column): Uint32Array {
    const values = this.columns[name] as ArrayLike<number>;
    return this.chosen.map((row) => values[row]);
  }

  /** @param counts where 0 of these are, there is no place */
  places(name: Column, counts?: Uint32Array): Int32Array {
    const values = this.columns[name] as ArrayLike<number>;
    return this.firstAt.map((first, i) => {
      return counts?.[i] === 0 ? 0 : this.facts.checkedPlace('changes', first + values[this.chosen[i]]);
    });
  }

  /** One more than the index of the event that ends a row's transaction id; 0 where none does. */
  ends(ended: FactEvents): Uint32Array {
    const after = this.numbers('end_after');
    const xids = this.numbers('xid');
    return after.map((distance, i) => {
      if (distance === 0) return 0;
      const event = ended.eventAt(this.firstAt[i] + distance);
      if (event !== undefined && ended.isEndOf(event, xids[i])) return event + 1;
      throw this.facts.contradiction(
        'changes',
        message`nothing ends transaction ${xids[i]} where it says so`,
      );
    });
  }
}

/** What belongs to rows by their numbers, by the numbers that the chosen ones have among each other. */
function renumbered<T>(all: readonly [number, T][], chosen: Uint32Array): [number, T][] {
  if (all.length === 0) return [];
  const numbers = new Map(Array.from(chosen, (row, i) => [row, i]));
  return all.flatMap(([row, one]): [number, T][] => {
    const number = numbers.get(row);
    return number === undefined ? [] : [[number, one]];
  });
}
