import { isRowProblem, type Row, type RowReader } from '../../heap/row.js';
import {
  checkFit,
  deformTuple,
  formatTupleId,
  type PlacedTuple,
  type Stored,
  TupleHeader,
} from '../../heap/tuple.js';
import type { Column } from '../../heap/types/type.js';
import { isBorn, type Transactions } from '../../heap/visibility.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { WalError } from '../../wal/error.js';
import { badColumns } from './columns.js';

/**
 * Columns that no catalog tells but the user, who may be wrong. Nothing in a tuple says of which types its values are;
 * but wrong ones hardly fit all rows of a table.
 */

/**
 * Holds the number of columns and their lengths against all rows that count.
 * @throws WalError `bad-columns`
 */
export function checkLayout(
  relation: ReplayedRelation,
  columns: readonly Column[],
  transactions: Transactions,
): void {
  let most = 0;
  for (const { tuple } of tuplesThatCount(relation, transactions)) most = Math.max(most, attributesOf(tuple));
  if (most > columns.length) {
    const given = columns.length === 1 ? '1 is given' : `${columns.length} are given`;
    throw badColumns(`the rows have ${most} columns, counting dropped ones, and ${given}`);
  }
  for (const placed of tuplesThatCount(relation, transactions)) {
    checkRow(placed, ({ tuple }) => checkTuple(tuple, columns));
  }
}

/** Holds all values of the rows that count against their types. @throws WalError `bad-columns` */
export function checkValues(relation: ReplayedRelation, reader: RowReader, transactions: Transactions): void {
  for (const placed of tuplesThatCount(relation, transactions)) checkRow(placed, () => reader.read(placed));
}

/** Versions of rows that a transaction wrote which was rolled back may have columns that the table never got. */
function* tuplesThatCount(relation: ReplayedRelation, transactions: Transactions): Generator<PlacedTuple> {
  for (const placed of relation.allTuples()) {
    if (counts(new TupleHeader(placed.tuple), transactions)) yield placed;
  }
}

function counts(header: TupleHeader, transactions: Transactions): boolean {
  try {
    return isBorn(header, transactions);
  } catch (error) {
    // where it is not known what became of the transaction, it nearly always committed
    if (error instanceof WalError && error.kind === 'undecided') return true;
    throw error;
  }
}

const attributesOf = (tuple: Uint8Array): number => new TupleHeader(tuple).attributeCount;

function checkRow(placed: PlacedTuple, check: (placed: PlacedTuple) => void): void {
  try {
    check(placed);
  } catch (error) {
    // what lies in a TOAST table that is not at hand says nothing of the columns
    if (!isRowProblem(error) || error.code === 'missing-toast') return;
    const count = attributesOf(placed.tuple);
    const columns = count === 1 ? 'one column' : `${count} columns, counting dropped ones`;
    throw badColumns(
      `they do not fit the row at ${formatTupleId(placed)}, which has ${columns}: ${error.message}`,
    );
  }
}

/** @throws WalError with the name of the first column that does not fit */
function checkTuple(tuple: Uint8Array, columns: readonly Column[]): void {
  let stored: Stored[];
  try {
    stored = deformTuple(tuple, columns);
  } catch (error) {
    if (!isRowProblem(error)) throw error;
    const name = firstUnfit(tuple, columns)?.name;
    throw new WalError('corrupt-tuple', `column ${name}: ${error.message}`, { cause: error });
  }
  checkFit(tuple, stored, columns);
}

/** The first column that cannot be taken out of a tuple. */
function firstUnfit(tuple: Uint8Array, columns: readonly Column[]): Column | undefined {
  return columns.find((_, i) => {
    try {
      deformTuple(tuple, columns.slice(0, i + 1));
      return false;
    } catch {
      return true;
    }
  });
}

/** What cannot be known of rows that were read by such columns. */
export class GivenColumnNotes {
  /** How many rows have nothing of a column, and how many texts of a column are no UTF-8. */
  private readonly unwritten = new Map<string, number>();
  private readonly otherText = new Map<string, number>();

  constructor(private readonly columns: readonly Column[]) {}

  clear(): void {
    this.unwritten.clear();
    this.otherText.clear();
  }

  add({ tuple }: PlacedTuple, { values }: Row): void {
    const count = attributesOf(tuple);
    this.columns.forEach(({ name }, i) => {
      if (i >= count) addOne(this.unwritten, name);
      // bytes that are no UTF-8 are kept as lone surrogates (`decodeText`)
      else if (values[i].text?.match(/[\udc80-\udcff]/u)) addOne(this.otherText, name);
    });
  }

  get problems(): WalError[] {
    const older = Array.from(
      this.unwritten,
      ([name, rows]) =>
        new WalError(
          'unknown-default',
          `${rows} rows hold no value of column ${name}: they are older than the column, if the table has it, and given with NULL, though it may have got a default when it was added, which only a backup tells`,
        ),
    );
    const other = Array.from(
      this.otherText,
      ([name, rows]) =>
        new WalError(
          'unknown-encoding',
          `${rows} values of column ${name} are no UTF-8: they are right if the database has another encoding, and else the column is of another type`,
        ),
    );
    return [...older, ...other];
  }
}

const addOne = (counts: Map<string, number>, name: string): unknown =>
  counts.set(name, (counts.get(name) ?? 0) + 1);
