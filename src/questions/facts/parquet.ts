import { type FileMetaData, parquetMetadata, parquetRead, type SchemaElement } from 'hyparquet';
import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import { saidBy, WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { POSTGRES_EPOCH_US } from '../../wal/timestamp.js';
import { checkPages, type PagedColumn } from './checked-pages.js';
import { noFacts } from './no-facts.js';
import {
  type AnyTable,
  FACTS_VERSION,
  type FactColumn,
  type FactRow,
  type FactType,
  TABLES,
} from './tables.js';

/** Values of a column, one for each row; undefined for null. */
export type ColumnValues = ArrayLike<unknown> & Iterable<unknown>;

/** A column's name. */
export type ColumnName<T extends AnyTable> = (typeof TABLES)[T][number]['name'];

export type ColumnsOf<T extends AnyTable> = Record<ColumnName<T>, ColumnValues>;

const columnsOf = (table: AnyTable): readonly FactColumn[] => TABLES[table];

const LEAVES = {
  uint32: { type: 'INT32', converted_type: 'UINT_32' },
  uint64: { type: 'INT64', converted_type: 'UINT_64' },
  place: { type: 'INT32' },
  boolean: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' } },
} as const satisfies Partial<Record<FactType, Partial<SchemaElement>>>;

function elementsOf({ name, type, optional }: FactColumn): SchemaElement[] {
  const repetition_type = optional ? 'OPTIONAL' : 'REQUIRED';
  if (type !== 'uint32[]' && type !== 'text[]') return [{ name, repetition_type, ...LEAVES[type] }];
  const leaf = LEAVES[type === 'uint32[]' ? 'uint32' : 'text'];
  return [
    { name, repetition_type, num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'REQUIRED', ...leaf },
  ];
}

const schemaOf = (columns: readonly FactColumn[]): SchemaElement[] => [
  { name: 'facts', num_children: columns.length },
  ...columns.flatMap(elementsOf),
];

/** Key of a file's metadata that says how its facts are laid out. */
const VERSION_KEY = 'walscan.facts';

/** A part of a table is written at a time. */
export class TableWriter<T extends AnyTable> {
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private rows = 0;

  constructor(private readonly table: T) {
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: schemaOf(columnsOf(table)),
      codec: 'UNCOMPRESSED',
      createdBy: 'walscan',
      kvMetadata: [{ key: VERSION_KEY, value: String(FACTS_VERSION) }],
    });
  }

  append(columns: ColumnsOf<T>, rows: number): void {
    this.write((name) => columns[name as ColumnName<T>], rows);
  }

  appendRows(rows: readonly FactRow<T>[]): void {
    this.write((name) => rows.map((row) => row[name as keyof FactRow<T>]), rows.length);
  }

  private write(valuesOf: (name: string) => ColumnValues, rows: number): void {
    if (rows === 0) return;
    this.rows += rows;
    const columnData = columnsOf(this.table).map((column) => columnSource(column, valuesOf(column.name)));
    this.writer.write({ columnData, rowGroupSize: rows, pageSize: 0 });
  }

  /** The file; undefined where it has no row. No more can be added after that. */
  finish(): Uint8Array | undefined {
    if (this.rows === 0) return undefined;
    this.writer.finish();
    return this.bytes.getBytes();
  }
}

/** A table that has few rows. */
export function encodeRows<T extends AnyTable>(
  table: T,
  rows: readonly FactRow<T>[],
): Uint8Array | undefined {
  const writer = new TableWriter(table);
  writer.appendRows(rows);
  return writer.finish();
}

/** Of the table with as many rows as there are transactions and relations statistics would cost as much as the values. */
const hasStatistics = ({ type }: FactColumn): boolean => type === 'uint64' || type === 'time';

function columnSource(column: FactColumn, values: ColumnValues): ColumnSource {
  const { name, type } = column;
  return {
    name,
    data: (type === 'time' ? Array.from(values, unixTime) : plainArray(values)) as ColumnSource['data'],
    statistics: hasStatistics(column),
    offsetIndex: false,
    ...(type === 'text' ? { codec: 'SNAPPY' as const } : {}),
    ...(isNumber(type) ? { encoding: 'DELTA_BINARY_PACKED' as const } : {}),
  };
}

const isNumber = (type: FactType): boolean =>
  type === 'uint32' || type === 'place' || type === 'uint64' || type === 'time';

const plainArray = (values: ColumnValues): unknown =>
  Array.isArray(values) || ArrayBuffer.isView(values) ? values : Array.from(values);

/** Wraps around as the times of no real WAL do, and back again when it is read. */
const unixTime = (time: unknown): unknown =>
  typeof time === 'bigint' ? BigInt.asIntN(64, time + POSTGRES_EPOCH_US) : time;

const walTime = (micros: bigint): bigint => BigInt.asIntN(64, micros - POSTGRES_EPOCH_US);

/**
 * Reads columns of a table.
 * @param file as messages name it
 * @param most rows, which is checked before anything is unpacked
 * @throws WalError `bad-facts` where it is no such table, `facts-version` where another version of walscan wrote it
 */
export async function readColumns<T extends AnyTable, N extends ColumnName<T>>(
  table: T,
  bytes: Uint8Array,
  { names, file, most }: { names: readonly N[]; file: string; most: number },
): Promise<{ rows: number; columns: Record<N, ArrayLike<unknown>> }> {
  try {
    const metadata = metadataOf(bytes);
    checkVersion(metadata, file);
    checkSchema(metadata, columnsOf(table));
    const rows = Number(metadata.num_rows);
    if (rows > most) throw noFacts(message`it says that it has ${rows} rows`);
    checkPages(bytes, metadata, columnsOf(table).map(pagedColumn), new Set(names), most);
    const columns = await readAll(bytes, metadata, names);
    for (const name of names) {
      if (columns[name].length !== rows)
        throw noFacts(message`column ${name} has not as many values as there are rows`);
    }
    return { rows, columns };
  } catch (error) {
    if (error instanceof WalError && error.file !== undefined) throw error;
    const text = message`${file} is no table of facts that can be read: ${saidBy(error)}`;
    throw new WalError('bad-facts', text, { file, cause: error });
  }
}

/** Rows of a table that has few of them. */
export async function readRows<T extends AnyTable>(
  table: T,
  bytes: Uint8Array,
  { file, most }: { file: string; most: number },
): Promise<FactRow<T>[]> {
  const names = columnsOf(table).map(({ name }) => name as ColumnName<T>);
  const { rows, columns } = await readColumns(table, bytes, { names, file, most });
  return rowsOf<T>(rows, columns);
}

/** Rows out of columns, all that the table has. */
export function rowsOf<T extends AnyTable>(
  rows: number,
  columns: Record<ColumnName<T>, ArrayLike<unknown>>,
): FactRow<T>[] {
  const all = Object.entries<ArrayLike<unknown>>(columns);
  return Array.from(
    { length: rows },
    (_, i) => Object.fromEntries(all.map(([name, values]) => [name, values[i] ?? undefined])) as FactRow<T>,
  );
}

function pagedColumn({ name, type, optional }: FactColumn): PagedColumn {
  const isList = type === 'uint32[]' || type === 'text[]';
  return {
    name,
    isInt64: type === 'uint64' || type === 'time',
    isBoolean: type === 'boolean',
    repetitionWidth: isList ? 1 : 0,
    definitionWidth: (isList ? 1 : 0) + (optional ? 1 : 0),
  };
}

/** A table of a segment of 1 GiB has less, with a row for each record. */
const LARGEST_METADATA = 4 * 1024 * 1024;

/** The numbers in it have ten bytes at most, the least and the greatest value of a column eight. */
const LONGEST_RUN = 32;

function metadataOf(bytes: Uint8Array): FileMetaData {
  const { buffer, byteOffset, byteLength } = bytes;
  if (byteLength < 8) throw noFacts(message`it is too short`);
  const length = new DataView(buffer, byteOffset + byteLength - 8).getUint32(0, true);
  if (length > LARGEST_METADATA) throw noFacts(message`it says that its metadata has ${length} bytes`);
  let run = 0;
  for (const byte of bytes.subarray(Math.max(0, byteLength - 8 - length), byteLength - 8)) {
    run = byte < 0x80 ? 0 : run + 1;
    if (run > LONGEST_RUN) throw noFacts(message`its metadata has a number that is longer than any`);
  }
  return parquetMetadata(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer, PARSING);
}

const PARSING = { parsers: { timestampFromMicroseconds: walTime }, geoparquet: false };

function checkVersion({ key_value_metadata: pairs = [] }: FileMetaData, file: string): void {
  const version = pairs.find(({ key }) => key === VERSION_KEY)?.value;
  if (version === undefined) throw noFacts(message`walscan did not write it`);
  if (version === String(FACTS_VERSION)) return;
  throw new WalError(
    'facts-version',
    message`${file} is of version ${version} of facts, and this walscan reads version ${FACTS_VERSION}: make the facts anew, or use the walscan that made them`,
    { file },
  );
}

function checkSchema({ schema }: FileMetaData, columns: readonly FactColumn[]): void {
  const wanted = schemaOf(columns).slice(1);
  const isAsWanted = wanted.every((element, i) => {
    const { name, type, converted_type, repetition_type } = schema[i + 1] ?? {};
    return (
      name === element.name &&
      type === element.type &&
      repetition_type === element.repetition_type &&
      (element.converted_type === undefined || converted_type === element.converted_type)
    );
  });
  if (!isAsWanted || schema.length !== wanted.length + 1) throw noFacts(message`its columns are other ones`);
}

async function readAll<N extends string>(
  bytes: Uint8Array,
  metadata: FileMetaData,
  names: readonly N[],
): Promise<Record<N, ArrayLike<unknown>>> {
  const { buffer, byteOffset, byteLength } = bytes;
  const file = {
    byteLength,
    slice: (from: number, to = byteLength) =>
      buffer.slice(byteOffset + from, byteOffset + Math.min(to, byteLength)) as ArrayBuffer,
  };
  const pieces = Object.fromEntries(names.map((name) => [name, [] as ArrayLike<unknown>[]])) as Record<
    N,
    ArrayLike<unknown>[]
  >;
  await parquetRead({
    ...{ file, metadata, columns: [...names], ...PARSING },
    onChunk: ({ columnName, columnData }) => pieces[columnName as N].push(columnData),
  });
  return Object.fromEntries(names.map((name) => [name, joined(pieces[name])])) as Record<
    N,
    ArrayLike<unknown>
  >;
}

function joined(pieces: readonly ArrayLike<unknown>[]): ArrayLike<unknown> {
  if (pieces.length === 1) return pieces[0];
  return pieces.flatMap((piece) => Array.from(piece));
}
