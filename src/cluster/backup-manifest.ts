import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { decodeText } from '../text/encoding.js';
import { isTooMuchJson } from '../text/json-size.js';
import { WalError } from '../wal/error.js';
import { type Lsn, parseLsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';
import { fileError } from './file-error.js';

/** A file of the backup, as the manifest lists it. */
export interface ManifestFile {
  /** Relative to the data folder, with `/`. */
  path: string;
  /** In bytes. */
  size: number;
  /** As written: `2026-11-22 10:12:37 GMT`. */
  lastModified: string | undefined;
  /** Undefined where the backup was taken without checksums. */
  checksum: { algorithm: ChecksumAlgorithm; hex: string } | undefined;
  /** The file of a backup tool's repository that holds it. */
  storedIn?: string;
}

/** `pg_checksum_type` (src/include/common/checksum_helper.h). */
export const CHECKSUM_ALGORITHMS = ['NONE', 'CRC32C', 'SHA224', 'SHA256', 'SHA384', 'SHA512'] as const;
/** How the files of a backup are checked. SHA-1 is pgBackRest's: no `backup_manifest` has it. */
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number] | 'SHA1';

/** WAL that the backup cannot do without. */
export interface ManifestWalRange {
  timeline: number;
  startLsn: Lsn;
  /** Recovery is consistent from here on. */
  endLsn: Lsn;
}

/** What `backup_manifest` says of a base backup: its files, and the WAL that it needs to become consistent. */
export interface BackupManifest {
  /** 2 since PostgreSQL 17. */
  version: 1 | 2;
  /** Since version 2. */
  systemIdentifier: bigint | undefined;
  files: ManifestFile[];
  /** More than one where a timeline switch fell into the backup. */
  walRanges: ManifestWalRange[];
  /** It says nothing of some files: of those that are put together of several backups. */
  isPartial?: true;
}

/**
 * Reads `backup_manifest`, which PostgreSQL writes since 13, and checks its SHA-256 over all but the last line.
 * As strict as PostgreSQL, and in its words (src/common/parse_manifest.c, before 17 src/bin/pg_verifybackup).
 *
 * @param file name for errors
 * @throws WalError `bad-manifest`, or `manifest-checksum` where the manifest has been changed
 */
export function parseBackupManifest(bytes: Uint8Array, file?: string): BackupManifest {
  try {
    return readManifest(bytes);
  } catch (error) {
    if (error instanceof WalError) throw fileError(error.code, error.said, file);
    throw error;
  }
}

const bad = (why: Message): WalError =>
  new WalError('bad-manifest', message`could not parse backup manifest: ${why}`);

/** What helps where there is too much of it. */
export const WITHOUT_MANIFEST = message`move it away to have the backup read without it, and check the files by pg_verifybackup`;

function readManifest(bytes: Uint8Array): BackupManifest {
  if (isTooMuchJson(bytes)) {
    const text = message`the manifest tells of more files than fit into memory: ${WITHOUT_MANIFEST}`;
    throw new WalError('file-too-large', text);
  }
  const { [VERSION_KEY]: version, ...fields } = parseJson(decodeText(bytes));
  if (version !== 1 && version !== 2) throw bad(message`unexpected manifest version`);
  const unknown = Object.keys(fields).find((key) => !TOP_LEVEL_KEYS.includes(key));
  if (unknown !== undefined) throw bad(message`unrecognized top-level field "${unknown}"`);
  checkChecksum(bytes, fields['Manifest-Checksum']);
  return {
    version,
    systemIdentifier: readSystemIdentifier(fields['System-Identifier']),
    files: readArray(fields, 'Files').map(readFile),
    walRanges: readArray(fields, 'WAL-Ranges').map(readWalRange),
  };
}

const VERSION_KEY = 'PostgreSQL-Backup-Manifest-Version';
const TOP_LEVEL_KEYS = ['System-Identifier', 'Files', 'WAL-Ranges', 'Manifest-Checksum'];

type JsonObject = { [key: string]: unknown };

/** The system identifier needs 64 bits, which JSON.parse would round: it is read as a string. */
function parseJson(text: string): JsonObject {
  if (!text.trimStart().startsWith('{')) throw bad(message`expected a JSON object`);
  let parsed: JsonObject;
  try {
    parsed = JSON.parse(text.replace(/("System-Identifier"\s*:\s*)(\d+)/, '$1"$2"'));
  } catch {
    throw bad(message`it is not valid JSON, perhaps cut short`);
  }
  if (Object.keys(parsed)[0] !== VERSION_KEY) throw bad(message`expected version indicator`);
  return parsed;
}

function checkChecksum(bytes: Uint8Array, expected: unknown): void {
  const lastNewline = bytes.lastIndexOf(NEWLINE);
  const lineBefore = lastNewline < 1 ? -1 : bytes.lastIndexOf(NEWLINE, lastNewline - 1);
  if (lineBefore < 0) throw bad(message`expected at least 2 lines`);
  if (lastNewline !== bytes.length - 1) throw bad(message`last line not newline-terminated`);
  if (expected === undefined) throw new WalError('bad-manifest', message`manifest has no checksum`);
  if (typeof expected !== 'string' || !/^[0-9a-fA-F]{64}$/.test(expected)) {
    throw new WalError('bad-manifest', message`invalid manifest checksum`);
  }
  const actual = sha256(bytes.subarray(0, lineBefore + 1));
  if (bytesToHex(actual) !== expected.toLowerCase()) {
    throw new WalError(
      'manifest-checksum',
      message`manifest checksum mismatch: the file was changed after the backup`,
    );
  }
}

const NEWLINE = 0x0a;

function readSystemIdentifier(value: unknown): bigint | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) {
    throw bad(message`system identifier in manifest not an integer`);
  }
  return BigInt(value);
}

function readArray(fields: JsonObject, key: string): JsonObject[] {
  const value = fields[key] ?? [];
  if (!Array.isArray(value)) throw bad(message`${key} is no array`);
  if (value.some((item) => typeof item !== 'object' || item === null))
    throw bad(message`${key} holds no objects`);
  return value;
}

function readFile(fields: JsonObject): ManifestFile {
  const { Size: size, 'Last-Modified': lastModified } = fields;
  if (size === undefined) throw bad(message`missing size`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw bad(message`file size is not an integer`);
  }
  return {
    path: readPath(fields),
    size,
    lastModified: typeof lastModified === 'string' ? lastModified : undefined,
    checksum: readChecksum(fields),
  };
}

/** Paths that are not UTF-8 are written as the hexadecimal digits of their bytes. */
function readPath({ Path: path, 'Encoded-Path': encoded }: JsonObject): string {
  if (path !== undefined && encoded !== undefined) throw bad(message`both path name and encoded path name`);
  if (typeof path === 'string') return path;
  if (typeof encoded !== 'string') throw bad(message`missing path name`);
  if (!HEX_BYTES.test(encoded)) throw bad(message`could not decode file name`);
  return decodeText(hexToBytes(encoded));
}

const HEX_BYTES = /^(?:[0-9a-fA-F]{2})*$/;

function readChecksum(fields: JsonObject): ManifestFile['checksum'] {
  const { 'Checksum-Algorithm': name, Checksum: hex } = fields;
  if (name === undefined) {
    if (hex !== undefined) throw bad(message`checksum without algorithm`);
    return undefined;
  }
  const algorithm = CHECKSUM_ALGORITHMS.find((known) => known === name);
  if (!algorithm) throw new WalError('bad-manifest', message`unrecognized checksum algorithm`);
  if (typeof hex !== 'string' || !HEX_BYTES.test(hex)) {
    throw new WalError('bad-manifest', message`invalid checksum for file "${readPath(fields)}"`);
  }
  return { algorithm, hex: hex.toLowerCase() };
}

function readWalRange(fields: JsonObject): ManifestWalRange {
  const { Timeline: timeline, 'Start-LSN': start, 'End-LSN': end } = fields;
  if (timeline === undefined) throw bad(message`missing timeline`);
  if (start === undefined) throw bad(message`missing start LSN`);
  if (end === undefined) throw bad(message`missing end LSN`);
  if (typeof timeline !== 'number' || !Number.isInteger(timeline) || timeline < 1 || timeline > 0xffffffff) {
    throw bad(message`timeline is not an integer`);
  }
  return { timeline, startLsn: readLsn(start, 'start'), endLsn: readLsn(end, 'end') };
}

function readLsn(value: unknown, which: 'start' | 'end'): Lsn {
  const lsn = typeof value === 'string' ? parseLsn(value) : undefined;
  if (lsn === undefined)
    throw bad(which === 'start' ? message`could not parse start LSN` : message`could not parse end LSN`);
  return lsn;
}
