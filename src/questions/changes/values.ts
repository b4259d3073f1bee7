import { isRowProblem } from '../../heap/row.js';
import { deformTuple } from '../../heap/tuple.js';
import { formatStored } from '../../heap/types/index.js';
import { type Type, type TypeContext, UnknownType } from '../../heap/types/type.js';
import { detoast, type FetchToast } from '../../heap/varlena.js';
import type { LiveTable } from '../../replay/live-catalog.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { ChangedValue } from './change.js';
import { hasValue } from './table.js';

/** How many values were not known so far, a row of which nothing is known for one. */
export interface UnknownValues {
  count: number;
}

/** Reads the values of one table's tuples. */
export class ValueReader {
  constructor(
    readonly table: LiveTable,
    readonly context: TypeContext,
    private readonly fetch: FetchToast,
    private readonly unknown: UnknownValues,
  ) {}

  /** The values of a tuple, in the order of the columns that have some; undefined where the tuple is damaged. */
  read(tuple: Uint8Array): ChangedValue[] | undefined {
    const { columns } = this.table;
    try {
      const stored = deformTuple(tuple, columns);
      const values: ChangedValue[] = [];
      for (let i = 0; i < columns.length; i++) {
        if (hasValue(columns[i])) values.push(this.value(stored[i], columns[i].type));
      }
      return values;
    } catch (error) {
      if (error instanceof LackingBlocks || !isRowProblem(error)) throw error;
      return undefined;
    }
  }

  private value(stored: Uint8Array | null, oid: number): ChangedValue {
    return stored === null ? null : this.attempt(() => this.print(stored, oid));
  }

  /** What the output function of its type prints of a value. @throws WalError where it is not known */
  print(stored: Uint8Array, oid: number): string {
    return formatStored(stored, this.typeOf(oid), this.context, this.fetch);
  }

  /** The data of a varlena. @throws WalError where they are not known */
  data(stored: Uint8Array): Uint8Array {
    return detoast(stored, this.fetch);
  }

  private typeOf(oid: number): Type {
    const type = this.table.type(oid);
    if (type === undefined) throw new UnknownType(oid);
    return type;
  }

  /** What is made of a value; undefined where that is not known, which is counted. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof LackingBlocks || !(isRowProblem(error) || error instanceof RangeError))
        throw error;
    }
    this.unknown.count++;
    return undefined;
  }
}

/** A value of a catalog as its type prints it; undefined where it is damaged, elsewhere, or of a type that is not known. */
export function textIfKnown(stored: Uint8Array, type: Type, context: TypeContext): string | undefined {
  try {
    return formatStored(stored, type, context);
  } catch (error) {
    if (isRowProblem(error) || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Thrown where a value, or a name that it prints, lies in blocks of a backup that have not been read. */
export class LackingBlocks extends WalError {
  constructor() {
    super('missing-toast', message`a value needs a part of the backup that was not read so far`);
  }
}
