/**
 * PostgreSQL's TimestampTz: microseconds since 2000-01-01 00:00:00 UTC, a signed 64-bit number
 * (src/include/datatype/timestamp.h). The extremes stand for -infinity and infinity.
 */
export type TimestampTz = bigint;

export const TIMESTAMP_MINUS_INFINITY: TimestampTz = -(2n ** 63n);
export const TIMESTAMP_INFINITY: TimestampTz = 2n ** 63n - 1n;

/** Microseconds from 1970-01-01 to 2000-01-01. */
export const POSTGRES_EPOCH_US = 946_684_800_000_000n;
/** Days from 1970-01-01 to 2000-01-01. */
export const POSTGRES_EPOCH_DAYS = 10_957;

const USECS_PER_DAY = 86_400_000_000n;

/** What a timestamptz can hold but for the infinities: 4714-11-24 BC to 294276 (src/include/datatype/timestamp.h). */
export const MIN_TIMESTAMP: TimestampTz = -211_813_488_000_000_000n;
export const MAX_TIMESTAMP: TimestampTz = 9_223_371_331_199_999_999n;

export interface CivilTime {
  /** The proleptic Gregorian year; 0 is 1 BC, -1 is 2 BC. */
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

/** The date that lies `days` after 2000-01-01, for any number of days that a timestamp or date can hold. */
export function civilDate(days: number): { year: number; month: number; day: number } {
  // Days are counted from 0000-03-01, so that the leap day ends the year (eras of 400 years, 146,097 days).
  const z = days + 730_425;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Days from 2000-01-01 to a date, which may be past the end of its month: the reverse of {@link civilDate}. */
export function daysOfCivil(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month <= 2 ? month + 9 : month - 3) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 730_425;
}

/** Splits a finite timestamp, `offsetSeconds` east of UTC. */
export function civilTime(time: TimestampTz, offsetSeconds = 0): CivilTime {
  const local = time + BigInt(offsetSeconds) * 1_000_000n;
  let days = local / USECS_PER_DAY;
  let rest = local % USECS_PER_DAY;
  if (rest < 0n) {
    rest += USECS_PER_DAY;
    days -= 1n;
  }
  const micros = Number(rest);
  const seconds = Math.floor(micros / 1_000_000);
  const { year, month, day } = civilDate(Number(days));
  return {
    year,
    month,
    day,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    microsecond: micros % 1_000_000,
  };
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');

/**
 * The form of times in JSON: UTC with microseconds, `2025-12-24T17:53:45.880038Z`; `infinity` and `-infinity`;
 * years past 9999 or before 1 with a sign and six digits, as ISO 8601 has them.
 */
export function formatTimestampIso(time: TimestampTz): string {
  if (time === TIMESTAMP_INFINITY) return 'infinity';
  if (time === TIMESTAMP_MINUS_INFINITY) return '-infinity';
  const t = civilTime(time);
  const year =
    t.year >= 1 && t.year <= 9999 ? pad(t.year, 4) : `${t.year < 0 ? '-' : '+'}${pad(Math.abs(t.year), 6)}`;
  return `${year}-${pad(t.month, 2)}-${pad(t.day, 2)}T${pad(t.hour, 2)}:${pad(t.minute, 2)}:${pad(t.second, 2)}.${pad(t.microsecond, 6)}Z`;
}

/** Unix milliseconds, as `Date` has them: the last whole one before or at the time. */
export function timestampToUnixMs(time: TimestampTz): number {
  const micros = time + POSTGRES_EPOCH_US;
  return Number((micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n);
}
