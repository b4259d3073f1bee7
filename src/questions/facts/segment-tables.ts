import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { listFolder } from '../../sources/folders.js';
import { readWhole } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { factFile } from './layout.js';
import { type ColumnName, readColumns } from './parquet.js';
import { isSealed, type TableSeals } from './table-seals.js';
import type { AnyTable } from './tables.js';

/** The values of some columns of a table, each with one for each row. */
export interface TableColumns<N extends string> {
  rows: number;
  columns: Record<N, ArrayLike<unknown>>;
}

/** A table takes a fifth of the WAL that it is of, which may be 1 GiB; the state of a segment has its edges as text. */
const LARGEST_TABLE = 256 * 1024 * 1024;

export const NOT_AS_WRITTEN = message`it is not what was written together with the table segments`;

/** What contradicts itself in a file of facts. */
export const contradiction = (file: string, what: Message): WalError =>
  new WalError(
    'bad-facts',
    message`${file} contradicts itself: ${what}; make the facts of this segment anew`,
    {
      file,
    },
  );

/** The tables that a folder has of the facts of one segment: each is read when it is asked for. */
export class SegmentTables {
  private sources: Promise<ReadonlyMap<string, ByteSource>> | undefined;
  private readonly bytes = new Map<AnyTable, Promise<Uint8Array | undefined>>();
  private seals: TableSeals | undefined;

  constructor(
    private readonly folder: SourceFolder,
    private readonly reading: Reading,
  ) {}

  /** What is read from now on has to be what was written. */
  sealedBy(seals: TableSeals): void {
    this.seals = seals;
  }

  /**
   * Some columns of a table, which has no rows where it is not there.
   * @param most rows
   * @throws WalError `bad-facts`, `facts-version`, `unreadable`
   */
  async columns<T extends AnyTable, N extends ColumnName<T>>(
    table: T,
    names: readonly N[],
    most: number,
  ): Promise<TableColumns<N>> {
    const bytes = await this.bytesOf(table);
    if (bytes === undefined) return { rows: 0, columns: noValues(names) };
    const file = this.fileOf(table);
    return readColumns(table, bytes, { names, file, most });
  }

  /** As messages name a table. */
  fileOf(table: AnyTable): string {
    return `${this.folder.name}/${factFile(table)}`;
  }

  /** What contradicts itself in a table. */
  contradiction(table: AnyTable, what: Message): WalError {
    return contradiction(this.fileOf(table), what);
  }

  private bytesOf(table: AnyTable): Promise<Uint8Array | undefined> {
    let bytes = this.bytes.get(table);
    if (bytes === undefined) {
      bytes = this.readSealed(table);
      this.bytes.set(table, bytes);
    }
    return bytes;
  }

  private async readSealed(table: AnyTable): Promise<Uint8Array | undefined> {
    const { seals } = this;
    const bytes = await this.read(factFile(table));
    if (seals === undefined || isSealed(bytes, seals.get(table))) return bytes;
    throw this.contradiction(table, NOT_AS_WRITTEN);
  }

  private async read(name: string): Promise<Uint8Array | undefined> {
    const { folder, reading } = this;
    const atOnce = reading.readBelow?.(folder, name, LARGEST_TABLE);
    if (atOnce !== undefined) return atOnce;
    this.sources ??= this.list();
    const source = (await this.sources).get(name);
    return source && readWhole(source, LARGEST_TABLE, reading);
  }

  private async list(): Promise<ReadonlyMap<string, ByteSource>> {
    const entries = await listFolder(this.folder, this.reading);
    return new Map(entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.name, entry.source]] : [])));
  }
}

const noValues = <N extends string>(names: readonly N[]): Record<N, ArrayLike<unknown>> =>
  Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<N, ArrayLike<unknown>>;
