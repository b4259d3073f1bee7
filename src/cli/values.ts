import { InvalidArgumentError } from 'commander';
import type { TimeZone } from '../text/timezone.js';
import { type Lsn, parseLsn } from '../wal/lsn.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../wal/timestamp.js';
import { withoutEpoch } from '../wal/xid.js';

/** An option's LSN, for commander. */
export function lsnValue(text: string): Lsn {
  const lsn = parseLsn(text);
  if (lsn === undefined) throw new InvalidArgumentError('It is no LSN, such as 0/04000680.');
  return lsn;
}

/** An option's whole number of 1 or more, for commander. */
export function countValue(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 0xffff_ffff) {
    throw new InvalidArgumentError('It is no whole number of 1 or more.');
  }
  return value;
}

const TIME =
  /^(\d{4,6})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?)?\s*(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * A time as people type it, and as walscan and PostgreSQL print it: `2025-12-24 17:53:45.880038+00`, with `T` for
 * the space, the time of day cut short or left out, and a zone of `Z`, `UTC` or an offset.
 * @param zone the zone of a time that names none
 * @returns undefined when the text is no time
 */
export function parseTime(text: string, zone: TimeZone): TimestampTz | undefined {
  const match = TIME.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const date = new Date(0);
  // Date.UTC would take the years before 100 for those of the 20th century
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // Date carries over what is too much: the 31st of a shorter month, hour 25; and there is no year 0
  const isReal =
    year > 0 &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  if (!isReal) return undefined;
  const seconds = date.getTime() / 1000;
  const offset = match[8] === undefined ? localOffset(seconds, zone) : statedOffset(match[8]);
  const micros = BigInt((match[7] ?? '').padEnd(6, '0'));
  return BigInt(seconds - offset) * 1_000_000n + micros - POSTGRES_EPOCH_US;
}

/** {@link parseTime} of an option, for commander. */
export function timeValue(zone: TimeZone): (text: string) => TimestampTz {
  return (text) => {
    const time = parseTime(text, zone);
    if (time === undefined) throw new InvalidArgumentError('It is no time, such as 2025-12-24 17:53:45+00.');
    return time;
  };
}

/** The offset of a local time, which is known only of an instant: the one a guess leads to. */
function localOffset(localSeconds: number, zone: TimeZone): number {
  const guess = zone.at(localSeconds).offset;
  return zone.at(localSeconds - guess).offset;
}

function statedOffset(text: string): number {
  if (/^[zu]/i.test(text)) return 0;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  const seconds = Number(hours) * 3600 + Number(minutes) * 60;
  return sign === '-' ? -seconds : seconds;
}

/**
 * The id of an ordinary transaction, which 0, 1 and 2 are not, with an epoch or without one. Numbers are written as the
 * server takes them in `recovery_target_xid`: 0x before hexadecimal digits, 0 before octal ones (`strtou64` with base 0 in
 * `check_recovery_target_xid`, src/backend/access/transam/xlogrecovery.c).
 * @returns undefined when the text is none, also where it is none without its epoch, which 19 refuses and before that
 *   no transaction has
 */
export function parseXid(text: string): number | bigint | undefined {
  if (!/^(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(text)) return undefined;
  const xid = BigInt(text.replace(/^0(?=\d)/, '0o'));
  if (xid > LARGEST_FULL_XID || withoutEpoch(xid) < FIRST_NORMAL_XID) return undefined;
  return xid > Number.MAX_SAFE_INTEGER ? xid : Number(xid);
}

const LARGEST_FULL_XID = 0xffff_ffff_ffff_ffffn;
/** `FirstNormalTransactionId` (src/include/access/transam.h) */
const FIRST_NORMAL_XID = 3;

/** {@link parseXid} of an option, for commander. */
export function xidValue(text: string): number | bigint {
  const xid = parseXid(text);
  if (xid === undefined) throw new InvalidArgumentError('It is no transaction id.');
  return xid;
}

/** An option's timeline for recovery, for commander. */
export function timelineValue(text: string): number | 'latest' | 'current' {
  return text === 'latest' || text === 'current' ? text : countValue(text);
}
