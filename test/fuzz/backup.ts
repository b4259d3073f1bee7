import { HeapPage } from '../../src/heap/page.js';
import { pageChecksum } from '../../src/heap/page-checksum.js';
import { readRelationMap } from '../../src/replay/relation-map.js';
import type { FolderEntry, SourceFolder } from '../../src/sources/byte-source.js';
import type { NamedBytes } from '../../src/sources/input.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { PORTABLE_READING } from '../../src/sources/reading.js';
import { tarMembers } from '../../src/sources/tar.js';
import { RM_BTREE_ID, RM_XLOG_ID } from '../../src/wal/rmgr-id.js';
import { readTestdata, readTestSegment } from '../support/testdata.js';
import { WalWriter } from '../support/wal-writer.js';
import type { Input } from './input.js';
import { recordsIn } from './wal.js';

/**
 * A base backup and the WAL after it, out of testdata/rows, made so small that it is read in milliseconds: of the
 * catalogs no more than the rows of the tables asked for. An input changes it in places: all but its first part say where,
 * and to what.
 */

const ROOT = 'testdata/rows/15';
const VERSION = 15;
const DATABASE = 16384;
const PAGE = 8192;
/** `pd_checksum` */
const CHECKSUM_AT = 8;
/** The file of the one large table, of which the first records are enough. */
const LARGE_FILE = 16_428;
const OF_LARGE_FILE = 150;

/** The number that the segment at 0/02000000 has where segments have 1 MiB. */
const BACKUP_START = 0x20n;

const XLOG_SWITCH = 0x40;

/** Tables to ask for. */
export const TABLES = [
  't_types',
  't_toast',
  't_cols',
  't_many',
  'Tabla Rara',
  'ventas.inventarios',
  't_new',
  't_trunc',
];

const CATALOGS = { type: 1247, attribute: 1249, class: 1259 };
const FIRST_NORMAL_OID = 16_384;
const FIRST_OF_INITDB = 10_000;

/** Catalogs that are read, and what they say of themselves. */
const KEPT_CATALOGS = new Set([1247, 1249, 1255, 1259, 1262, 2611, 2615, 3501, 3541]);

interface Prepared {
  files: Map<string, Uint8Array>;
  /** Those that inputs change. */
  paths: string[];
  records: Uint8Array[];
  systemIdentifier: bigint;
}

let prepared: Promise<Prepared> | undefined;

/** What an input makes of the backup and its WAL. */
export async function backupOf(changes: Input): Promise<{ backup: SourceFolder; wal: NamedBytes[] }> {
  prepared ??= prepare();
  const { files, paths, records, systemIdentifier } = await prepared;
  const changed = new Map(files);
  const written = [...records];
  for (const [which, ...change] of changes.map((part) => [...part])) {
    if (change.length === 0) continue;
    // every fourth change is one of the WAL
    if (which % 4 === 0) {
      const [a, b, at, ...value] = change;
      const i = ((a ?? 0) | ((b ?? 0) << 8)) % written.length;
      const record = written[i].slice();
      record.set(
        value.slice(0, Math.max(0, record.length - 16)),
        16 + ((at ?? 0) % Math.max(1, record.length - 16 - value.length)),
      );
      written[i] = record;
    } else {
      const path = paths[which % paths.length];
      changed.set(path, withChange(changed.get(path)!, files.get(path) === changed.get(path), change));
    }
  }
  return { backup: folderOf('backup', changed), wal: walOf(written, systemIdentifier) };
}

/** @param change page, kind of place, item, offset, and the bytes to be put there */
function withChange(
  bytes: Uint8Array,
  isOriginal: boolean,
  [page = 0, kind = 0, item = 0, offset = 0, ...value]: number[],
): Uint8Array {
  const result = isOriginal ? bytes.slice() : bytes;
  const pages = Math.floor(result.length / PAGE);
  const start = pages === 0 ? 0 : PAGE * nextUsed(result, page % pages, pages);
  const room = result.subarray(start, start + PAGE);
  const view = new DataView(room.buffer, room.byteOffset, room.length);
  const items = room.length < PAGE ? 0 : Math.max(0, (Math.min(view.getUint16(12, true), PAGE) - 24) >> 2);
  let at = (item * 256 + offset) % Math.max(1, room.length);
  if (items > 0 && kind % 4 !== 3) {
    const pointer = 24 + 4 * (item % items);
    const word = view.getUint32(pointer, true);
    const length = Math.max(1, word >>> 17);
    at = [offset % 24, pointer + (offset % 4), (word & 0x7fff) + (offset % length)][kind % 4];
  }
  for (let i = 0; i < value.length && at + i < room.length; i++) room[at + i] = value[i];
  // but where it is the checksum itself that was changed
  if (room.length === PAGE && at >> 1 !== CHECKSUM_AT >> 1) seal(room, start / PAGE);
  return result;
}

/** Gives a page the checksum that it should have. */
function seal(page: Uint8Array, block: number): void {
  new DataView(page.buffer, page.byteOffset).setUint16(CHECKSUM_AT, pageChecksum(page, block), true);
}

/** The first page from there on, round in a circle, that holds anything. */
function nextUsed(bytes: Uint8Array, from: number, pages: number): number {
  for (let i = 0; i < pages; i++) {
    const page = (from + i) % pages;
    if (bytes[page * PAGE + 12] !== 0 || bytes[page * PAGE + 13] !== 0) return page;
  }
  return from;
}

function walOf(records: readonly Uint8Array[], systemIdentifier: bigint): NamedBytes[] {
  const writer = new WalWriter({ version: VERSION, systemIdentifier, firstSegment: BACKUP_START });
  for (const record of records) writer.appendBytes(record.slice());
  return writer.segments;
}

async function prepare(): Promise<Prepared> {
  const all = new Map<string, Uint8Array>();
  for await (const { name, body } of tarMembers(
    memorySource('base.tar', readTestdata(`${ROOT}/base.tar.gz`)),
    PORTABLE_READING,
  )) {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece.slice());
    all.set(name.replace(/^\.\//, ''), new Uint8Array(Buffer.concat(pieces)));
  }
  const map = readRelationMap(all.get(`base/${DATABASE}/pg_filenode.map`)!, VERSION);
  const isRelation = /^(?:global|base\/\d+)\/(\d+)$/;
  const wanted = new Map<string, Uint8Array>();
  for (const [path, bytes] of all) {
    const [, file] = isRelation.exec(path) ?? [];
    if (file === undefined) {
      if (!/^pg_logical|_(?:vm|fsm|init)$/.test(path)) wanted.set(path, bytes);
    } else if (bytes.length > 0 && (path.startsWith('global/1262') || isNeeded(Number(file), map))) {
      wanted.set(path, bytes);
    }
  }
  for (const oid of Object.values(CATALOGS)) {
    const path = `base/${DATABASE}/${map.get(oid) ?? oid}`;
    wanted.set(path, withoutOthers(wanted.get(path)!, oid));
  }
  const names = ['000000010000000000000002.gz', '000000010000000000000003.gz'];
  const { systemIdentifier } = readTestSegment(`${ROOT}/${names[0]}`);
  let ofLargeFile = 0;
  const records = names.flatMap((name) =>
    recordsIn(`${ROOT}/${name}`, Number.POSITIVE_INFINITY, ({ rmid, rmgrInfo, blocks }) => {
      if (rmid === RM_XLOG_ID && rmgrInfo === XLOG_SWITCH) return false;
      const isOfLargeFile = blocks[0]?.rel.relNumber === LARGE_FILE;
      return rmid !== RM_BTREE_ID && !(isOfLargeFile && ofLargeFile++ >= OF_LARGE_FILE);
    }),
  );
  return {
    files: wanted,
    paths: [...wanted.keys()].sort(),
    records,
    systemIdentifier,
  };
}

const isNeeded = (file: number, map: ReadonlyMap<number, number>): boolean =>
  file >= FIRST_NORMAL_OID ||
  KEPT_CATALOGS.has(file) ||
  [...map].some(([oid, mapped]) => mapped === file && KEPT_CATALOGS.has(oid));

/** Rows of a catalog that nothing asked for needs are gone, each by its line pointer; so are pages without any other. */
function withoutOthers(bytes: Uint8Array, catalog: number): Uint8Array {
  const result = bytes.slice();
  for (let at = 0; at < result.length; at += PAGE) {
    const page = result.subarray(at, at + PAGE);
    const heap = new HeapPage(page);
    let kept = 0;
    for (let offset = 1; offset <= heap.itemCount; offset++) {
      const tuple = heap.tuple(offset);
      if (tuple === undefined) continue;
      const oid = new DataView(tuple.buffer, tuple.byteOffset + tuple[22]).getUint32(0, true);
      const isKept =
        oid >= FIRST_NORMAL_OID ||
        (catalog === CATALOGS.type ? oid < FIRST_OF_INITDB : KEPT_CATALOGS.has(oid));
      if (isKept) kept++;
      else page.fill(0, 24 + 4 * (offset - 1), 24 + 4 * offset);
    }
    if (kept === 0) page.fill(0);
    else seal(page, at / PAGE);
  }
  return result;
}

function folderOf(name: string, files: ReadonlyMap<string, Uint8Array>): SourceFolder {
  return {
    name,
    async *list() {
      const below = new Map<string, Map<string, Uint8Array>>();
      for (const [path, bytes] of files) {
        const slash = path.indexOf('/');
        if (slash < 0) {
          yield {
            kind: 'file',
            name: path,
            source: memorySource(`${name}/${path}`, bytes),
          } satisfies FolderEntry;
          continue;
        }
        const folder = path.slice(0, slash);
        const inside = below.get(folder) ?? new Map<string, Uint8Array>();
        below.set(folder, inside.set(path.slice(slash + 1), bytes));
      }
      for (const [folder, inside] of below) {
        yield {
          kind: 'folder',
          name: folder,
          folder: folderOf(`${name}/${folder}`, inside),
        } satisfies FolderEntry;
      }
    },
  };
}
