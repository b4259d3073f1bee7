import type { TextBuffer } from '../text/text-buffer.js';
import { OutOfBounds } from '../wal/byte-view.js';
import type { WalRecord } from '../wal/record.js';
import { RM_MAX_ID, RM_MIN_CUSTOM_ID, RM_XLOG2_ID } from '../wal/rmgr-id.js';
import { BRIN } from './brin.js';
import { BTREE } from './btree.js';
import { CLOG } from './clog.js';
import { COMMIT_TS } from './commit-ts.js';
import type { RecordData } from './content.js';
import { DATABASE } from './database.js';
import { GENERIC } from './generic.js';
import { GIN } from './gin.js';
import { GIST } from './gist.js';
import { HASH } from './hash.js';
import { HEAP } from './heap.js';
import { HEAP2 } from './heap2.js';
import { type FieldMeanings, Rmgr } from './kinds.js';
import { LOGICAL_MESSAGE } from './logical-message.js';
import { MULTIXACT } from './multixact.js';
import { RELMAP } from './relmap.js';
import { REPLICATION_ORIGIN } from './replication-origin.js';
import type { DescribeContext } from './rmgr.js';
import { SEQUENCE } from './sequence.js';
import { SPGIST } from './spgist.js';
import { STANDBY } from './standby.js';
import { STORAGE } from './storage.js';
import { TABLESPACE } from './tablespace.js';
import { TRANSACTION } from './transaction.js';
import { XLOG } from './xlog.js';
import { XLOG2 } from './xlog2.js';

export type { RecordData } from './content.js';
export type { FieldMeanings } from './kinds.js';
export type { DescribeContext } from './rmgr.js';

/** By id: src/include/access/rmgrlist.h, the same in 10 … 18; XLOG2 since 19. */
const RMGRS: readonly (Rmgr<RecordData> | undefined)[] = [
  new Rmgr<RecordData>(XLOG),
  new Rmgr<RecordData>(TRANSACTION),
  new Rmgr<RecordData>(STORAGE),
  new Rmgr<RecordData>(CLOG),
  new Rmgr<RecordData>(DATABASE),
  new Rmgr<RecordData>(TABLESPACE),
  new Rmgr<RecordData>(MULTIXACT),
  new Rmgr<RecordData>(RELMAP),
  new Rmgr<RecordData>(STANDBY),
  new Rmgr<RecordData>(HEAP2),
  new Rmgr<RecordData>(HEAP),
  new Rmgr<RecordData>(BTREE),
  new Rmgr<RecordData>(HASH),
  new Rmgr<RecordData>(GIN),
  new Rmgr<RecordData>(GIST),
  new Rmgr<RecordData>(SEQUENCE),
  new Rmgr<RecordData>(SPGIST),
  new Rmgr<RecordData>(BRIN),
  new Rmgr<RecordData>(COMMIT_TS),
  new Rmgr<RecordData>(REPLICATION_ORIGIN),
  new Rmgr<RecordData>(GENERIC),
  new Rmgr<RecordData>(LOGICAL_MESSAGE),
  new Rmgr<RecordData>(XLOG2),
];

const RMGR_OF_NAME: ReadonlyMap<string, Rmgr<RecordData> | undefined> = new Map(
  RMGRS.map((rmgr) => [rmgr?.name ?? '', rmgr]),
);

/** The resource manager's name: `Heap`, `Btree` …; `custom128` … for an extension's; `UNKNOWN` for none. */
export function rmgrName(rmid: number): string {
  if (rmid >= RM_MIN_CUSTOM_ID) return `custom${String(rmid).padStart(3, '0')}`;
  return RMGRS[rmid]?.name ?? 'UNKNOWN';
}

/**
 * The id of the resource manager of a name, whichever case its letters are in; undefined where there is none of that name.
 * Those of extensions are called by their numbers: `custom128`.
 */
export function rmgrId(name: string): number | undefined {
  const wanted = name.toLowerCase();
  const custom = /^custom(\d{3})$/.exec(wanted);
  if (custom !== null) {
    const rmid = Number(custom[1]);
    return rmid >= RM_MIN_CUSTOM_ID && rmid <= RM_MAX_ID ? rmid : undefined;
  }
  const rmid = RMGRS.findIndex((rmgr) => rmgr?.name.toLowerCase() === wanted);
  return rmid < 0 ? undefined : rmid;
}

/** The resource managers that a major version has of its own, in the order of their ids, as `pg_waldump --rmgr=list` names them. */
export function rmgrNames(version: number): string[] {
  const names = RMGRS.flatMap((rmgr) => rmgr?.name ?? []);
  return version >= 19 ? names : names.slice(0, RM_XLOG2_ID);
}

/** The kind of a record, as `pg_waldump` prints it after `desc:`: `INSERT+INIT`, `COMMIT` …; undefined if unknown. */
export function identify(rmid: number, info: number, version: number): string | undefined {
  return RMGRS[rmid]?.identify(info, version);
}

/** Decodes a record's content. Never throws for a record that the reader accepted. */
export function decode(record: WalRecord): RecordData {
  const { rmid } = record;
  if (rmid >= RM_MIN_CUSTOM_ID) return { rmgr: 'custom', type: 'custom', rmid, info: record.rmgrInfo };
  try {
    const kind = RMGRS[rmid]?.kind(record.info, record.version);
    return kind?.decode(record) ?? { rmgr: rmgrName(rmid), type: 'unknown', info: record.rmgrInfo };
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    const identity = identify(rmid, record.info, record.version);
    return { rmgr: rmgrName(rmid), type: 'undecodable', identity, reason: error.said };
  }
}

/** The text that `pg_waldump` of the record's version prints after the record's kind. */
export function describe(data: RecordData, context: DescribeContext): string {
  if (data.type === 'custom') return `rmid: ${data.rmid}`;
  return kindOf(data)?.describe(data, context) ?? '';
}

/**
 * Which fields of a record's content are LSNs, times, or other 64-bit numbers, by the names that they have there; a
 * field that holds others has an object of the same form. Undefined where there is none.
 */
export function fieldMeanings(data: RecordData): FieldMeanings | undefined {
  return kindOf(data)?.fields;
}

/** The kind, or one of the kinds, with such content; undefined for content that is of none. */
const kindOf = (data: RecordData) => RMGR_OF_NAME.get(data.rmgr)?.kindOfType(data.type);

/**
 * Writes {@link describe} of a record's content.
 * @returns why the content could not be decoded, in which case nothing is written
 */
export function writeDescription(
  out: TextBuffer,
  record: WalRecord,
  context: DescribeContext,
): string | undefined {
  const { rmid } = record;
  if (rmid >= RM_MIN_CUSTOM_ID) {
    out.text(`rmid: ${rmid}`);
    return undefined;
  }
  try {
    const kind = RMGRS[rmid]?.kind(record.info, record.version);
    if (kind === undefined || kind.write(out, record, context)) return undefined;
    out.text(kind.describe(kind.decode(record), context));
    return undefined;
  } catch (error) {
    if (!(error instanceof OutOfBounds)) throw error;
    return error.message;
  }
}
