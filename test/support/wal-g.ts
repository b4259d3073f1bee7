import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gunzipSync, gzipSync } from 'node:zlib';
import type pg from 'pg';
import tar from 'tar-stream';
import type { Cluster } from './postgres.js';

/**
 * Backups and WAL as WAL-G stores them, after its sources (3.0.8, internal/databases/postgres: `bundle.go`,
 * `backup_push_handler.go`, `incremental_page_reader.go`, `backup_sentinel_dto.go`), for WAL-G itself is not to be had
 * everywhere. The database is PostgreSQL's own.
 */

const pack: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  '': (bytes) => bytes,
  '.gz': (bytes) => gzipSync(bytes, { level: 1 }),
  '.br': (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } }),
  '.lz4': lz4Frame,
};

/** Of blocks that are stored as they are. */
function lz4Frame(bytes: Uint8Array): Buffer {
  const number = (value: number): Buffer => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32LE(value);
    return buffer;
  };
  const parts: Uint8Array[] = [number(0x184d2204), Buffer.of(0x60, 0x70, 0)];
  for (let at = 0; at < bytes.length; at += 4 * 1024 * 1024) {
    const block = bytes.subarray(at, at + 4 * 1024 * 1024);
    parts.push(number((0x80000000 | block.length) >>> 0), block);
  }
  return Buffer.concat([...parts, number(0)]);
}

export type Suffix = '' | '.gz' | '.br' | '.lz4';

/** A file or folder of the data folder, under the name that WAL-G gives it. */
interface Walked {
  name: string;
  path: string;
  isFolder: boolean;
  mtime: bigint;
}

interface FileDescription {
  IsIncremented: boolean;
  IsSkipped: boolean;
  MTime: string;
  UpdatesCount: number;
}

export interface PushedBackup {
  name: string;
  lsn: bigint;
  finishLsn: bigint;
  /** By name, when it changed last. */
  times: Map<string, bigint>;
  count: number;
  full: string;
  /** By name, what became of it. */
  files: Record<string, FileDescription>;
  /** By tar file, what is in it. */
  tars: Record<string, string[]>;
}

const EXCLUDED = new Set(
  `log pg_log pg_xlog pg_wal pgsql_tmp postgresql.auto.conf.tmp postmaster.pid postmaster.opts recovery.conf
  pg_dynshmem pg_notify pg_replslot pg_serial pg_stat_tmp pg_snapshots pg_subtrans standby.signal`.split(
    /\s+/,
  ),
);
const PAGE = 8192;

interface PushOptions {
  suffix: Suffix;
  /** A delta backup of it. */
  parent?: PushedBackup;
  /** As when it is given no data folder, and has the server stream one (`streaming_base_backup.go`). */
  isStreamed?: boolean;
  /** `WALG_WITHOUT_FILES_METADATA` */
  isWithoutFiles?: boolean;
  /** About how many bytes a tar file gets (`WALG_TAR_SIZE_THRESHOLD`). */
  tarSize?: number;
}

/** `wal-g backup-push`, into the folder `prefix`. */
export async function pushBackup(
  prefix: string,
  { data }: Pick<Cluster, 'data'>,
  client: pg.Client,
  { suffix, parent, isStreamed = false, isWithoutFiles = false, tarSize = 2_000_000 }: PushOptions,
): Promise<PushedBackup> {
  const startTime = new Date();
  const one = async (sql: string): Promise<string[]> => {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows[0].map(String);
  };
  const [version] = await one('SHOW server_version_num');
  const isOld = Number(version) < 150_000;
  const [system] = await one('SELECT system_identifier::text FROM pg_control_system()');
  const [segment, start] = await one(
    `SELECT (pg_walfile_name_offset(lsn)).file_name, lsn::text
     FROM ${isOld ? "pg_start_backup('wal-g', true, false)" : "pg_backup_start('wal-g', true)"} lsn`,
  );
  const lsn = lsnOf(start);
  const name = `base_${segment}${parent ? `_D_${/[0-9A-F]{24}/.exec(parent.name)![0]}` : ''}`;
  const tars = join(prefix, 'basebackups_005', name, 'tar_partitions');
  mkdirSync(tars, { recursive: true });

  const files: Record<string, FileDescription> = {};
  const sets: Record<string, string[]> = {};
  const times = new Map<string, bigint>();
  let part = new TarFile();
  let number = 1;
  let size = 0;
  const store = (file: string, bytes: Uint8Array): void => {
    const packed = pack[suffix](bytes);
    size += packed.length;
    writeFileSync(join(tars, file + suffix), packed);
  };
  const partName = (): string => `part_${String(number).padStart(3, '0')}.tar`;
  const closePart = async (): Promise<void> => {
    store(partName(), await part.end());
    part = new TarFile();
    number++;
  };
  const tablespaces: Record<string, { loc: string; link: string }> = {};
  for (const found of walk(data, '', tablespaces)) {
    const walked = isStreamed ? { ...found, name: found.name.slice(1) } : found;
    if (isStreamed && walked.isFolder) continue;
    const described: FileDescription = {
      IsIncremented: false,
      IsSkipped: false,
      MTime: new Date(Number(walked.mtime / 1_000_000n)).toISOString(),
      UpdatesCount: 0,
    };
    files[walked.name] = described;
    times.set(walked.name, walked.mtime);
    if (walked.isFolder) {
      part.add(walked.name, undefined);
    } else if (parent?.times.get(walked.name) === walked.mtime) {
      described.IsSkipped = true;
      continue;
    } else {
      const bytes = readFileSync(walked.path);
      const increment = parent?.times.has(walked.name)
        ? incrementOf(walked.name, bytes, parent.lsn)
        : undefined;
      described.IsIncremented = increment !== undefined;
      part.add(walked.name, increment ?? bytes);
    }
    sets[partName() + suffix] ??= [];
    sets[partName() + suffix].push(walked.name);
    if (part.size > tarSize) await closePart();
  }
  const controlName = isStreamed ? 'global/pg_control' : '/global/pg_control';
  const controlFile = readFileSync(join(data, 'global/pg_control'));
  if (isStreamed) part.add(controlName, controlFile);
  else await closePart();
  const control = new TarFile();
  control.add(controlName, controlFile);
  store('pg_control.tar', await control.end());
  const [finish, label, map] = await one(
    `SELECT lsn::text, labelfile, spcmapfile FROM ${isOld ? 'pg_stop_backup(false)' : 'pg_backup_stop()'}`,
  );
  const labels = isStreamed ? part : new TarFile();
  labels.add('backup_label', Buffer.from(label));
  labels.add('tablespace_map', Buffer.from(map));
  if (isStreamed) await closePart();
  else store('backup_label.tar', await labels.end());
  sets[`backup_label.tar${suffix}`] = ['tablespace_map', 'backup_label'];

  const full = parent?.full ?? name;
  const count = (parent?.count ?? -1) + 1;
  const folder = join(prefix, 'basebackups_005', name);
  const finishTime = new Date();
  writeFileSync(
    join(folder, 'metadata.json'),
    JSON.stringify({ start_time: startTime, finish_time: finishTime, date_fmt: '%Y-%m-%dT%H:%M:%S.%fZ' }),
  );
  if (!isWithoutFiles) {
    writeFileSync(
      join(folder, 'files_metadata.json'),
      JSON.stringify({ Files: files, ...(!isStreamed && { TarFileSets: sets }) }),
    );
  }
  const spec =
    Object.keys(tablespaces).length === 0
      ? undefined
      : { base_prefix: data, tablespaces: Object.keys(tablespaces), ...tablespaces };
  const fields = {
    LSN: lsn,
    ...(parent && {
      DeltaLSN: parent.lsn,
      DeltaFrom: parent.name,
      DeltaFullName: full,
      DeltaCount: count,
    }),
    PgVersion: Number(version),
    FinishLSN: lsnOf(finish),
    SystemIdentifier: BigInt(system),
    UncompressedSize: size,
    CompressedSize: size,
    DataCatalogSize: 12345,
    ...(spec && { Spec: spec }),
    ...(isWithoutFiles && { FilesMetadataDisabled: true }),
    ChkpNum: null,
    Version: 2,
    StartTime: startTime,
    FinishTime: finishTime,
  };
  writeFileSync(join(prefix, 'basebackups_005', `${name}_backup_stop_sentinel.json`), jsonOf(fields));
  return { name, lsn, finishLsn: lsnOf(finish), times, count, full, files, tars: sets };
}

/** With numbers of 64 bits. */
const jsonOf = (fields: object): string =>
  JSON.stringify(fields, (_, value: unknown) =>
    typeof value === 'bigint' ? `#${value}#` : value,
  ).replaceAll(/"#(\d+)#"/g, '$1');

function lsnOf(text: string): bigint {
  const [high, low] = text.split('/').map((digits) => BigInt(`0x${digits}`));
  return (high << 32n) | low;
}

/** As Go's `filepath.Walk`, with what tablespaces hold. */
function* walk(
  path: string,
  name: string,
  tablespaces: Record<string, { loc: string; link: string }>,
): Generator<Walked> {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) return;
  const last = name.slice(name.lastIndexOf('/') + 1);
  const isFolder = stats.isDirectory();
  const isExcluded = EXCLUDED.has(last);
  if (name.endsWith('/pg_control') || (isExcluded && !isFolder)) return;
  if (isFolder || stats.isFile()) yield { name: name || '/', path, isFolder, mtime: stats.mtimeNs };
  if (!isFolder || isExcluded) return;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = join(path, entry.name);
    if (entry.isSymbolicLink() && last === 'pg_tblspc') {
      const loc = readlinkSync(below);
      tablespaces[entry.name] = { loc, link: `pg_tblspc/${entry.name}` };
      for (const inside of readdirSync(loc)) {
        yield* walk(join(loc, inside), `${name}/${entry.name}/${inside}`, tablespaces);
      }
    } else yield* walk(below, `${name}/${entry.name}`, tablespaces);
  }
}

/** What changed of a file of a relation since another backup; undefined where it is none, or cannot be read so. */
function incrementOf(name: string, bytes: Buffer, since: bigint): Buffer | undefined {
  const isPaged =
    /base|pg_tblspc/.test(name) &&
    !/pg_xact|pg_clog|pg_multixact/.test(name) &&
    /\/\d+(?:\.\d+)?$/.test(name) &&
    bytes.length > 0 &&
    bytes.length % PAGE === 0;
  if (!isPaged) return undefined;
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += PAGE) {
    const lsn = (BigInt(bytes.readUInt32LE(at)) << 32n) | BigInt(bytes.readUInt32LE(at + 4));
    const isNew = bytes.readUInt16LE(at + 14) === 0;
    if (isNew || lsn >= since) blocks.push(at / PAGE);
  }
  const header = Buffer.alloc(16 + 4 * blocks.length);
  header.write('wi1U');
  header.writeBigUInt64LE(BigInt(bytes.length), 4);
  header.writeUInt32LE(blocks.length, 12);
  for (const [i, block] of blocks.entries()) header.writeUInt32LE(block, 16 + 4 * i);
  return Buffer.concat([header, ...blocks.map((block) => bytes.subarray(block * PAGE, (block + 1) * PAGE))]);
}

class TarFile {
  size = 0;
  private readonly stream = tar.pack();
  private readonly pieces: Buffer[] = [];

  constructor() {
    this.stream.on('data', (piece: Buffer) => this.pieces.push(piece));
  }

  /** @param bytes undefined for a folder */
  add(name: string, bytes: Uint8Array | undefined): void {
    if (bytes === undefined) this.stream.entry({ name, type: 'directory', mode: 0o700 });
    else this.stream.entry({ name, mode: 0o600 }, Buffer.from(bytes));
    this.size += bytes?.length ?? 0;
  }

  async end(): Promise<Buffer> {
    const ended = new Promise((resolve) => this.stream.on('end', resolve));
    this.stream.finalize();
    await ended;
    return Buffer.concat(this.pieces);
  }
}

/** `wal-g wal-push`, of what an archive has, gzipped. */
export function pushWal(prefix: string, archive: string, suffix: Suffix): void {
  const folder = join(prefix, 'wal_005');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(archive)) {
    const bytes = gunzipSync(readFileSync(join(archive, name)));
    writeFileSync(join(folder, name.replace(/\.gz$/, suffix)), pack[suffix](bytes));
  }
}
