import { civilDate, POSTGRES_EPOCH_DAYS, POSTGRES_EPOCH_US, type TimestampTz } from '../wal/timestamp.js';
import { type AsciiText, ascii, type TextBuffer, textOf } from './text-buffer.js';

/** What a clock on the wall shows at some instant. */
export interface LocalTimeType {
  /** Seconds east of UTC. */
  offset: number;
  /** As the zone data have it: `MST`, `EEST`, `+0530`, … */
  abbreviation: string;
}

/** A time zone as the C library knows it. See `parseTzif` and `parsePosixTz` for where one comes from. */
export interface TimeZone {
  /** Offset and abbreviation at `unixSeconds` (whole seconds since 1970-01-01 00:00 UTC, any sign). */
  at(unixSeconds: number): LocalTimeType;
}

const UTC_TYPE: LocalTimeType = { offset: 0, abbreviation: 'UTC' };

/** Coordinated Universal Time, which core functions print times in unless they are given another zone. */
export const UTC: TimeZone = { at: () => UTC_TYPE };

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const SECONDS_PER_DAY = 86_400;
const POSTGRES_EPOCH_SECONDS = Number(POSTGRES_EPOCH_US / 1_000_000n);

/**
 * A timestamp as `pg_waldump` prints it, in every version: `2025-12-24 10:53:45.880038 MST`
 * (timestamptz_to_str in PostgreSQL's src/bin/pg_waldump/compat.c, which leaves the work to the C library).
 *
 * Its C arithmetic shows in times before 2000: division and remainder round towards zero, so that half a second
 * before 2000 is `2000-01-01 00:00:00.-500000 UTC`. Years are not padded, 1 BC is year 0, and the infinities
 * are dates like any other.
 */
export function formatTimestampTz(time: TimestampTz, zone: TimeZone): string {
  const [low, high] = [Number(time & 0xffff_ffffn), Number(time >> 32n)];
  return textOf((out) => writeTimestampHalves(out, low, high, zone));
}

/** Writes what {@link formatTimestampTz} gives, of a timestamp in halves: `low` is unsigned, `high` is not. */
export function writeTimestampHalves(out: TextBuffer, low: number, high: number, zone: TimeZone): void {
  // numbers do until 2255, and cost a fraction of what bigints do
  const whole = high * 0x1_0000_0000 + low;
  if (Number.isSafeInteger(whole)) {
    const micros = whole % 1_000_000;
    writeTime(out, (whole - micros) / 1_000_000, micros, zone);
  } else {
    const time = (BigInt(high) << 32n) | BigInt(low);
    writeTime(out, Number(time / 1_000_000n), Number(time % 1_000_000n), zone);
  }
}

/** @param seconds since 2000-01-01 00:00 UTC @param micros of the same sign */
function writeTime(out: TextBuffer, seconds: number, micros: number, zone: TimeZone): void {
  if (seconds !== last.seconds || zone !== last.zone) last = secondText(seconds, zone);
  out.ascii(last.clock);
  if (micros < 0) out.text('-');
  out.zeroFilled(Math.abs(micros), micros < 0 ? 5 : 6);
  out.text(last.abbreviation);
}

/** The last second that was asked for: records come in order of time, thousands of them in one second. */
let last: SecondText = secondText(0, UTC);

interface SecondText {
  /** Since 2000-01-01 00:00 UTC. */
  seconds: number;
  zone: TimeZone;
  /** What comes before the fraction of the second, and after it. */
  clock: AsciiText;
  abbreviation: string;
}

function secondText(seconds: number, zone: TimeZone): SecondText {
  const { offset, abbreviation } = zone.at(seconds + POSTGRES_EPOCH_SECONDS);
  const t = splitLocal(seconds + POSTGRES_EPOCH_SECONDS + offset);
  return {
    seconds,
    zone,
    clock: ascii(`${t.year}-${two(t.month)}-${two(t.day)} ${clock(t)}.`),
    abbreviation: ` ${abbreviation}`,
  };
}

/**
 * A time as C's `strftime("%c")` prints it in the C locale: `Wed Dec 24 17:53:45 2025`.
 * `pg_controldata` prints its times so.
 */
export function formatCtime(unixSeconds: number, zone: TimeZone): string {
  const t = splitLocal(unixSeconds + zone.at(unixSeconds).offset);
  return `${WEEKDAYS[t.weekday]} ${MONTHS[t.month - 1]} ${String(t.day).padStart(2)} ${clock(t)} ${t.year}`;
}

interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** 0 is Sunday. */
  weekday: number;
}

function splitLocal(seconds: number): LocalTime {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  // not spread (docs/decisions/text.md)
  const { year, month, day } = civilDate(days - POSTGRES_EPOCH_DAYS);
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: (((days + 4) % 7) + 7) % 7, // 1970-01-01 was a Thursday
  };
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function clock(t: LocalTime): string {
  return `${two(t.hour)}:${two(t.minute)}:${two(t.second)}`;
}
