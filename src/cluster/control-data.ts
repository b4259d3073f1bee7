import { bytesToHex } from '@noble/hashes/utils.js';
import { formatCtime, type TimeZone } from '../text/timezone.js';
import { formatLsn, formatLsnShort, type Lsn } from '../wal/lsn.js';
import { isValidSegmentSize, segmentFileNameOf } from '../wal/segment-name.js';
import { type ControlFile, layoutVersion, type UnixSeconds } from './control-file.js';

/** Width of what stands before each value. */
const LABEL_WIDTH = 38;

/**
 * The lines that `pg_controldata` of the version that wrote the file prints in the C locale, without its warnings
 * (src/bin/pg_controldata/pg_controldata.c of each major version).
 *
 * @param zone in which `pg_controldata` prints times: that of the variable TZ
 */
export function formatControlData(control: ControlFile, zone: TimeZone): string {
  return controlLines(control, zone)
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => `${label.padEnd(LABEL_WIDTH)}${value}\n`)
    .join('');
}

/** Label and value; undefined where the file's version has no such line. */
function controlLines(
  control: ControlFile,
  zone: TimeZone,
): [string, string | number | bigint | undefined][] {
  const { checkPointCopy } = control;
  const is19 = layoutVersion(control) >= 19;
  const lsn = (value: Lsn) => (is19 ? formatLsn(value) : formatLsnShort(value));
  return [
    ['pg_control version number:', control.controlVersion],
    ['Catalog version number:', control.catalogVersion],
    ['Database system identifier:', control.systemIdentifier],
    ['Database cluster state:', named(control.state, 'unrecognized status code')],
    ['pg_control last modified:', ctime(control.lastModified, zone)],
    ['Latest checkpoint location:', lsn(control.checkPoint)],
    [
      'Prior checkpoint location:',
      control.previousCheckPoint === undefined ? undefined : lsn(control.previousCheckPoint),
    ],
    ["Latest checkpoint's REDO location:", lsn(checkPointCopy.redo)],
    ["Latest checkpoint's REDO WAL file:", redoFile(control)],
    ["Latest checkpoint's TimeLineID:", checkPointCopy.timeline],
    ["Latest checkpoint's PrevTimeLineID:", checkPointCopy.previousTimeline],
    ["Latest checkpoint's full_page_writes:", onOff(checkPointCopy.fullPageWrites)],
    ["Latest checkpoint's logical decoding:", onOff(checkPointCopy.logicalDecoding)],
    [
      "Latest checkpoint's NextXID:",
      `${checkPointCopy.nextXid >> 32n}:${checkPointCopy.nextXid & 0xffffffffn}`,
    ],
    ["Latest checkpoint's NextOID:", checkPointCopy.nextOid],
    ["Latest checkpoint's NextMultiXactId:", checkPointCopy.nextMulti],
    ["Latest checkpoint's NextMultiOffset:", checkPointCopy.nextMultiOffset],
    ["Latest checkpoint's oldestXID:", checkPointCopy.oldestXid],
    ["Latest checkpoint's oldestXID's DB:", checkPointCopy.oldestXidDatabase],
    ["Latest checkpoint's oldestActiveXID:", checkPointCopy.oldestActiveXid],
    ["Latest checkpoint's oldestMultiXid:", checkPointCopy.oldestMulti],
    ["Latest checkpoint's oldestMulti's DB:", checkPointCopy.oldestMultiDatabase],
    ["Latest checkpoint's oldestCommitTsXid:", checkPointCopy.oldestCommitTsXid],
    ["Latest checkpoint's newestCommitTsXid:", checkPointCopy.newestCommitTsXid],
    ['Time of latest checkpoint:', ctime(checkPointCopy.time, zone)],
    ['Fake LSN counter for unlogged rels:', lsn(control.unloggedLsn)],
    ['Minimum recovery ending location:', lsn(control.minRecoveryPoint)],
    ["Min recovery ending loc's timeline:", control.minRecoveryPointTimeline],
    ['Backup start location:', lsn(control.backupStartPoint)],
    ['Backup end location:', lsn(control.backupEndPoint)],
    ['End-of-backup record required:', control.backupEndRequired ? 'yes' : 'no'],
    ['wal_level setting:', named(control.walLevel, unrecognizedWalLevel(control))],
    ['wal_log_hints setting:', onOff(control.walLogHints)],
    ['max_connections setting:', control.maxConnections],
    ['max_worker_processes setting:', control.maxWorkerProcesses],
    ['max_wal_senders setting:', control.maxWalSenders],
    ['max_prepared_xacts setting:', control.maxPreparedXacts],
    ['max_locks_per_xact setting:', control.maxLocksPerXact],
    ['track_commit_timestamp setting:', onOff(control.trackCommitTimestamp)],
    ['Maximum data alignment:', control.maxAlign],
    ['Database block size:', control.blockSize],
    ['Blocks per segment of large relation:', control.blocksPerRelationSegment],
    ['Pages per SLRU segment:', control.slruPagesPerSegment],
    ['WAL block size:', control.walBlockSize],
    ['Bytes per WAL segment:', control.walSegmentSize],
    ['Maximum length of identifiers:', control.nameDataLength],
    ['Maximum columns in an index:', control.maxIndexColumns],
    ['Maximum size of a TOAST chunk:', control.toastMaxChunkSize],
    ['Size of a large-object chunk:', control.largeObjectChunkSize],
    ['Date/time type storage:', '64-bit integers'],
    ['Float4 argument passing:', byValue(control.float4ByValue)],
    ['Float8 argument passing:', byValue(control.float8ByValue)],
    ['Data page checksum version:', control.dataChecksumVersion],
    ['Default char data signedness:', signedness(control.defaultCharSigned)],
    ['Mock authentication nonce:', bytesToHex(control.mockAuthenticationNonce)],
  ];
}

/** Seconds after which the Gregorian calendar comes again, with its weekdays: 400 years. */
const CALENDAR_CYCLE = 12_622_780_800n;
/** `tm_year` of C is an `int` that counts from 1900. */
const LAST_YEAR = 2 ** 31 - 1 + 1900;

/** `???` is what `pg_controldata` prints where the C library cannot split a time, two billion years from now. */
function ctime(time: UnixSeconds, zone: TimeZone): string {
  const cycles = time / CALENDAR_CYCLE;
  const text = formatCtime(Number(time - cycles * CALENDAR_CYCLE), zone);
  const year = Number(text.slice(YEAR_AT)) + Number(cycles) * 400;
  return Math.abs(year) <= LAST_YEAR ? text.slice(0, YEAR_AT) + year : '???';
}

/** `Sun Nov 22 10:34:46 2026` */
const YEAR_AT = 20;

/** The usual size with which a PostgreSQL up to 10 was built. */
const BUILT_SEGMENT_SIZE = 16 * 1024 * 1024;

/**
 * Of any size that is a positive `int`, as a damaged file may have it. `???` is what `pg_controldata` prints for 0, and
 * since 18 for a negative one, where earlier ones fail. Up to 10 the size is the program's own.
 */
function redoFile(control: ControlFile): string {
  const { checkPointCopy, walSegmentSize } = control;
  const isBuiltIn = layoutVersion(control) < 11 && !isValidSegmentSize(walSegmentSize);
  const size = isBuiltIn ? BUILT_SEGMENT_SIZE : walSegmentSize | 0;
  return size <= 0 ? '???' : segmentFileNameOf(checkPointCopy.timeline, checkPointCopy.redo, size);
}

const named = (value: string | number, unknown: string): string =>
  typeof value === 'string' ? value : unknown;

/** Quoted since 17. */
const unrecognizedWalLevel = (control: ControlFile): string =>
  layoutVersion(control) >= 17 ? 'unrecognized "wal_level"' : 'unrecognized wal_level';

const either = (yes: string, no: string) => (value: boolean | undefined) =>
  value === undefined ? undefined : value ? yes : no;

const onOff = either('on', 'off');
const byValue = either('by value', 'by reference');
const signedness = either('signed', 'unsigned');
