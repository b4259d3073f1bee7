import { isRowProblem } from '../../heap/row.js';
import { deformTuple } from '../../heap/tuple.js';
import { formatStored } from '../../heap/types/index.js';
import type { TypeContext } from '../../heap/types/type.js';
import type { FetchToast } from '../../heap/varlena.js';
import type { LiveTable } from '../../replay/live-catalog.js';
import { WalError } from '../../wal/error.js';
import type { ChangedValue } from './change.js';
import { hasValue } from './table.js';

/** Reads the values of one table's tuples. */
export class ValueReader {
  /** How many were not known. */
  unknown = 0;

  constructor(
    private readonly table: LiveTable,
    private readonly context: TypeContext,
    private readonly fetch: FetchToast,
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
    if (stored === null) return null;
    const type = this.table.type(oid);
    try {
      if (type) return formatStored(stored, type, this.context, this.fetch);
    } catch (error) {
      if (error instanceof LackingBlocks || !(isRowProblem(error) || error instanceof RangeError))
        throw error;
    }
    this.unknown++;
    return undefined;
  }
}

/** Thrown where a value, or a name that it prints, lies in blocks of a backup that have not been read. */
export class LackingBlocks extends WalError {
  constructor() {
    super('missing-toast', 'a value needs a part of the backup that was not read so far');
  }
}
