import type { WalFormat } from '../../../reader/segment.js';
import type { Reading } from '../../../sources/reading.js';
import type { RollUp } from '../../../sources/segment-facts.js';
import { message } from '../../../wal/message.js';
import { TablesAt } from '../facts-at.js';
import type { ColumnName } from '../parquet.js';
import { SegmentTables, type TableColumns } from '../segment-tables.js';
import { parseState, type SegmentState } from '../state.js';
import { parseSeals } from '../table-seals.js';
import type { AnyTable } from '../tables.js';

/** The tables of the segments of a roll-up that follow on each other: of its tables the rows that belong to them. */
export class RollUpAt extends TablesAt {
  private constructor(
    tables: SegmentTables,
    private readonly of: RollUp,
    state: SegmentState,
    /** The ids of transactions that are summed up; undefined where none is. */
    readonly ids: { first: number; last: number } | undefined,
  ) {
    super(tables, of.blockStart, Number(of.end - of.blockStart), state);
  }

  /** @throws WalError `bad-facts`, `facts-version`, `unreadable` */
  static async open(rollUp: RollUp, { segmentSize }: WalFormat, reading: Reading): Promise<RollUpAt> {
    const tables = new SegmentTables(rollUp.folder, reading);
    const { start, end } = rollUp;
    const segments = Number(end - start) / segmentSize;
    const names = ['start_lsn', 'segments', 'first_xid', 'last_xid', 'tables', 'state'] as const;
    const { rows, columns } = await tables.columns('rollups', names, MOST_PARTS);
    const row = Array.from({ length: rows }, (_, i) => i).find((i) => columns.start_lsn[i] === start);
    const text = row === undefined ? undefined : columns.state[row];
    if (row === undefined || typeof text !== 'string' || columns.segments[row] !== segments) {
      throw tables.contradiction(
        'rollups',
        message`it is not as it was before, or was replaced while it was read`,
      );
    }
    const state = parseState(text, tables.fileOf('rollups'));
    tables.sealedBy(parseSeals(columns.tables[row] as string, tables.fileOf('rollups')));
    const { span } = state;
    const isOfPlace = span.start === start && span.end === end && span.segments === segments;
    const isWhole = span.fault === undefined && span.damages.length === 0 && span.gaps.length === 0;
    if (!isOfPlace || !isWhole)
      throw tables.contradiction('rollups', message`its state is that of other WAL`);
    const [first, last] = [columns.first_xid[row] as number, columns.last_xid[row] as number];
    return new RollUpAt(tables, rollUp, state, first === 0 ? undefined : { first, last });
  }

  override async columns<T extends AnyTable, N extends ColumnName<T>>(
    table: T,
    names: readonly N[],
  ): Promise<TableColumns<N>> {
    const place = (table === 'changes' ? 'first_at' : PLACES[table]) as N;
    const all = await super.columns(table, names.includes(place) ? names : [...names, place]);
    const own = this.rowsWithin(all.columns[place]);
    if (own.length === all.rows) return all;
    const columns = names.map((name) => [name, own.map((row) => all.columns[name][row])]);
    return { rows: own.length, columns: Object.fromEntries(columns) };
  }

  /** @param places LSNs, or distances from the block's start */
  private rowsWithin(places: ArrayLike<unknown>): number[] {
    const { start, end, blockStart } = this.of;
    const [from, to] = [Number(start - blockStart), Number(end - blockStart)];
    const distance = (place: unknown): number =>
      typeof place === 'bigint' ? Number(place - blockStart) : (place as number);
    const rows: number[] = [];
    for (let row = 0; row < places.length; row++) {
      const at = distance(places[row]);
      if (at >= from && at < to) rows.push(row);
    }
    return rows;
  }
}

/** What each row of a table has its place in. */
const PLACES: Readonly<Partial<Record<AnyTable, string>>> = {
  ...{ summaries: 'start_lsn', transactions: 'lsn', files: 'lsn', checkpoints: 'lsn' },
};

/** A roll-up has no more parts than segments. */
export const MOST_PARTS = 1024;
