import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FactsFolder } from '../src/node/facts-folder.js';
import { NODE_READING } from '../src/node/reading.js';
import { type FactsPlace, factFile, factsFolder, factsPlaceOf } from '../src/questions/facts/layout.js';
import { type ColumnName, type ColumnsOf, readColumns, TableWriter } from '../src/questions/facts/parquet.js';
import { RollUps } from '../src/questions/facts/roll-up/make.js';
import { parseState, type SegmentState, stateJson } from '../src/questions/facts/state.js';
import { sealsJson } from '../src/questions/facts/table-seals.js';
import { FACT_TABLES, type FactColumn, type FactTable } from '../src/questions/facts/tables.js';
import type { SpanHead, SpanTail } from '../src/reader/span.js';
import { concat } from '../src/wal/concat.js';
import { crc32c } from '../src/wal/crc32c.js';
import type { Lsn } from '../src/wal/lsn.js';
import { RECORD_HEADER_SIZE, XL_CRC, XL_PREV, XL_XID } from '../src/wal/record.js';
import { segmentFileNameOf } from '../src/wal/segment-name.js';

/** A table of facts in memory. */
interface Table {
  name: FactTable;
  bytes: Uint8Array;
  rows: number;
  columns: ColumnsOf<FactTable>;
}

/** Facts of a segment that are multiplied. */
interface Original {
  place: FactsPlace;
  tables: Table[];
  /** Of the record that goes on in the next segment. */
  joint: Table[];
  state: SegmentState;
  start: Lsn;
  segmentSize: number;
}

/** How far a copy is from what it is a copy of. */
interface Shift {
  bytes: bigint;
  /** Microseconds. */
  time: bigint;
  /** How many transaction ids. */
  xids: number;
}

/**
 * Facts of as many segments as are asked for, each like one that is there: further on in the WAL and later, joined to
 * its neighbours without a break, and of later transactions.
 */
export class MultipliedFacts {
  private made = 0;

  private constructor(
    private readonly run: readonly Original[],
    /** The last record of the run: that of the round before comes before the first one. */
    private readonly lastRecord: Lsn,
    private readonly round: Shift,
    private readonly folder: string,
  ) {}

  /**
   * @param facts the folder of facts of neighbours on one timeline, some of which begin and end with whole records
   * @param folder where the copies go; those that are there are taken to be these
   */
  static async of(facts: string, folder: string): Promise<MultipliedFacts> {
    const run = longestClosed(await readAll(facts));
    const last = run[run.length - 1].state.span.lastRecord;
    if (last === undefined)
      throw new Error('no segment ends with the end of a record, and the next begins with one');
    const times = run.flatMap(({ tables }) => {
      const [row] = tables.filter(({ name }) => name === 'segments');
      return [row.columns.first_commit_time[0], row.columns.last_commit_time[0]] as (bigint | undefined)[];
    });
    const known = times.filter((time) => typeof time === 'bigint').sort((a, b) => Number(a - b));
    const bytes = BigInt(run.length * run[0].segmentSize);
    const round = { bytes, time: known[known.length - 1] - known[0], xids: xidsOf(run) };
    return new MultipliedFacts(run, last, round, folder);
  }

  /** How many different segments there are. */
  get originals(): number {
    return this.run.length;
  }

  /** Makes those that are missing of so many, and rolls them up. */
  async growTo(segments: number): Promise<void> {
    for (; this.made < segments; this.made++) {
      const { run, round } = this;
      const rounds = BigInt(Math.floor(this.made / run.length));
      const xids = round.xids * Number(rounds);
      this.make(run[this.made % run.length], {
        bytes: round.bytes * rounds,
        time: round.time * rounds,
        xids,
      });
    }
    await this.rollUp(segments);
  }

  private async rollUp(segments: number): Promise<void> {
    const [{ place, start, segmentSize, state }] = this.run;
    if (state.header === undefined) throw new Error('the first page of the first segment is damaged');
    const rollUps = new RollUps(await FactsFolder.open(this.folder), state.header, NODE_READING);
    for (let i = 0; i < segments; i++) {
      rollUps.note({ timeline: place.timeline, start: start + BigInt(i * segmentSize) });
    }
    await rollUps.settle();
  }

  private make(original: Original, shift: Shift): void {
    const { place, start, segmentSize, tables, joint } = original;
    const name = segmentFileNameOf(place.timeline, start + shift.bytes, segmentSize);
    const there = { ...place, name };
    if (existsSync(this.pathOf(there))) return;
    if (joint.length > 0) this.write({ ...there, joint: true }, joint, shift, {});
    const state = stateJson(this.stateOf(original, shift));
    this.write(there, tables, shift, { name: [name], state: [state] });
  }

  private write(
    place: FactsPlace,
    tables: readonly Table[],
    shift: Shift,
    segment: Partial<ColumnsOf<'segments'>>,
  ): void {
    const path = this.pathOf(place);
    mkdirSync(path, { recursive: true });
    const [segments, others] = [true, false].map((isRow) =>
      tables.filter(({ name }) => (name === 'segments') === isRow),
    );
    const files = others.map((table) => ({ table: table.name, bytes: shifted(table, shift, {}) }));
    const row = { ...segment, tables: [sealsJson(files)] };
    files.push(...segments.map((table) => ({ table: table.name, bytes: shifted(table, shift, row) })));
    for (const { table, bytes } of files) writeFileSync(join(path, factFile(table)), bytes);
  }

  private pathOf(place: FactsPlace): string {
    return join(this.folder, factsFolder(place));
  }

  private stateOf(original: Original, shift: Shift): SegmentState {
    const { bytes } = shift;
    const { run, lastRecord, round } = this;
    const state = shiftedLsns(original.state, bytes) as SegmentState;
    const { span } = state;
    const i = run.indexOf(original);
    if (i === 0 && bytes > 0n && span.firstLink !== undefined)
      span.firstLink.prev = lastRecord + bytes - round.bytes;
    if (i > 0) span.heads = relinked(run[i - 1].state.span.tail, span.heads, shift).heads;
    span.tail = relinked(span.tail, run[i + 1]?.state.span.heads ?? [], shift).tail;
    return state;
  }
}

async function readAll(facts: string): Promise<Original[]> {
  const paths = readdirSync(facts, { recursive: true, encoding: 'utf8' }).sort();
  const originals: Original[] = [];
  for (const path of paths) {
    const place = factsPlaceOf(path);
    if (place === undefined || place.joint) continue;
    const tables = await readTables(join(facts, path));
    const [{ columns }] = tables.filter(({ name }) => name === 'segments');
    originals.push({
      ...{ place, tables, joint: await readTables(join(facts, factsFolder({ ...place, joint: true }))) },
      state: parseState(columns.state[0] as string, path),
      start: columns.start_lsn[0] as Lsn,
      segmentSize: columns.segment_size[0] as number,
    });
  }
  return originals;
}

async function readTables(folder: string): Promise<Table[]> {
  if (!existsSync(folder)) return [];
  const names = (Object.keys(FACT_TABLES) as FactTable[]).filter((name) =>
    existsSync(join(folder, factFile(name))),
  );
  return Promise.all(
    names.map(async (name) => {
      const bytes = readFileSync(join(folder, factFile(name)));
      const columns = FACT_TABLES[name].map((column) => column.name as ColumnName<typeof name>);
      const options = { names: columns, file: folder, most: Number.MAX_SAFE_INTEGER };
      const read = await readColumns(name, bytes, options);
      return { name, bytes, rows: read.rows, columns: read.columns as ColumnsOf<FactTable> };
    }),
  );
}

/** The longest run of neighbours that begins and ends with whole records, so that it goes on with itself. */
function longestClosed(all: readonly Original[]): Original[] {
  let longest: Original[] = [];
  for (const [from, first] of all.entries()) {
    if (first.state.span.heads.some(({ remaining }) => remaining > 0)) continue;
    for (let to = from; to < all.length; to++) {
      const { span } = all[to].state;
      if (to > from && all[to - 1].state.span.end !== span.start) break;
      const isClosed = span.tail === undefined && span.lastRecordEnd === span.end;
      if (isClosed && to - from + 1 > longest.length) longest = all.slice(from, to + 1);
    }
  }
  if (longest.length === 0) throw new Error('there are no neighbours that begin and end with whole records');
  return longest;
}

/** Columns of 64 bits that are no places in this WAL. */
const NOT_HERE = new Set(['system_identifier', 'origin_lsn', 'origin_time']);

function shifted(
  { name, bytes, rows, columns }: Table,
  shift: Shift,
  others: Partial<ColumnsOf<FactTable>>,
): Uint8Array {
  const moved: Record<string, ArrayLike<unknown>> = { ...columns, ...others };
  const all: readonly FactColumn[] = FACT_TABLES[name];
  const moving = all.filter(
    (column) => (column.type === 'uint64' || column.type === 'time') && !NOT_HERE.has(column.name),
  );
  const ofIds = all.filter((column) => IDS.has(column.name));
  if (moving.length + ofIds.length === 0) return bytes;
  for (const { name: id } of ofIds)
    moved[id] = Array.from(moved[id], (value) => shiftedIds(value, shift.xids));
  for (const column of moving) {
    const by = column.type === 'time' ? shift.time : shift.bytes;
    // no LSN is 0, which stands for none
    moved[column.name] = Array.from(moved[column.name], (value) =>
      typeof value === 'bigint' && value !== 0n ? value + by : value,
    );
  }
  const writer = new TableWriter(name);
  writer.append(moved as ColumnsOf<FactTable>, rows);
  return writer.finish()!;
}

/** Columns of transaction ids. */
const IDS = new Set(['xid', 'top_xid', 'subxids', 'next_xid', 'oldest_xid']);

function shiftedIds(value: unknown, by: number): unknown {
  if (Array.isArray(value)) return value.map((one) => shiftedIds(one, by));
  return typeof value === 'number' && value !== 0 ? (value + by) >>> 0 : value;
}

/** How many ids there are from the oldest of a run to the newest. */
function xidsOf(run: readonly Original[]): number {
  const changes = run.flatMap(({ tables }) => tables.filter(({ name }) => name === 'changes'));
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const { columns } of changes as { columns: ColumnsOf<'changes'> }[]) {
    for (const xid of columns.xid as Iterable<number>)
      [first, last] = [Math.min(first, xid), Math.max(last, xid)];
  }
  return last - first + 1;
}

/** Plain data with all LSNs in it so much further on. */
function shiftedLsns(value: unknown, by: bigint): unknown {
  if (typeof value === 'bigint') return value + by;
  if (Array.isArray(value)) return value.map((one) => shiftedLsns(one, by));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const moved = Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, key === 'systemIdentifier' ? one : shiftedLsns(one, by)]),
  );
  const { start, startHi } = moved;
  if (typeof start !== 'bigint' || startHi === undefined) return moved;
  return { ...moved, startHi: Number(start >> 32n), startLo: Number(start & 0xffff_ffffn) };
}

/** The two parts of a record that runs over from one segment to the next, with its link to the record before and its transaction id moved. */
function relinked(
  tail: SpanTail | undefined,
  heads: readonly SpanHead[],
  { bytes, xids }: Shift,
): { tail: SpanTail | undefined; heads: SpanHead[] } {
  const [head] = heads;
  if (tail === undefined || head === undefined) return { tail, heads: [...heads] };
  if (head.kind !== 'complete') throw new Error('a record is longer than a segment');
  const record = concat([tail.bytes, head.bytes]);
  const view = new DataView(record.buffer, record.byteOffset);
  view.setBigUint64(XL_PREV, view.getBigUint64(XL_PREV, true) + bytes, true);
  view.setUint32(XL_XID, shiftedIds(view.getUint32(XL_XID, true), xids) as number, true);
  view.setUint32(XL_CRC, checksum(record), true);
  const at = tail.bytes.length;
  return {
    tail: { ...tail, bytes: record.subarray(0, at) },
    heads: [{ ...head, bytes: record.subarray(at) }],
  };
}

/** Of a record's data, and then of its header (`XLogRecordAssemble`). */
const checksum = (record: Uint8Array): number =>
  crc32c(concat([record.subarray(RECORD_HEADER_SIZE), record.subarray(0, XL_CRC)]));
