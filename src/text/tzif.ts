import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import { decodeText } from './encoding.js';
import { parsePosixTz } from './posix-tz.js';
import type { LocalTimeType, TimeZone } from './timezone.js';

/** A header with its data. From version 2 on a file has two: with 32-bit times, and again with 64-bit ones. */
interface Block {
  /** Unix seconds, ascending: from `transitions[i]` on `types[typeOf[i]]` holds. */
  transitions: Float64Array;
  typeOf: Uint8Array;
  types: (LocalTimeType & { isDaylight: boolean })[];
  /** The bytes after the data. */
  rest: Uint8Array;
}

const HEADER_SIZE = 44;
const TYPE_SIZE = 6;
const MAGIC = 0x545a6966; // TZif
const NEWLINE = 0x0a;

/**
 * A compiled time zone file (TZif versions 1 to 4, RFC 9636), as found under /usr/share/zoneinfo.
 *
 * Answers as glibc does (time/tzfile.c): before the first transition, and where there is none, with the first type
 * that is not daylight saving time; after the last one with the rule in the file's footer.
 *
 * @throws WalError `bad-timezone` when the bytes are no such file, or count leap seconds (the `right/…` zones)
 */
export function parseTzif(bytes: Uint8Array): TimeZone {
  const first = readBlock(bytes, 4);
  if (bytes[4] === 0) return zoneOf(first, undefined);
  const second = readBlock(first.rest, 8);
  return zoneOf(second, readFooter(second.rest));
}

const bad = (why: Message): WalError =>
  new WalError('bad-timezone', message`this is no time zone file: ${why}`);

/** Numbers are big-endian on every machine. */
function readBlock(bytes: Uint8Array, timeSize: 4 | 8): Block {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_SIZE || view.getUint32(0) !== MAGIC)
    throw bad(message`it does not begin with TZif`);
  const [utIndicators, standardIndicators, leapSeconds, transitionCount, typeCount, abbreviationBytes] = [
    20, 24, 28, 32, 36, 40,
  ].map((at) => view.getUint32(at));
  if (leapSeconds > 0) throw bad(message`it counts leap seconds, which PostgreSQL does not`);
  if (typeCount === 0) throw bad(message`it has no local time type`);

  const typeOfAt = HEADER_SIZE + transitionCount * timeSize;
  const typesAt = typeOfAt + transitionCount;
  const abbreviationsAt = typesAt + typeCount * TYPE_SIZE;
  const indicatorsAt = abbreviationsAt + abbreviationBytes;
  const end = indicatorsAt + standardIndicators + utIndicators;
  if (end > bytes.length) throw bad(message`it is cut short`);

  const typeOf = bytes.subarray(typeOfAt, typesAt);
  if (typeOf.some((type) => type >= typeCount))
    throw bad(message`a transition leads to a type that it does not have`);
  return {
    transitions: Float64Array.from({ length: transitionCount }, (_, i) => {
      const at = HEADER_SIZE + i * timeSize;
      return timeSize === 4 ? view.getInt32(at) : Number(view.getBigInt64(at));
    }),
    typeOf,
    types: Array.from({ length: typeCount }, (_, i) => {
      const at = typesAt + i * TYPE_SIZE;
      const name = bytes.subarray(abbreviationsAt + view.getUint8(at + 5), indicatorsAt);
      const zero = name.indexOf(0);
      if (zero < 0) throw bad(message`an abbreviation has no end`);
      return {
        offset: view.getInt32(at),
        isDaylight: view.getUint8(at + 4) !== 0,
        abbreviation: decodeText(name.subarray(0, zero)),
      };
    }),
    rest: bytes.subarray(end),
  };
}

/** The TZ string between two newlines; undefined where it is empty: no rule after the last transition. */
function readFooter(rest: Uint8Array): string | undefined {
  const end = rest.indexOf(NEWLINE, 1);
  if (rest[0] !== NEWLINE || end < 0) throw bad(message`it has no footer`);
  return decodeText(rest.subarray(1, end)) || undefined;
}

function zoneOf({ transitions, typeOf, types }: Block, footer: string | undefined): TimeZone {
  const earliest = types.find((type) => !type.isDaylight) ?? types[0];
  const afterLast = footer === undefined ? undefined : parsePosixTz(footer);
  return {
    at(unixSeconds) {
      if (transitions.length === 0 || unixSeconds < transitions[0]) return earliest;
      let low = 0;
      let high = transitions.length - 1;
      if (afterLast && unixSeconds >= transitions[high]) return afterLast.at(unixSeconds);
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (transitions[middle] <= unixSeconds) low = middle;
        else high = middle - 1;
      }
      return types[typeOf[low]];
    },
  };
}
