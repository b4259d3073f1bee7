import { isRowProblem, type Row, RowReader } from '../../heap/row.js';
import {
  checkFit,
  deformTuple,
  formatTupleId,
  HEAP_HASEXTERNAL,
  type PlacedTuple,
  type Stored,
  TupleHeader,
} from '../../heap/tuple.js';
import type { Column, TypeContext } from '../../heap/types/type.js';
import { noToast, readVarlena } from '../../heap/varlena.js';
import { isBorn, type Transactions } from '../../heap/visibility.js';
import type { ReplayedRelation } from '../../replay/replayed-relation.js';
import { WalError } from '../../wal/error.js';
import { message, several } from '../../wal/message.js';
import { badColumns } from './columns.js';

/**
 * Columns that no catalog tells but the user, who may be wrong. Nothing in a tuple says of which types its values are;
 * but wrong ones hardly fit all rows of a table.
 */

/**
 * Holds columns against all rows that count; but of a row with a value in a TOAST table only the lengths, for it is not
 * known before which table that is.
 * @returns the number of the TOAST table that rows point to, where any does
 * @throws WalError `bad-columns`
 */
export function checkColumns(
  relation: ReplayedRelation,
  columns: readonly Column[],
  context: TypeContext,
  transactions: Transactions,
): number | undefined {
  const reader = new RowReader(columns, context, noToast);
  let toast: number | undefined;
  let most = 0;
  let misfit: WalError | undefined;
  for (const placed of relation.allTuples()) {
    const { tuple } = placed;
    const header = new TupleHeader(tuple);
    if (misfit === undefined && header.infomask & HEAP_HASEXTERNAL) {
      toast ??= toastRelationIn(tuple, columns);
    }
    if (!counts(header, transactions)) continue;
    most = Math.max(most, header.attributeCount);
    const isToasted = toast !== undefined && header.infomask & HEAP_HASEXTERNAL;
    misfit ??= misfitOf(placed, () => {
      const stored = checkLayout(tuple, columns);
      if (!isToasted) reader.check(stored);
    });
  }
  if (most > columns.length) {
    const given = several(columns.length, '{0} is given', '{0} are given');
    throw badColumns(message`the rows have ${most} columns, counting dropped ones, and ${given}`);
  }
  if (misfit) throw misfit;
  return toast;
}

/**
 * The same for the values of rows of which some lie in a TOAST table, once that is at hand.
 * @throws WalError `bad-columns`
 */
export function checkToasted(
  relation: ReplayedRelation,
  columns: readonly Column[],
  reader: RowReader,
  transactions: Transactions,
): void {
  for (const placed of relation.allTuples()) {
    const { tuple } = placed;
    const header = new TupleHeader(tuple);
    if (!(header.infomask & HEAP_HASEXTERNAL) || !counts(header, transactions)) continue;
    const misfit = misfitOf(placed, () => reader.check(deformTuple(tuple, columns)));
    if (misfit) throw misfit;
  }
}

/** The number of the TOAST table that a tuple points to; undefined of one that the columns do not fit, too. */
function toastRelationIn(tuple: Uint8Array, columns: readonly Column[]): number | undefined {
  let stored: Stored[];
  try {
    stored = deformTuple(tuple, columns);
  } catch (error) {
    if (isRowProblem(error)) return undefined;
    throw error;
  }
  for (const [i, value] of stored.entries()) {
    const varlena = value && columns[i].length === -1 ? readVarlena(value) : undefined;
    if (varlena?.kind === 'external') return varlena.pointer.toastRelation;
  }
  return undefined;
}

/** Versions of rows that a transaction wrote which was rolled back may have columns that the table never got. */
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

function misfitOf(placed: PlacedTuple, check: () => void): WalError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (!isRowProblem(error)) throw error;
    // what lies in a TOAST table that is not at hand says nothing of the columns
    if (error.code === 'missing-toast') return undefined;
    const count = attributesOf(placed.tuple);
    const columns = several(count, 'one column', '{0} columns, counting dropped ones');
    return badColumns(
      message`they do not fit the row at ${formatTupleId(placed)}, which has ${columns}: ${error.said}`,
    );
  }
}

/** Holds the lengths of columns against a tuple, and gives its values. @throws WalError with the name of the first column that does not fit */
function checkLayout(tuple: Uint8Array, columns: readonly Column[]): Stored[] {
  let stored: Stored[];
  try {
    stored = deformTuple(tuple, columns);
  } catch (error) {
    if (!isRowProblem(error)) throw error;
    const name = firstUnfit(tuple, columns)?.name;
    throw new WalError('corrupt-tuple', message`column ${String(name)}: ${error.said}`, { cause: error });
  }
  checkFit(tuple, stored, columns);
  return stored;
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
          message`${rows} rows hold no value of column ${name}: they are older than the column, if the table has it, and given with NULL, though it may have got a default when it was added, which only a backup tells`,
        ),
    );
    const other = Array.from(
      this.otherText,
      ([name, rows]) =>
        new WalError(
          'unknown-encoding',
          message`${rows} values of column ${name} are no UTF-8: they are right if the database has another encoding, and else the column is of another type`,
        ),
    );
    return [...older, ...other];
  }
}

const addOne = (counts: Map<string, number>, name: string): unknown =>
  counts.set(name, (counts.get(name) ?? 0) + 1);
