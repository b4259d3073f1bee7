import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { checkFit, deformTuple, type PlacedTuple, type Stored, TupleHeader, type TupleId } from './tuple.js';
import { checkStored, formatStored } from './types/index.js';
import { hex } from './types/strings.js';
import { type Column, type Type, type TypeContext, UnknownType } from './types/type.js';
import type { FetchToast } from './varlena.js';

/** A value as typed data: what type it is of, and its text. */
export interface Value {
  /** The oid of its type. */
  type: number;
  /**
   * As PostgreSQL prints it; null for NULL. The stored bytes in hexadecimal, behind `unknown:`, where
   * {@link Value.unknown} is set.
   */
  text: string | null;
  /** The type is not known to walscan. */
  unknown?: true;
}

/** A row of a table, a version of it to be exact. */
export interface Row {
  tid: TupleId;
  /** The transactions that made and that ended this version as the tuple has them; 0 where none ended it. */
  xmin: number;
  xmax: number;
  /** In the order of the table's columns, without the dropped ones. */
  values: Value[];
}

/** What marks the bytes of a value that cannot be printed. */
const UNKNOWN = 'unknown:\\x';

/** Turns tuples of one table into rows. */
export class RowReader {
  /** The columns that a row has values of: not the dropped ones, nor those that are computed when read. */
  readonly columns: readonly Column[];

  constructor(
    private readonly attributes: readonly Column[],
    private readonly context: TypeContext,
    private readonly fetch: FetchToast,
    /** Nothing but a guess says that the tuples are of these columns: what does not fit to the byte is refused. */
    private readonly isGuess = false,
  ) {
    this.columns = attributes.filter(hasValue);
  }

  /** @throws WalError where values are damaged or lie in a TOAST table that is not at hand */
  read({ tuple, block, offset }: PlacedTuple): Row {
    const header = new TupleHeader(tuple);
    const stored = deformTuple(tuple, this.attributes);
    if (this.isGuess) checkFit(tuple, stored, this.attributes);
    const values = this.attributes.flatMap((column, i) =>
      hasValue(column) ? [this.value(stored[i], column)] : [],
    );
    return { tid: { block, offset }, xmin: header.xmin, xmax: header.xmax, values };
  }

  /**
   * Whether what a tuple was split into are values of the columns: throws as {@link read} does of a guess, with less work.
   */
  check(stored: readonly Stored[]): void {
    this.attributes.forEach((column, i) => {
      const value = stored[i];
      if (value === null || !hasValue(column)) return;
      try {
        checkStored(value, this.typeOf(column), this.context, this.fetch);
      } catch (error) {
        throw inColumn(column, error, value);
      }
    });
  }

  /** @throws UnknownType */
  private typeOf({ type: oid }: Column): Type {
    const type = this.context.type(oid);
    if (!type) throw new UnknownType(oid);
    return type;
  }

  private value(stored: Uint8Array | null, column: Column): Value {
    if (stored === null) return { type: column.type, text: null };
    try {
      const type = this.typeOf(column);
      return { type: column.type, text: formatStored(stored, type, this.context, this.fetch) };
    } catch (error) {
      if (!(error instanceof UnknownType) || this.isGuess) throw inColumn(column, error, stored);
      return { type: column.type, text: UNKNOWN + hex(stored), unknown: true };
    }
  }
}

/** Says of an error in which column it was found. */
function inColumn({ name }: Column, error: unknown, stored: Uint8Array): unknown {
  // what engines throw where a string, or an array of its parts, would be longer than any can be
  if (error instanceof RangeError) {
    const text = message`column ${name}: the text of a value of ${stored.length} stored bytes is too long`;
    return new WalError('value-too-large', text, { cause: error });
  }
  if (!isRowProblem(error)) return error;
  const code = error.code === 'out-of-bounds' ? 'corrupt-value' : error.code;
  return new WalError(code, message`column ${name}: ${error.said}`, { cause: error });
}

const hasValue = (column: Column): boolean => !column.dropped && column.generated !== 'v';

/** Whether an error says that a row cannot be had, rather than that walscan, or the disk it works on, is at fault. */
export const isRowProblem = (error: unknown): error is WalError =>
  error instanceof WalError && error.kind !== 'system';
