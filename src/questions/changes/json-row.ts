import { isRowProblem } from '../../heap/row.js';
import { locateValues, NULL } from '../../heap/tuple.js';
import type { TuplePlace } from '../../replay/tuple-change.js';
import type { JsonBuffer } from '../../text/json-buffer.js';
import { type AsciiText, ascii, fixedText } from '../../text/text-buffer.js';
import type { ChangedColumn } from './change.js';
import { printedJson, type WriteJson, writerOf } from './json-value.js';
import { hasValue } from './table.js';
import { LackingBlocks, type ValueReader } from './values.js';

const VALUE = '"value":';
const UNKNOWN = ascii('"unknown":true');
const NULL_VALUE = ascii('null');
const END_OF_VALUE = ascii('}');
const END = ascii(']');

/** A column, and how its values are written. */
interface JsonColumn {
  /** Its place among the columns that a tuple may have. */
  place: number;
  typeOid: number;
  missing: Uint8Array | undefined;
  /** What comes before a value: the end of the column before it, its name and its type. */
  head: AsciiText;
  /** Undefined where values go by way of their text. */
  write: WriteJson | undefined;
  isVarlena: boolean;
}

/** Writes the values of a table's tuples, straight from their bytes where that can be. */
export class JsonRow {
  private readonly columns: readonly JsonColumn[];
  private readonly places: Int32Array;

  constructor(
    columns: readonly ChangedColumn[],
    private readonly reader: ValueReader,
  ) {
    const { table } = reader;
    const shown = table.columns.flatMap((column, place) => (hasValue(column) ? [{ column, place }] : []));
    this.columns = columns.map(({ name, type, typeOid }, i): JsonColumn => {
      const { column, place } = shown[i];
      const known = table.type(typeOid);
      const isPlain = known?.kind === 'base' && known.length === column.length;
      const text = `${i === 0 ? '' : '},'}{"name":${JSON.stringify(name)},"type":${JSON.stringify(type)},${VALUE}`;
      return {
        ...{ place, typeOid, missing: column.missing, head: fixedText(text) },
        ...{ write: isPlain ? writerOf(typeOid) : undefined, isVarlena: column.length === -1 },
      };
    });
    this.places = new Int32Array(2 * table.columns.length);
  }

  /**
   * Writes what comes between the brackets of a row's values, and the one that closes.
   * @returns whether the tuple could be read
   */
  write(out: JsonBuffer, { bytes, start, end, isKnown }: TuplePlace): boolean {
    const isRead = isKnown && this.locate(bytes, start, end);
    const { columns, places } = this;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      out.ascii(column.head);
      const from = places[2 * column.place];
      if (!isRead) unknown(out);
      else if (from >= 0) this.value(out, column, bytes, from, places[2 * column.place + 1]);
      else if (from === NULL || column.missing === undefined) out.ascii(NULL_VALUE);
      else this.value(out, column, column.missing, 0, column.missing.length);
    }
    if (columns.length > 0) out.ascii(END_OF_VALUE);
    out.ascii(END);
    return isRead;
  }

  private locate(bytes: Uint8Array, start: number, end: number): boolean {
    try {
      locateValues(bytes, start, end, this.reader.table.columns, this.places);
      return true;
    } catch (error) {
      if (error instanceof LackingBlocks || !isRowProblem(error)) throw error;
      return false;
    }
  }

  private value(out: JsonBuffer, column: JsonColumn, bytes: Uint8Array, start: number, end: number): void {
    const { write, isVarlena } = column;
    const mark = out.length;
    if (write !== undefined) {
      const from = isVarlena ? plainData(bytes, start) : start;
      if (from >= 0 && write(out, bytes, from, end, this.reader.context)) return;
      out.length = mark;
    }
    const stored = bytes.subarray(start, end);
    if (this.reader.attempt(() => this.print(out, column, stored))) return;
    out.length = mark;
    unknown(out);
  }

  /** @throws WalError where the value is not known */
  private print(out: JsonBuffer, { write, isVarlena, typeOid }: JsonColumn, stored: Uint8Array): boolean {
    const mark = out.length;
    if (write !== undefined && isVarlena) {
      const data = this.reader.data(stored);
      if (write(out, data, 0, data.length, this.reader.context)) return true;
      out.length = mark;
    }
    out.text(printedJson(this.reader.print(stored, typeOid), typeOid));
    return true;
  }
}

/** Where the data of a varlena begin that are neither compressed nor elsewhere; negative where they are. */
function plainData(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first & 1) return first === 1 ? -1 : start + 1;
  return first & 2 ? -1 : start + 4;
}

/** Says in place of a value that there is none. */
function unknown(out: JsonBuffer): void {
  out.length -= VALUE.length;
  out.ascii(UNKNOWN);
}
