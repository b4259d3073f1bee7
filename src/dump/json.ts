import {
  decode,
  describe,
  type FieldMeanings,
  fieldMeanings,
  identify,
  type RecordData,
  rmgrName,
} from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import type { DescribeContext } from '../rmgr/rmgr.js';
import { formatLsn } from '../wal/lsn.js';
import { Message } from '../wal/message.js';
import { type BlockReference, FORK_NAMES, type ImageCompression, type WalRecord } from '../wal/record.js';
import { formatTimestampIso, POSTGRES_EPOCH_US } from '../wal/timestamp.js';

/** A record as JSON: LSNs as `0/04000680`, 64-bit numbers as strings, null for what the record has not. */
export interface RecordJson {
  lsn: string;
  /** Where the next record may begin. */
  endLsn: string;
  prevLsn: string;
  rmgr: string;
  /** As in `pg_waldump`: `INSERT+INIT`, `COMMIT` …; null for info bits that this version does not know. */
  kind: string | null;
  info: number;
  xid: number;
  toplevelXid: number | null;
  /** Replication origin. */
  origin: number | null;
  /** Bytes without full-page images, and with them. */
  recordLength: number;
  totalLength: number;
  blocks: BlockJson[];
  /** `type`, and the fields of the type with this name in the library. */
  data: { type: string; [field: string]: unknown };
  /** What `pg_waldump` prints after the kind; null where the content cannot be decoded. */
  description: string | null;
}

/** A block reference of a record as JSON; lengths and offsets are in bytes. */
export interface BlockJson {
  id: number;
  /** Tablespace, database and relfilenode: `1663/16384/16386`. */
  relation: string;
  fork: string;
  block: number;
  willInit: boolean;
  dataLength: number;
  image: {
    length: number;
    holeOffset: number;
    holeLength: number;
    compression: ImageCompression;
    apply: boolean;
  } | null;
}

/**
 * A record as plain JSON: what the header says, the block references, the decoded content and the
 * text that `pg_waldump` prints of that. LSNs are text (`0/04000680`), times UTC in
 * ISO 8601, 64-bit numbers text, bytes hexadecimal.
 */
export function recordJson(record: WalRecord, context: DescribeContext): RecordJson {
  const { rmid, info, blocks, totalLength } = record;
  const data = decode(record);
  return {
    lsn: formatLsn(record.lsn),
    endLsn: formatLsn(record.endLsn),
    prevLsn: formatLsn(record.prevLsn),
    rmgr: rmgrName(rmid),
    kind: identify(rmid, info, context.version) ?? null,
    info,
    xid: record.xid,
    toplevelXid: record.toplevelXid === 0 ? null : record.toplevelXid,
    origin: record.origin === 0 ? null : record.origin,
    recordLength: totalLength - record.imageLength,
    totalLength,
    blocks: blocks.map(blockJson),
    data: contentJson(data),
    description: data.type === 'undecodable' ? null : describe(data, context),
  };
}

function blockJson({ id, rel, fork, blockNumber, willInit, image, dataLength }: BlockReference): BlockJson {
  return {
    id,
    relation: formatLocator(rel),
    fork: FORK_NAMES[fork] ?? String(fork),
    block: blockNumber,
    willInit,
    dataLength,
    image:
      image === undefined
        ? null
        : {
            length: image.length,
            holeOffset: image.holeOffset,
            holeLength: image.holeLength,
            compression: image.compression,
            apply: image.apply,
          },
  };
}

function contentJson(data: RecordData): RecordJson['data'] {
  const { rmgr: _, type, ...fields } = data;
  return { type, ...(valueJson(fields, fieldMeanings(data)) as object) };
}

function valueJson(value: unknown, meaning: FieldMeanings | undefined): unknown {
  if (typeof value === 'bigint') {
    if (meaning === 'lsn') return formatLsn(value);
    return meaning === 'timestamp' ? formatTimestampIso(value) : String(value);
  }
  if (typeof value === 'number' && meaning === 'unix-seconds') {
    return formatTimestampIso(BigInt(value) * 1_000_000n - POSTGRES_EPOCH_US);
  }
  if (value instanceof Message) return String(value);
  if (value instanceof Uint8Array) return Array.from(value, hexByte).join('');
  if (Array.isArray(value)) return value.map((item) => valueJson(item, meaning));
  if (typeof value === 'object' && value !== null) {
    const meanings = typeof meaning === 'object' ? meaning : {};
    return Object.fromEntries(
      Object.entries(value).map(([field, item]) => [field, valueJson(item, meanings[field])]),
    );
  }
  return value ?? null;
}

const hexByte = (byte: number): string => byte.toString(16).padStart(2, '0');
