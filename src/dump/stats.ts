import { rmgrName } from '../rmgr/index.js';
import { formatLsnOf, type Lsn } from '../wal/lsn.js';
import type { WalRecord } from '../wal/record.js';
import { RM_LOGICALMSG_ID, RM_MAX_ID, RM_XACT_ID } from '../wal/rmgr-id.js';
import { kindName } from './kind-name.js';

/** How many records there are of a kind, and their bytes. */
export interface KindStats {
  count: number;
  /** Bytes without full-page images. */
  recordBytes: number;
  /** Bytes of full-page images, as stored. */
  imageBytes: number;
}

/**
 * Statistics of a stretch of WAL: plain data, so that parts counted apart (in workers, on other machines) are
 * joined by {@link mergeStats}.
 */
export interface WalStats {
  version: number;
  /** By resource manager id * 16 + the resource manager's four info bits. */
  kinds: { [kind: number]: KindStats };
}

/**
 * Statistics of no records yet.
 * @param version PostgreSQL's major version, by which kinds are told apart and named
 */
export function emptyStats(version: number): WalStats {
  return { version, kinds: {} };
}

/** Counts a record (XLogRecStoreStats in xlogstats.c; up to 14 XLogDumpCountRecord in pg_waldump.c). */
export function countRecord(stats: WalStats, record: WalRecord): void {
  const { rmid } = record;
  let kindBits = record.info >> 4;
  // since 13 (13.3): a flag among the bits of a Transaction record is no part of its kind. The last minor releases
  // of 10 to 12 have it so as well, those that wrote the corpus do not.
  if (rmid === RM_XACT_ID && stats.version >= 13) kindBits &= 0x07;
  const kind = rmid * 16 + kindBits;
  let counted = stats.kinds[kind];
  if (counted === undefined) {
    counted = { count: 0, recordBytes: 0, imageBytes: 0 };
    stats.kinds[kind] = counted;
  }
  const images = record.imageLength;
  counted.count++;
  counted.recordBytes += record.totalLength - images;
  counted.imageBytes += images;
}

/** The statistics of two stretches together; the order is of no matter. */
export function mergeStats(a: WalStats, b: WalStats): WalStats {
  const merged: WalStats = { version: a.version, kinds: {} };
  for (const { kinds } of [a, b]) {
    for (const [kind, counted] of Object.entries(kinds)) {
      merged.kinds[Number(kind)] = sum(merged.kinds[Number(kind)], counted);
    }
  }
  return merged;
}

/** Where the records counted begin and end: the first one's LSN and the position after the last one. */
export interface StatsRange {
  startLsn: Lsn;
  endLsn: Lsn;
}

/**
 * The table that `pg_waldump --stats` prints, of the version that wrote the records.
 * @param perRecord `--stats=record`: a row for each kind of record instead of each resource manager
 * @param range what was counted; undefined where there was no record
 */
export function formatStats(stats: WalStats, perRecord: boolean, range: StatsRange | undefined): string {
  const { version } = stats;
  // since 15 there is a heading, and nothing at all for no record
  if (version >= 15 && range === undefined) return '';
  const total = sumOf(Object.values(stats.kinds));
  let text = '';
  if (version >= 15 && range !== undefined) {
    const lsn = (value: Lsn): string => formatLsnOf(value, version);
    text += `WAL statistics between ${lsn(range.startLsn)} and ${lsn(range.endLsn)}:\n`;
  }
  text += headings('Type', ['N', 'Record size', 'FPI size', 'Combined size'], '(%)');
  text += headings('----', ['-', '-----------', '--------', '-------------'], '---');
  for (let rmid = 0; rmid <= RM_MAX_ID; rmid++) {
    const kinds = kindsOf(stats, rmid);
    // later ones, XLOG2 and those of extensions, have a row only where they occur
    if (perRecord) {
      for (const [bits, counted] of kinds) {
        text += row(`${rmgrName(rmid)}/${kindName(rmid, bits << 4, version)}`, counted, total);
      }
    } else if (rmid <= RM_LOGICALMSG_ID || kinds.length > 0) {
      text += row(rmgrName(rmid), sumOf(kinds.map(([, counted]) => counted)), total);
    }
  }
  return text + totalRows(total);
}

function kindsOf(stats: WalStats, rmid: number): [bits: number, counted: KindStats][] {
  const found: [number, KindStats][] = [];
  for (let bits = 0; bits < 16; bits++) {
    const counted = stats.kinds[rmid * 16 + bits];
    if (counted !== undefined) found.push([bits, counted]);
  }
  return found;
}

function sum(a: KindStats | undefined, b: KindStats): KindStats {
  if (a === undefined) return { ...b };
  return {
    count: a.count + b.count,
    recordBytes: a.recordBytes + b.recordBytes,
    imageBytes: a.imageBytes + b.imageBytes,
  };
}

function sumOf(all: readonly KindStats[]): KindStats {
  return all.reduce(sum, { count: 0, recordBytes: 0, imageBytes: 0 });
}

const NAME_WIDTH = 27;
const NUMBER_WIDTH = 20;
const PERCENT_WIDTH = 8;

function headings(name: string, columns: readonly string[], percent: string): string {
  const cells = columns.map(
    (column) => `${column.padStart(NUMBER_WIDTH)} ${percent.padStart(PERCENT_WIDTH)}`,
  );
  return `${name.padEnd(NAME_WIDTH)} ${cells.join(' ')}\n`;
}

function row(name: string, counted: KindStats, total: KindStats): string {
  const { count, recordBytes, imageBytes } = counted;
  const cells = [
    cell(count, total.count),
    cell(recordBytes, total.recordBytes),
    cell(imageBytes, total.imageBytes),
    cell(recordBytes + imageBytes, total.recordBytes + total.imageBytes),
  ];
  return `${name.padEnd(NAME_WIDTH)} ${cells.join(' ')}\n`;
}

function cell(value: number, of: number): string {
  return `${String(value).padStart(NUMBER_WIDTH)} (${percent(value, of).padStart(6)})`;
}

/** Below the table: a row of dashes, and the totals with their shares of all bytes. */
function totalRows({ count, recordBytes, imageBytes }: KindStats): string {
  const all = recordBytes + imageBytes;
  const dashes = Array.from({ length: 4 }, () => '--------'.padStart(NUMBER_WIDTH));
  const cells = [
    totalCell(count, ''),
    totalCell(recordBytes, `[${percent(recordBytes, all)}%]`),
    totalCell(imageBytes, `[${percent(imageBytes, all)}%]`),
  ];
  return (
    `${' '.repeat(NAME_WIDTH)} ${dashes.join(` ${' '.repeat(PERCENT_WIDTH)} `)}\n` +
    `${'Total'.padEnd(NAME_WIDTH)} ${cells.join('')}${String(all).padStart(NUMBER_WIDTH)} [100%]\n`
  );
}

function totalCell(value: number, share: string): string {
  return `${String(value).padStart(NUMBER_WIDTH)} ${share.padEnd(9)}`;
}

/** C's `%.02f` of `100 * (double) value / of`. */
function percent(value: number, of: number): string {
  const share = of === 0 ? 0 : (100 * value) / of;
  // a number that lies just between two hundredths goes to the even one in C, and to the greater one in JavaScript
  const isTie = Number.isInteger(share * 8) && !Number.isInteger(share * 4);
  if (!isTie) return share.toFixed(2);
  const below = Math.floor(share * 100);
  return ((below % 2 === 0 ? below : below + 1) / 100).toFixed(2);
}
