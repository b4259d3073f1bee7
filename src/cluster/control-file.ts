import { ByteView, OutOfBounds } from '../wal/byte-view.js';
import { CStruct } from '../wal/c-struct.js';
import { readCheckPoint } from '../wal/check-point.js';
import { crc32c } from '../wal/crc32c.js';
import type { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { versionOfMagic } from '../wal/version.js';
import { fileError } from './file-error.js';

/** `DBState`, in the order of its numbers. */
export const CLUSTER_STATES = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
] as const;

/** `WalLevel`, in the order of its numbers. */
export const WAL_LEVELS = ['minimal', 'replica', 'logical'] as const;

/** A number is one that PostgreSQL does not know either. */
export type ClusterState = (typeof CLUSTER_STATES)[number] | number;
/** `wal_level`. A number is one that PostgreSQL does not know either. */
export type WalLevel = (typeof WAL_LEVELS)[number] | number;

/** Seconds since 1970-01-01 00:00 UTC (`pg_time_t`). */
export type UnixSeconds = bigint;

/** The latest checkpoint as pg_control repeats it (`CheckPoint`). */
export interface ControlCheckPoint {
  redo: Lsn;
  timeline: number;
  /** The timeline before, where the checkpoint begins a new one; else the same. */
  previousTimeline: number;
  fullPageWrites: boolean;
  /** Since 17. */
  walLevel: WalLevel | undefined;
  /** Since 19. */
  logicalDecoding: boolean | undefined;
  /** With the epoch in its upper half. */
  nextXid: bigint;
  nextOid: number;
  nextMulti: number;
  /** 64 bits wide since 19, 32 before. */
  nextMultiOffset: bigint;
  oldestXid: number;
  oldestXidDatabase: number;
  oldestMulti: number;
  oldestMultiDatabase: number;
  time: UnixSeconds;
  /** 0 where commit timestamps are not kept; so is `newestCommitTsXid`. */
  oldestCommitTsXid: number;
  newestCommitTsXid: number;
  /** 0 after a shutdown. */
  oldestActiveXid: number;
}

/** What pg_control says (`ControlFileData`). LSNs that are not set are 0; fields that its version lacks, undefined. */
export interface ControlFile {
  systemIdentifier: bigint;
  /** The format of the file itself: 1300 for PostgreSQL 13 to 16, 1700 for 17. */
  controlVersion: number;
  catalogVersion: number;
  /** The PostgreSQL major version; undefined where 13 to 16 share a format and the catalog is of no release. */
  version: number | undefined;
  state: ClusterState;
  lastModified: UnixSeconds;
  checkPoint: Lsn;
  /** Before 11. */
  previousCheckPoint: Lsn | undefined;
  checkPointCopy: ControlCheckPoint;
  unloggedLsn: Lsn;
  /** Recovery must reach this before the cluster is consistent. */
  minRecoveryPoint: Lsn;
  minRecoveryPointTimeline: number;
  backupStartPoint: Lsn;
  backupEndPoint: Lsn;
  backupEndRequired: boolean;
  walLevel: WalLevel;
  walLogHints: boolean;
  maxConnections: number;
  maxWorkerProcesses: number;
  /** Since 12. */
  maxWalSenders: number | undefined;
  maxPreparedXacts: number;
  maxLocksPerXact: number;
  trackCommitTimestamp: boolean;
  maxAlign: number;
  /** 1234567 on every machine whose floating-point format is the usual one. */
  floatFormat: number;
  blockSize: number;
  blocksPerRelationSegment: number;
  /** Since 19. */
  slruPagesPerSegment: number | undefined;
  walBlockSize: number;
  walSegmentSize: number;
  nameDataLength: number;
  maxIndexColumns: number;
  toastMaxChunkSize: number;
  largeObjectChunkSize: number;
  /** Before 13. */
  float4ByValue: boolean | undefined;
  float8ByValue: boolean;
  /** Since 19: the version with which the cluster was made. */
  initialDataChecksumVersion: number | undefined;
  /** 0 where data pages have no checksums. */
  dataChecksumVersion: number;
  /** Since 18: whether C's `char` is signed where the cluster was made. */
  defaultCharSigned: boolean | undefined;
  /** 32 random bytes. */
  mockAuthenticationNonce: Uint8Array;
  /** False where the file's CRC-32C does not fit its bytes: nothing in it can be trusted then. */
  crcValid: boolean;
}

/** `PG_CONTROL_VERSION` of each released format, with the first major version that has it. */
const FIRST_VERSION: ReadonlyMap<number, number> = new Map([
  [1002, 10],
  [1100, 11],
  [1201, 12],
  [1300, 13],
  [1700, 17],
  [1800, 18],
  [1905, 19], // 19rc1
]);

/** `CATALOG_VERSION_NO` tells the major versions of format 1300 apart (src/include/catalog/catversion.h). */
const VERSION_BY_CATALOG: ReadonlyMap<number, number> = new Map([
  [202007201, 13],
  [202107181, 14],
  [202209061, 15],
  [202307071, 16],
]);

/** The major version, or the first one, in whose layout a file is read. */
export const layoutVersion = ({ version }: ControlFile): number => version ?? 13;

/** `PG_CONTROL_VERSION` of a major version. */
export function formatNumberOf(version: number): number | undefined {
  const [number] = [...FIRST_VERSION].findLast(([, first]) => first <= version) ?? [];
  return number;
}

const MAJORS: ReadonlySet<number> = new Set([...FIRST_VERSION.values(), ...VERSION_BY_CATALOG.values()]);

/**
 * Decodes `global/pg_control` of PostgreSQL 10 to 19, as written on a little-endian 64-bit machine
 * (src/include/catalog/pg_control.h of each major version).
 *
 * A wrong checksum is no error, since the file may still say something: see `crcValid`.
 *
 * @param file name for errors
 * @throws WalError `byte-order` for a file of a big-endian machine, `unknown-version` for a format not listed
 * above, `truncated` when the bytes end too early
 */
export function parseControlFile(bytes: Uint8Array, file?: string): ControlFile {
  return parseControlFileOf(undefined, bytes, file);
}

/**
 * {@link parseControlFile} of a cluster whose major version is known: that of `pg_controldata` which people would
 * run. It goes where the file itself does not say its version, as where it was overwritten with zeros.
 */
export function parseControlFileOf(
  clusterVersion: number | undefined,
  bytes: Uint8Array,
  file?: string,
): ControlFile {
  try {
    return readControlFile(ByteView.of(bytes), clusterVersion, file);
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    throw fileError(
      'short-file',
      message`pg_control is cut short: it ends after ${bytes.length} bytes`,
      file,
    );
  }
}

function readControlFile(
  view: ByteView,
  clusterVersion: number | undefined,
  file: string | undefined,
): ControlFile {
  const controlVersion = view.u32(8);
  const isKnown = FIRST_VERSION.has(controlVersion);
  if (!isKnown && versionOfMagic(view.u16(0)) !== undefined) throw isWal(file);
  if (isSwapped(controlVersion)) throw bigEndian(file);
  const catalogVersion = view.u32(12);
  const version = versionOf(controlVersion, catalogVersion, clusterVersion);
  if (version === 'unknown') throw unknownVersion(controlVersion, file);

  // From here on the order of the fields is their order in the file.
  const struct = new CStruct(view, version ?? 13);
  const control = {
    systemIdentifier: struct.u64(),
    controlVersion: struct.u32(),
    catalogVersion: struct.u32(),
    version,
    state: nameOf(CLUSTER_STATES, struct.u32()),
    lastModified: struct.i64(),
    checkPoint: struct.u64(),
    previousCheckPoint: struct.before(11, () => struct.u64()),
    checkPointCopy: controlCheckPoint(struct),
    unloggedLsn: struct.u64(),
    minRecoveryPoint: struct.u64(),
    minRecoveryPointTimeline: struct.u32(),
    backupStartPoint: struct.u64(),
    backupEndPoint: struct.u64(),
    backupEndRequired: struct.bool(),
    walLevel: nameOf(WAL_LEVELS, struct.u32()),
    walLogHints: struct.bool(),
    maxConnections: struct.i32(),
    maxWorkerProcesses: struct.i32(),
    maxWalSenders: struct.since(12, () => struct.i32()),
    maxPreparedXacts: struct.i32(),
    maxLocksPerXact: struct.i32(),
    trackCommitTimestamp: struct.bool(),
    maxAlign: struct.u32(),
    floatFormat: struct.f64(),
    blockSize: struct.u32(),
    blocksPerRelationSegment: struct.u32(),
    slruPagesPerSegment: struct.since(19, () => struct.u32()),
    walBlockSize: struct.u32(),
    walSegmentSize: struct.u32(),
    nameDataLength: struct.u32(),
    maxIndexColumns: struct.u32(),
    toastMaxChunkSize: struct.u32(),
    largeObjectChunkSize: struct.u32(),
    float4ByValue: struct.before(13, () => struct.bool()),
    float8ByValue: struct.bool(),
    initialDataChecksumVersion: struct.since(19, () => struct.u32()),
    dataChecksumVersion: struct.u32(),
    defaultCharSigned: struct.since(18, () => struct.bool()),
    mockAuthenticationNonce: struct.bytes(32).slice(),
  };
  const crcAt = struct.align(4);
  return { ...control, crcValid: crc32c(view.bytes(0, crcAt)) === view.u32(crcAt) };
}

/** The same by the names that `control` gives the fields. */
function controlCheckPoint(struct: CStruct): ControlCheckPoint {
  const checkPoint = readCheckPoint(struct);
  struct.align(8);
  return {
    redo: checkPoint.redo,
    timeline: checkPoint.thisTimeLineID,
    previousTimeline: checkPoint.prevTimeLineID,
    fullPageWrites: checkPoint.fullPageWrites,
    walLevel: checkPoint.walLevel === undefined ? undefined : nameOf(WAL_LEVELS, checkPoint.walLevel),
    logicalDecoding: checkPoint.logicalDecodingEnabled,
    nextXid: checkPoint.nextXid,
    nextOid: checkPoint.nextOid,
    nextMulti: checkPoint.nextMulti,
    nextMultiOffset: checkPoint.nextMultiOffset,
    oldestXid: checkPoint.oldestXid,
    oldestXidDatabase: checkPoint.oldestXidDB,
    oldestMulti: checkPoint.oldestMulti,
    oldestMultiDatabase: checkPoint.oldestMultiDB,
    time: checkPoint.time,
    oldestCommitTsXid: checkPoint.oldestCommitTsXid,
    newestCommitTsXid: checkPoint.newestCommitTsXid,
    oldestActiveXid: checkPoint.oldestActiveXid,
  };
}

const nameOf = <T extends string>(names: readonly T[], value: number): T | number => names[value] ?? value;

/** @returns undefined where 13 to 16 share a format and nothing tells which it is */
function versionOf(
  controlVersion: number,
  catalogVersion: number,
  clusterVersion: number | undefined,
): number | undefined | 'unknown' {
  const version = FIRST_VERSION.get(controlVersion);
  if (version === 13) return VERSION_BY_CATALOG.get(catalogVersion);
  if (version !== undefined) return version;
  const isKnown = clusterVersion !== undefined && MAJORS.has(clusterVersion);
  return isKnown ? clusterVersion : 'unknown';
}

const isSwapped = (controlVersion: number): boolean =>
  (controlVersion & 0xffff) === 0 && controlVersion !== 0;

function bigEndian(file: string | undefined): WalError {
  const why = message`this was written by a big-endian machine, whose files walscan does not read`;
  return fileError('byte-order', why, file);
}

function isWal(file: string | undefined): WalError {
  return fileError(
    'unknown-version',
    message`this is WAL, and no pg_control; give a pg_control or a data folder`,
    file,
  );
}

function unknownVersion(version: number, file: string | undefined): WalError {
  const known = [...FIRST_VERSION.keys()].join(', ');
  const why = message`this is no pg_control, or one of a format that walscan does not know: it says ${version}, known are ${known} (PostgreSQL 10 to 19); in a data folder, PG_VERSION may tell`;
  return fileError('unknown-version', why, file);
}

/** What is wrong where {@link ControlFile.crcValid} is false. */
export function controlDamaged(file: string | undefined): WalError {
  const why = message`the checksum does not fit: the file is damaged, and nothing in it can be trusted`;
  return fileError('control-checksum', why, file);
}

/**
 * As {@link parseControlFile}, for those who go by what it says.
 * @throws WalError `control-checksum` where it is damaged as well
 */
export function soundControlFile(bytes: Uint8Array, file: string): ControlFile {
  const control = parseControlFile(bytes, file);
  if (control.crcValid) return control;
  throw controlDamaged(file);
}
