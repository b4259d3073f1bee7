import { type FileMetaData, snappyUncompress } from 'hyparquet';
import type { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { CompactReader } from './compact-reader.js';
import { noFacts } from './no-facts.js';

/** A column as its pages have it. */
export interface PagedColumn {
  name: string;
  isInt64: boolean;
  isBoolean: boolean;
  /** Bits that a level takes; 0 where there are none. */
  repetitionWidth: number;
  definitionWidth: number;
}

/** Bytes that pages of one table may come to: the largest column is the state of a segment. */
const MOST_UNPACKED = 256 * 1024 * 1024;

/** Of 3 bytes Snappy makes 64 at most: a copy. */
const MOST_OF_SNAPPY = 22;

/** Where a record has 12 bytes for each row, it has 4 for each value of a list, and a dictionary may have each once more. */
const VALUES_OF_ROW = 8;

/** Numbers of the format (parquet.thrift): PageType, Encoding. */
const DICTIONARY_PAGE = 2;
const DATA_PAGE_V2 = 3;
const PLAIN = 0;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const RLE_DICTIONARY = 8;

/**
 * Checks what the pages of columns claim, since hyparquet believes them: how many bytes they come to, and how many values;
 * so a few bytes come to no more than a table may have.
 * @param columns all of the table
 * @param most rows
 * @throws WalError `bad-facts`, without the file's name, which says what is wrong
 */
export function checkPages(
  bytes: Uint8Array,
  { row_groups: groups }: FileMetaData,
  columns: readonly PagedColumn[],
  names: ReadonlySet<string>,
  most: number,
): void {
  const left = { stored: bytes.length, unpacked: MOST_UNPACKED, rows: most, values: VALUES_OF_ROW * most };
  for (const group of groups) {
    const rows = Number(group.num_rows);
    left.rows -= rows;
    if (rows < 0 || left.rows < 0 || group.columns.length !== columns.length) throw tooMuch(message`rows`);
    for (const [i, column] of columns.entries()) {
      const { meta_data: data, offset_index_offset: index } = group.columns[i];
      if (data === undefined || index !== undefined) throw noFacts(message`${column.name} has no pages`);
      const start = Number(data.dictionary_page_offset || data.data_page_offset);
      const size = Number(data.total_compressed_size);
      left.stored -= size;
      if (start < 0 || size < 0 || start + size > bytes.length || left.stored < 0)
        throw tooMuch(message`bytes`);
      if (data.path_in_schema[0] !== column.name) throw noFacts(message`${column.name} is another column`);
      if (!names.has(column.name)) continue;
      const pages = new ColumnPages(bytes.subarray(start, start + size), column, data.codec, left);
      const values = pages.check();
      if (column.repetitionWidth === 0 && values !== rows) throw tooMuch(message`values in ${column.name}`);
    }
  }
}

const tooMuch = (what: Message): WalError => noFacts(message`it claims other ${what} than it can have`);

/** What may still be taken. */
interface Left {
  unpacked: number;
  values: number;
}

/** The pages of a column in a row group. */
class ColumnPages {
  constructor(
    private readonly bytes: Uint8Array,
    private readonly column: PagedColumn,
    private readonly codec: string,
    private readonly left: Left,
  ) {
    if (codec !== 'UNCOMPRESSED' && codec !== 'SNAPPY') throw noFacts(message`${codec} is none of facts`);
  }

  /** @returns how many values they have */
  check(): number {
    const { bytes } = this;
    let values = 0;
    const reader = new CompactReader(bytes);
    while (reader.at < bytes.length - 1) {
      const header = reader.struct();
      const [type, unpacked, stored] = [1, 2, 3].map((field) => header.number(field));
      const most = this.codec === 'SNAPPY' ? MOST_OF_SNAPPY * stored : stored;
      this.left.unpacked -= unpacked;
      if (unpacked > most || this.left.unpacked < 0 || reader.at + stored > bytes.length) {
        throw tooMuch(message`bytes in ${this.column.name}`);
      }
      const page = bytes.subarray(reader.at, reader.at + stored);
      if (type === DATA_PAGE_V2) values += this.checkData(page, unpacked, header.struct(8));
      else if (type === DICTIONARY_PAGE) this.take(header.struct(7).number(1));
      else throw noFacts(message`${this.column.name} has pages of another kind`);
      reader.at += stored;
    }
    return values;
  }

  private take(values: number): void {
    this.left.values -= this.column.repetitionWidth === 0 ? 0 : values;
    if (values > this.left.values) throw tooMuch(message`values in ${this.column.name}`);
  }

  private checkData(page: Uint8Array, unpacked: number, header: ReturnType<CompactReader['struct']>): number {
    const { repetitionWidth, definitionWidth } = this.column;
    const [values, nulls, , encoding, definition, repetition] = [1, 2, 3, 4, 5, 6].map((field) =>
      header.number(field),
    );
    this.take(values);
    const levels = repetition + definition;
    if (nulls > values || levels > page.length || levels > unpacked) throw tooMuch(message`levels`);
    if (repetitionWidth > 0) checkRuns(page.subarray(0, repetition), repetitionWidth, values);
    if (definitionWidth > 0) checkRuns(page.subarray(repetition, levels), definitionWidth, values);
    const body = this.bodyOf(page.subarray(levels), unpacked - levels, encoding);
    this.checkValues(body, encoding, values - nulls);
    return values;
  }

  private bodyOf(stored: Uint8Array, unpacked: number, encoding: number): Uint8Array {
    // text as it is says of itself how long it is
    if (this.codec === 'UNCOMPRESSED' || encoding === PLAIN) return stored;
    const body = new Uint8Array(unpacked);
    snappyUncompress(stored, body);
    return body;
  }

  private checkValues(body: Uint8Array, encoding: number, values: number): void {
    const { name, isBoolean, isInt64 } = this.column;
    if (encoding === PLAIN || values === 0) return;
    if (encoding === RLE && isBoolean) checkRuns(body.subarray(4), 1, values);
    else if (encoding === RLE_DICTIONARY) checkRuns(body.subarray(1), body[0], values);
    else if (encoding === DELTA_BINARY_PACKED) checkDeltas(body, values, isInt64);
    else throw noFacts(message`values of ${name} are encoded in another way than those of facts`);
  }
}

/** Runs of values that take `width` bits: none goes on beyond the last value. */
function checkRuns(bytes: Uint8Array, width: number, values: number): void {
  const reader = new CompactReader(bytes);
  for (let seen = 0; seen < values; ) {
    const header = reader.number();
    const length = header >>> 1;
    const isPacked = header % 2 === 1;
    seen += isPacked ? 8 * length : length;
    // the last group of eight may have more
    if (width > 32 || seen > values + (isPacked ? 7 : 0)) throw tooMuch(message`runs`);
    reader.at += isPacked ? length * width : Math.ceil(width / 8);
  }
}

/** Larger blocks nobody writes. */
const LARGEST_BLOCK = 1 << 16;

function checkDeltas(bytes: Uint8Array, values: number, isInt64: boolean): void {
  const reader = new CompactReader(bytes);
  const [block, miniblocks] = [reader.number(), reader.number()];
  const inMiniblock = block / miniblocks;
  if (block > LARGEST_BLOCK || !Number.isInteger(inMiniblock) || inMiniblock < 1)
    throw tooMuch(message`blocks`);
  reader.number();
  // how many values there are it was asked before: only these numbers may be longer than any number is
  if (!isInt64) return;
  reader.skipNumber();
  for (let seen = 1; seen < values; ) {
    reader.skipNumber();
    const widths = reader.take(miniblocks);
    for (let i = 0; i < miniblocks && seen < values; i++, seen += inMiniblock) {
      reader.at += (inMiniblock * widths[i]) / 8;
    }
  }
}
