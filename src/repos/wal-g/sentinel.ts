import type { ByteSource } from '../../sources/byte-source.js';
import { readWhole } from '../../sources/read.js';
import type { Reading } from '../../sources/reading.js';
import { decodeText } from '../../text/encoding.js';
import { isTooMuchJson } from '../../text/json-size.js';
import { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import { type Message, message } from '../../wal/message.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';

/**
 * What WAL-G writes of a backup, as JSON: the sentinel (`BackupSentinelDto`, `BackupSentinelDtoV2`), `metadata.json`
 * (`ExtendedMetadataDto`) and `files_metadata.json` (`FilesMetadataDto`), all in its
 * internal/databases/postgres/backup_sentinel_dto.go, 3.0.8.
 */

/** What the sentinel says, which is written last of all. */
export interface Sentinel {
  /** The redo point. */
  startLsn: Lsn | undefined;
  /** What `pg_backup_stop` gave. */
  finishLsn: Lsn | undefined;
  /** Of a delta backup, the one that it builds on, and where that began. */
  parent: { name: string; startLsn: Lsn | undefined } | undefined;
  /** The major version. */
  version: number | undefined;
  systemIdentifier: bigint | undefined;
  times: BackupTimes;
  /** Bytes of the data folder, where known. */
  size: number | undefined;
  storedSize: number | undefined;
  /** Whether there is no `files_metadata.json`, because the user wanted none. */
  isWithoutFiles: boolean;
  /** Before 1.0 WAL-G had them in the sentinel. */
  files: FilesMetadata | undefined;
}

export interface BackupTimes {
  start: TimestampTz | undefined;
  /** When all of it had been stored. */
  finish: TimestampTz | undefined;
}

/** What became of a file in a backup. */
export type FileState = 'whole' | 'increment' | 'unchanged';

export interface FilesMetadata {
  /** Files and folders by their path in the data folder; none where that was not recorded. */
  states: ReadonlyMap<string, FileState>;
  /** By tar file, what is in it; none where that was not recorded. */
  tars: ReadonlyMap<string, readonly string[]>;
}

/** Some hundred bytes for each file of the cluster; text that is longer than a string can be is out of the question. */
const LARGEST_JSON = 192 * 1024 * 1024;

const RESTORE_IT = message`: restore the backup by wal-g backup-fetch, and give the data folder`;

/** All that is read of these files, at whatever depth. */
type JsonObject = {
  [key in
    | 'LSN'
    | 'FinishLSN'
    | 'DeltaFrom'
    | 'DeltaLSN'
    | 'DeltaFromLSN'
    | 'PgVersion'
    | 'SystemIdentifier'
    | 'StartTime'
    | 'FinishTime'
    | 'start_time'
    | 'finish_time'
    | 'UncompressedSize'
    | 'CompressedSize'
    | 'DataCatalogSize'
    | 'FilesMetadataDisabled'
    | 'Files'
    | 'TarFileSets'
    | 'IsSkipped'
    | 'IsIncremented']?: unknown;
};

export async function readSentinel(source: ByteSource, reading: Reading): Promise<Sentinel> {
  return parseSentinel(await readWhole(source, LARGEST_JSON, reading, RESTORE_IT), source.name);
}

export async function readTimes(source: ByteSource, reading: Reading): Promise<BackupTimes> {
  const fields = parseJson(await readWhole(source, LARGEST_JSON, reading, RESTORE_IT), source.name);
  return { start: timeOf(fields.start_time), finish: timeOf(fields.finish_time) };
}

export async function readFilesMetadata(source: ByteSource, reading: Reading): Promise<FilesMetadata> {
  return parseFilesMetadata(await readWhole(source, LARGEST_JSON, reading, RESTORE_IT), source.name);
}

/** @throws WalError `bad-repository` */
export function parseSentinel(bytes: Uint8Array, file: string): Sentinel {
  const fields = parseJson(bytes, file);
  const number = (key: keyof JsonObject): bigint | undefined => wholeNumber(fields[key], key, file);
  const parent = fields.DeltaFrom ?? undefined;
  if (parent !== undefined && typeof parent !== 'string') throw bad(file, message`DeltaFrom is no name`);
  const full = parent === undefined ? fields.UncompressedSize : undefined;
  return {
    startLsn: number('LSN'),
    finishLsn: number('FinishLSN'),
    parent:
      parent === undefined
        ? undefined
        : { name: parent, startLsn: number('DeltaLSN') ?? number('DeltaFromLSN') },
    version: majorVersion(fields.PgVersion),
    systemIdentifier: number('SystemIdentifier'),
    times: { start: timeOf(fields.StartTime), finish: timeOf(fields.FinishTime) },
    size: sizeOf(fields.DataCatalogSize) ?? sizeOf(full),
    storedSize: sizeOf(fields.CompressedSize),
    isWithoutFiles: fields.FilesMetadataDisabled === true,
    files: isObject(fields.Files) ? filesOf(fields, file) : undefined,
  };
}

/** @throws WalError `bad-repository` */
export function parseFilesMetadata(bytes: Uint8Array, file: string): FilesMetadata {
  return filesOf(parseJson(bytes, file), file);
}

function filesOf({ Files: files, TarFileSets: sets }: JsonObject, file: string): FilesMetadata {
  const states = new Map<string, FileState>();
  for (const [path, state] of entriesOf(files, 'Files', file)) {
    if (!isObject(state)) throw bad(file, message`Files holds no objects`);
    states.set(
      pathOf(path),
      state.IsSkipped === true ? 'unchanged' : state.IsIncremented === true ? 'increment' : 'whole',
    );
  }
  const tars = new Map<string, readonly string[]>();
  for (const [name, paths] of entriesOf(sets, 'TarFileSets', file)) {
    const isList = Array.isArray(paths) && paths.every((path) => typeof path === 'string');
    if (!isList) throw bad(file, message`TarFileSets holds no lists of names`);
    tars.set(name, paths.map(pathOf));
  }
  return { states, tars };
}

/** WAL-G's own backups have a slash before the path in the data folder; those that the server streams have none. */
export const pathOf = (name: string): string => name.replace(/^\.?\/+/, '');

/** Numbers of 64 bits, which JSON.parse would round: they are read as strings. */
const LARGE = /("(?:LSN|FinishLSN|DeltaLSN|DeltaFromLSN|SystemIdentifier)"\s*:\s*)(\d+)(?=\s*[,}])/g;

function parseJson(bytes: Uint8Array, file: string): JsonObject {
  if (isTooMuchJson(bytes)) {
    const text = message`${file} tells of more files than fit into memory${RESTORE_IT}`;
    throw new WalError('file-too-large', text, { file });
  }
  let value: unknown;
  try {
    value = JSON.parse(decodeText(bytes).replace(LARGE, '$1"$2"'));
  } catch {
    throw bad(file, message`it is not valid JSON, perhaps cut short`);
  }
  if (!isObject(value)) throw bad(file, message`it is no JSON object`);
  return value;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function* entriesOf(value: unknown, key: string, file: string): Generator<[string, unknown]> {
  if (value === undefined || value === null) return;
  if (!isObject(value)) throw bad(file, message`${key} is no object`);
  for (const name of Object.keys(value)) yield [name, (value as Record<string, unknown>)[name]];
}

const MOST = 2n ** 64n;

function wholeNumber(value: unknown, key: string, file: string): bigint | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : MOST;
  if (number >= MOST) throw bad(file, message`${key} is no number of 64 bits`);
  return number;
}

/** As `server_version_num` has it. */
function majorVersion(value: unknown): number | undefined {
  const major = typeof value === 'number' ? Math.floor(value / 10_000) : 0;
  return Number.isSafeInteger(major) && major > 0 ? major : undefined;
}

const sizeOf = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;

/** As Go writes it: RFC 3339 with up to nine digits of a second; the year 1 where it was not set. */
function timeOf(value: unknown): TimestampTz | undefined {
  const [, whole, fraction = '', zone] =
    (typeof value === 'string' &&
      /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(value)) ||
    [];
  const time = Date.parse(`${whole}${zone}`);
  if (Number.isNaN(time) || time < 0) return undefined;
  const micros = BigInt(fraction.padEnd(6, '0').slice(0, 6));
  return BigInt(time) * 1000n + micros - POSTGRES_EPOCH_US;
}

function bad(file: string, why: Message): WalError {
  return new WalError('bad-repository', message`${file} is none that WAL-G writes: ${why}`, { file });
}
