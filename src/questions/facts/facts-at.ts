import type { SourceFolder } from '../../sources/byte-source.js';
import type { Reading } from '../../sources/reading.js';
import type { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';
import { SHORT_PAGE_HEADER_SIZE } from '../../wal/page-header.js';
import { type ColumnName, rowsOf } from './parquet.js';
import { readContent, type SegmentContent, type SegmentPlace } from './read-segment.js';
import { SegmentTables, type TableColumns } from './segment-tables.js';
import type { SegmentState } from './state.js';
import { type AnyTable, type FactRow, TABLES } from './tables.js';

/** A record that makes rows has 24 bytes at least, and one that makes many, such as a commit that drops files, 12 for each. */
const LEAST_OF_ROW = 12;

/** The tables of facts of a stretch of WAL of which it is known where it is. */
export class TablesAt {
  /**
   * @param start that places are counted from
   * @param size of the stretch from there on, in bytes
   */
  protected constructor(
    private readonly tables: SegmentTables,
    readonly start: Lsn,
    private readonly size: number,
    readonly state: SegmentState,
  ) {}

  /** @throws WalError `bad-facts`, `facts-version`, `unreadable` */
  columns<T extends AnyTable, N extends ColumnName<T>>(
    table: T,
    names: readonly N[],
  ): Promise<TableColumns<N>> {
    return this.tables.columns(table, names, this.size / LEAST_OF_ROW);
  }

  /** All of a table that has few rows. @throws WalError `bad-facts`, `facts-version`, `unreadable` */
  async rows<T extends AnyTable>(table: T): Promise<FactRow<T>[]> {
    const names = TABLES[table].map(({ name }) => name as ColumnName<T>);
    const { rows, columns } = await this.columns(table, names);
    return rowsOf<T>(rows, columns);
  }

  /** How far a record is from the segment's start. @throws WalError `bad-facts` where it is not in it */
  placeOf(table: AnyTable, lsn: Lsn): number {
    const place = lsn - this.start;
    return this.checkedPlace(table, place < 0n || place > 0x7fff_ffffn ? -1 : Number(place));
  }

  /** @throws WalError `bad-facts` where no record can be there */
  checkedPlace(table: AnyTable, place: number): number {
    if (place >= SHORT_PAGE_HEADER_SIZE && place < this.size) return place;
    throw this.contradiction(table, message`a position in it is not in the WAL that it is of`);
  }

  contradiction(table: AnyTable, what: Message): WalError {
    return this.tables.contradiction(table, what);
  }
}

/** Facts of one segment. */
export class FactsAt extends TablesAt {
  private constructor(
    tables: SegmentTables,
    { start, format }: SegmentPlace,
    readonly content: SegmentContent,
  ) {
    super(tables, start, format.segmentSize, content.state);
  }

  /** @throws WalError as `readContent` does */
  static async open(folder: SourceFolder, place: SegmentPlace, reading: Reading): Promise<FactsAt> {
    const tables = new SegmentTables(folder, reading);
    const content = await readContent(tables, place);
    tables.sealedBy(content.tables);
    return new FactsAt(tables, place, content);
  }
}
