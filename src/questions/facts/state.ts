import type { RowInsert } from '../../follow/row-changes.js';
import type { WalSpan } from '../../reader/span.js';
import { saidBy, WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { LongPageHeader } from '../../wal/page-header.js';
import type { WalFacts } from '../archive/scan.js';
import { noFacts } from './no-facts.js';

/** Insertions of INSERT … ON CONFLICT that a stretch of WAL leaves open, or settles for one before: by row of `changes`. */
export interface Unsettled {
  speculative: [row: number, insert: RowInsert][];
  settled: [row: number, settled: 'confirmed' | 'withdrawn'][];
}

/** What of a segment is no row of a table, by which walscan joins it to its neighbours: plain data. */
export interface SegmentState {
  /** Of its first page; undefined where that is damaged. */
  header: LongPageHeader | undefined;
  span: WalSpan;
  undecodable: Lsn[];
  unsettled: Unsettled;
  archive: Pick<WalFacts, 'backupEnds' | 'timelineStarts' | 'lead'> & {
    ownFrom: Lsn | undefined;
    olderUpTo: Lsn | undefined;
  };
}

/** What a state has of records over the edges, in bytes: as base64 it is two thirds of what is read of a table. */
const MOST_OF_EDGES = 128 * 1024 * 1024;

/**
 * As JSON, with bigints and bytes in objects of one key.
 * @throws WalError `file-too-large` where records that run over the edges are longer than is kept of any
 */
export function stateJson(state: SegmentState): string {
  checkLength(state.span);
  return JSON.stringify(state, (_, value: unknown) => {
    if (typeof value === 'bigint') return { [BIGINT]: String(value) };
    if (value instanceof Uint8Array) return { [BYTES]: base64Of(value) };
    return value;
  });
}

function checkLength({ heads, tail, start }: WalSpan): void {
  const lengths = [...heads.map(({ bytes }) => bytes.length), tail?.bytes.length ?? 0];
  const length = lengths.reduce((sum, one) => sum + one, 0);
  if (length <= MOST_OF_EDGES) return;
  const text = message`of the segment at ${formatLsn(start)} no facts are made: ${length} bytes of it belong to records that run over its beginning or end, and facts keep ${MOST_OF_EDGES} at most`;
  throw new WalError('file-too-large', text, { lsn: start });
}

const BIGINT = '$n';
const BYTES = '$b';

/**
 * Reads what {@link stateJson} made.
 * @param file as messages name it
 * @throws WalError `bad-facts`
 */
export function parseState(text: string, file: string): SegmentState {
  try {
    const state: unknown = JSON.parse(text, (_, value: unknown) => revived(value));
    check(state, STATE, 'state');
    checkEdges((state as SegmentState).span);
    return state as SegmentState;
  } catch (error) {
    const text = message`the state in ${file} cannot be read: ${saidBy(error)}`;
    throw new WalError('bad-facts', text, { file, cause: error });
  }
}

function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.length !== 1) return value;
  const [[key, text]] = entries;
  if (key === BIGINT && typeof text === 'string' && /^-?\d{1,20}$/.test(text)) return BigInt(text);
  if (key === BYTES && typeof text === 'string') return bytesOf(text);
  return value;
}

/** In pieces, since a call has room for so many arguments only. */
const PIECE = 0x2000;

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** What a value has to be. */
type Shape =
  | 'lsn'
  | 'bigint'
  | 'number'
  | 'boolean'
  | 'text'
  | 'bytes'
  | { optional: Shape }
  | { list: Shape }
  | { pair: [Shape, Shape] }
  /** It may have more than these. */
  | { fields: Readonly<Record<string, Shape>> };

const lsnOrNone: Shape = { optional: 'lsn' };

const HOME: Shape = {
  fields: { version: 'number', start: 'lsn', startHi: 'number', startLo: 'number', segmentSize: 'number' },
};

const FAULT: Shape = { fields: { kind: 'text', lsn: 'lsn' } };

const SPAN: Shape = {
  fields: {
    ...{ start: 'lsn', end: 'lsn' },
    heads: {
      list: {
        fields: {
          ...{ segment: HOME, remaining: 'number', overwrite: 'boolean', bytes: 'bytes' },
          ...{ kind: 'text', endOffset: 'number' },
        },
      },
    },
    firstLink: { optional: { fields: { lsn: 'lsn', prev: 'lsn' } } },
    ...{ firstRecord: lsnOrNone, lastRecord: lsnOrNone, lastRecordEnd: lsnOrNone },
    tail: {
      optional: { fields: { segment: HOME, offset: 'number', totalLength: 'number', bytes: 'bytes' } },
    },
    lostRest: 'number',
    fault: { optional: FAULT },
    damages: { list: { fields: { fault: FAULT, resumedAt: 'lsn' } } },
    gaps: { list: { fields: { from: 'lsn', to: 'lsn' } } },
    segments: 'number',
  },
};

const STATE: Shape = {
  fields: {
    header: {
      optional: {
        fields: {
          ...{ version: 'number', info: 'number', timeline: 'number', pageAddress: 'lsn' },
          ...{
            remainingLength: 'number',
            systemIdentifier: 'lsn',
            segmentSize: 'number',
            blockSize: 'number',
          },
        },
      },
    },
    span: SPAN,
    undecodable: { list: 'lsn' },
    unsettled: {
      fields: {
        speculative: {
          list: {
            pair: ['number', { fields: { lsn: 'lsn', xid: 'number', block: 'number', offset: 'number' } }],
          },
        },
        settled: { list: { pair: ['number', 'text'] } },
      },
    },
    archive: {
      fields: {
        backupEnds: { list: { fields: { startLsn: 'lsn', endLsn: 'lsn' } } },
        timelineStarts: {
          list: { fields: { from: 'lsn', lsn: 'lsn', timeline: 'number', parent: 'number' } },
        },
        ...{ lead: lsnOrNone, ownFrom: lsnOrNone, olderUpTo: lsnOrNone },
      },
    },
  },
};

/** @throws WalError `bad-facts`, without the file's name, which says what is not as it has to be */
function check(value: unknown, shape: Shape, where: string): void {
  if (typeof shape === 'string') {
    if (!isOf(value, shape)) throw noFacts(message`${where} is not what it has to be`);
  } else if ('optional' in shape) {
    if (value !== undefined) check(value, shape.optional, where);
  } else if ('list' in shape) {
    if (!Array.isArray(value)) throw noFacts(message`${where} is no list`);
    for (const [i, one] of value.entries()) check(one, shape.list, `${where}[${i}]`);
  } else if ('pair' in shape) {
    if (!Array.isArray(value) || value.length !== 2) throw noFacts(message`${where} is no pair`);
    for (const [i, one] of shape.pair.entries()) check(value[i], one, `${where}[${i}]`);
  } else {
    if (typeof value !== 'object' || value === null) throw noFacts(message`${where} is missing`);
    const fields = value as Record<string, unknown>;
    for (const [name, one] of Object.entries(shape.fields)) check(fields[name], one, `${where}.${name}`);
  }
}

/** `XLogRecordMaxSize` is less than that (src/include/access/xlogrecord.h). */
const MOST_RECORD = 0x3fffffff;

/** What runs over the edges takes no more memory, where it is put together, than the bytes that there are of it. */
function checkEdges({ heads, tail }: WalSpan): void {
  for (const { kind, bytes, remaining } of heads) {
    const isWhole = kind !== 'complete' || bytes.length === 0 || bytes.length === remaining;
    if (!isWhole || bytes.length > remaining)
      throw noFacts(message`what it begins with is not as long as it says`);
  }
  if (tail !== undefined && (tail.bytes.length >= tail.totalLength || tail.totalLength > MOST_RECORD)) {
    throw noFacts(message`what it ends with is not as long as it says`);
  }
}

function isOf(value: unknown, shape: Extract<Shape, string>): boolean {
  switch (shape) {
    case 'lsn':
      return typeof value === 'bigint' && value >= 0n && value < 1n << 64n;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'text':
      return typeof value === 'string';
    default:
      return typeof value === shape;
  }
}
