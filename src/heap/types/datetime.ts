import { ascii, type TextBuffer } from '../../text/text-buffer.js';
import type { TimeZone } from '../../text/timezone.js';
import type { ByteView } from '../../wal/byte-view.js';
import { message } from '../../wal/message.js';
import {
  type CivilTime,
  civilDate,
  civilTime,
  POSTGRES_EPOCH_US,
  type TimestampTz,
} from '../../wal/timestamp.js';
import { corruptValue, type Output } from './type.js';

/** Dates and times with `datestyle = ISO`, intervals with `intervalstyle = postgres` (src/backend/utils/adt/datetime.c). */

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/** From 4714-11-24 BC to before 5874898-01-01, in days (`IS_VALID_DATE`, src/include/datatype/timestamp.h). */
const MIN_DATE = -2_451_545;
const END_DATE = 2_147_483_494 - 2_451_545;
/** To before 294277-01-01, in microseconds (`IS_VALID_TIMESTAMP`). */
const MIN_TIMESTAMP = -211_813_488_000_000_000n;
const END_TIMESTAMP = 9_223_371_331_200_000_000n;
const DAY = 86_400_000_000n;
/** In seconds (`TZDISP_LIMIT`). */
const ZONE_LIMIT = 16 * 3600;

const two = (value: number | bigint): string => String(value).padStart(2, '0');

function formatDate(date: { year: number; month: number; day: number }): string {
  const year = date.year > 0 ? date.year : 1 - date.year;
  return `${String(year).padStart(4, '0')}-${two(date.month)}-${two(date.day)}`;
}

const era = (year: number): string => (year > 0 ? '' : ' BC');

/** Fractions of a second without zeros at the end; none at all when zero. */
function fraction(microseconds: number): string {
  return microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0').replace(/0+$/, '')}`;
}

/** A time of day from microseconds since midnight; 24:00:00 is one. */
function formatTime(microseconds: bigint): string {
  const seconds = microseconds / 1_000_000n;
  const clock = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return clock + fraction(Number(microseconds % 1_000_000n));
}

/** `+02`, `-03:30` or with seconds, from seconds east of UTC. */
function formatOffset(offset: number): string {
  const all = Math.abs(offset);
  const second = all % 60;
  const minute = Math.floor(all / 60) % 60;
  let text = (offset < 0 ? '-' : '+') + two(Math.floor(all / 3600));
  if (minute !== 0 || second !== 0) text += `:${two(minute)}`;
  if (second !== 0) text += `:${two(second)}`;
  return text;
}

function formatCivil(t: CivilTime, zone = ''): string {
  const clock = `${two(t.hour)}:${two(t.minute)}:${two(t.second)}${fraction(t.microsecond)}`;
  return `${formatDate(t)} ${clock}${zone}${era(t.year)}`;
}

const infinite = (negative: boolean): string => (negative ? '-infinity' : 'infinity');

export const date: Output = (v) => {
  const days = v.i32(0);
  if (days === INT32_MAX || days === INT32_MIN) return infinite(days < 0);
  if (days < MIN_DATE || days >= END_DATE) throw corruptValue(message`a date ${days} days from 2000-01-01`);
  const civil = civilDate(days);
  return formatDate(civil) + era(civil.year);
};

export const time: Output = (v) => {
  const value = v.i64(0);
  if (value < 0n || value > DAY) throw corruptValue(message`a time ${value} microseconds after midnight`);
  return formatTime(value);
};

/** The zone is stored in seconds west of UTC. */
export const timetz: Output = (v, context) => {
  const west = v.i32(8);
  if (Math.abs(west) >= ZONE_LIMIT) throw corruptValue(message`a zone ${west} seconds from UTC`);
  return time(v, context) + formatOffset(-west);
};

export const timestamp: Output = (v) => {
  const value = timestampOf(v);
  return isInfinite(value) ? infinite(value < 0n) : formatCivil(civilTime(value));
};

export const timestamptz: Output = (v, { timezone }) => formatTimestamptz(timestampOf(v), timezone);

const isInfinite = (value: bigint): boolean => value === INT64_MAX || value === INT64_MIN;

/** What a timestamp or timestamptz is as a number. @throws WalError `corrupt-value` */
export function timestampOf(v: ByteView): bigint {
  const value = v.i64(0);
  const isValid = isInfinite(value) || (value >= MIN_TIMESTAMP && value < END_TIMESTAMP);
  if (!isValid) throw corruptValue(message`a timestamp ${value} microseconds from 2000-01-01`);
  return value;
}

/** A timestamptz as it prints in a time zone. */
export function formatTimestamptz(value: TimestampTz, timezone: TimeZone): string {
  if (isInfinite(value)) return infinite(value < 0n);
  const unixMicroseconds = value + POSTGRES_EPOCH_US;
  const { offset } = timezone.at(Math.floor(Number(unixMicroseconds) / 1_000_000));
  return formatCivil(civilTime(value, offset), formatOffset(offset));
}

/**
 * Writes what {@link date} prints of years that have four digits.
 * @returns false for any other, of which nothing is written
 */
export function writeDate(out: TextBuffer, days: number): boolean {
  if (days < FIRST_PLAIN_DATE || days > LAST_PLAIN_DATE) return false;
  const { year, month, day } = civilDate(days);
  out.zeroFilled(year, 4);
  out.ascii(DASH);
  out.zeroFilled(month, 2);
  out.ascii(DASH);
  out.zeroFilled(day, 2);
  return true;
}

/**
 * Writes what {@link timestamp}, or with a zone {@link formatTimestamptz} prints of times between 1714 and 2255, which no
 * bigint is needed for.
 * @param time as a number, rounded where there is none
 * @returns false for any other time, of which nothing is written
 */
export function writeTimestamp(out: TextBuffer, time: number, zone?: TimeZone): boolean {
  if (!Number.isSafeInteger(time) || !Number.isSafeInteger(time + UNIX_MICROSECONDS)) return false;
  const offset = zone === undefined ? 0 : zone.at(Math.floor((time + UNIX_MICROSECONDS) / 1e6)).offset;
  const seconds = Math.floor(time / 1e6);
  const local = seconds + offset;
  const days = Math.floor(local / 86_400);
  writeDate(out, days);
  const second = local - days * 86_400;
  out.ascii(SPACE);
  out.zeroFilled(Math.floor(second / 3600), 2);
  out.ascii(COLON);
  out.zeroFilled(Math.floor(second / 60) % 60, 2);
  out.ascii(COLON);
  out.zeroFilled(second % 60, 2);
  let rest = time - seconds * 1e6;
  if (rest > 0) {
    let digits = 6;
    for (; rest % 10 === 0; rest /= 10) digits--;
    out.ascii(POINT);
    out.zeroFilled(rest, digits);
  }
  if (zone !== undefined) out.text(offset === 0 ? '+00' : formatOffset(offset));
  return true;
}

const UNIX_MICROSECONDS = Number(POSTGRES_EPOCH_US);
/** 0001-01-01 and 9999-12-31. */
const FIRST_PLAIN_DATE = -730_119;
const LAST_PLAIN_DATE = 2_921_939;
const DASH = ascii('-');
const SPACE = ascii(' ');
const COLON = ascii(':');
const POINT = ascii('.');

export const interval: Output = (v, { version }) => {
  const microseconds = v.i64(0);
  const days = v.i32(8);
  const months = v.i32(12);
  // infinity since 17
  if (version >= 17) {
    if (microseconds === INT64_MAX && days === INT32_MAX && months === INT32_MAX) return 'infinity';
    if (microseconds === INT64_MIN && days === INT32_MIN && months === INT32_MIN) return '-infinity';
  }
  const parts: string[] = [];
  let negativeBefore = false;
  const add = (value: number, unit: string): void => {
    if (value === 0) return;
    parts.push(`${negativeBefore && value > 0 ? '+' : ''}${value} ${unit}${value === 1 ? '' : 's'}`);
    negativeBefore = value < 0;
  };
  add(Math.trunc(months / 12), 'year');
  add(months % 12, 'mon');
  add(days, 'day');
  if (parts.length === 0 || microseconds !== 0n) {
    const sign = microseconds < 0n ? '-' : negativeBefore ? '+' : '';
    parts.push(sign + formatTime(microseconds < 0n ? -microseconds : microseconds));
  }
  return parts.join(' ');
};
