import { formatTimestamptz } from '../../heap/types/datetime.js';
import type { TimeZone } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import {
  civilDate,
  daysOfCivil,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  POSTGRES_EPOCH_DAYS,
  type TimestampTz,
} from '../../wal/timestamp.js';
import { type Moment, momentOf, ofUnix } from './zone.js';

/** A time as it was understood, and what is to be said of that. */
export interface TimeRead {
  time: TimestampTz;
  notes: Message[];
}

const DATE = String.raw`(?<year>\d{4,6})-(?<month>\d\d?)-(?<day>\d\d?)`;
const CLOCK = String.raw`(?<hour>\d\d?):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>-?\d+))?)?(?:\s*(?<half>[ap])m\b)?`;
const ZONE = String.raw`(?<zone>[+-]\d[\d:]*|[a-z][\w/+-]*)`;
const TIME = new RegExp(String.raw`^${DATE}(?:(?:\s+|T)${CLOCK})?\s*${ZONE}?$`, 'i');

/** ISO 8601 without its marks, as tools name backups: `20251224T175345Z`. */
const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)?(?=\D|$)/i;

/** Digits that begin with a year are read by {@link TIME} or not at all: a library might see another date in them. */
const YEAR_FIRST = /^\d{4,}-\d/;

/** Words with a zone after them: in capital letters where it is an abbreviation. */
const WORDS_AND_ZONE =
  /^(?<words>.*\S)(?:\s+(?<zone>[A-Z]{2,}|[A-Za-z]\w*(?:\/[\w+-]+)+)|(?:\s+|(?<=:\d\d(?:[.,]\d+)?))(?<offset>Z|[+-]\d[\d:]*))$/;
const FRACTION = /(:\d\d:\d\d)[.,](\d+)/;

/**
 * Reads a time as people type it, and as walscan and PostgreSQL print it: `2025-12-24 17:53:45.880038+00`, with `T` for
 * the space, the time of day cut short or left out, and a zone as an offset, an abbreviation or a name; or in words,
 * `yesterday 18:00`.
 * @param zone of times that name none
 * @param nowMs the present moment, as of `Date.now()`
 * @returns undefined where the text is no time
 * @throws WalError `usage` where it is one that there is not, or may be one of several
 */
export async function readTime(
  text: string,
  zone: TimeZone,
  nowMs: number = Date.now(),
): Promise<TimeRead | undefined> {
  const given = text.trim();
  if (given === '') throw usage(message`it is empty`);
  if (/^[+-]?infinity$/i.test(given)) throw usage(message`infinity is no moment that a clock shows`);
  const read = readDigits(given, zone);
  if (read !== undefined || YEAR_FIRST.test(given)) return read;
  return readWithWords(given, zone, nowMs);
}

type Field = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'fraction' | 'half' | 'zone';

/** {@link readTime} of a time in digits alone. */
export function readDigits(text: string, zone: TimeZone): TimeRead | undefined {
  const fields: Partial<Record<Field, string>> | undefined = TIME.exec(withMarks(text.trim()))?.groups;
  if (fields === undefined) return undefined;
  const [year, month, day, minute, second] = (['year', 'month', 'day', 'minute', 'second'] as const).map(
    (name) => Number(fields[name] ?? 0),
  );
  const days = daysOfCivil(year, month, day);
  const date = civilDate(days);
  // a day too many would be one of the next month; and there is no year 0
  if (year < 1 || date.month !== month || date.day !== day) {
    throw usage(message`there is no day ${`${fields.year}-${fields.month}-${fields.day}`}`);
  }
  const hour = hourOf(Number(fields.hour ?? 0), fields.half);
  // as PostgreSQL has it: a day ends with 24:00, and a minute may have a leap second
  if (hour === undefined || minute > 59 || second > 60 || hour * 3600 + minute * 60 + second > 86_400) {
    throw usage(message`there is no such time of day`);
  }
  const local = (days + POSTGRES_EPOCH_DAYS) * 86_400 + hour * 3600 + minute * 60 + second;
  const moment = momentOf(local, fields.zone, zone);
  return told(moment, microsOf(fields.fraction ?? ''));
}

const withMarks = (text: string): string =>
  text.replace(
    BASIC,
    (_, year, month, day, hour, minute, second = '00') =>
      `${year}-${month}-${day} ${hour}:${minute}:${second}`,
  );

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour <= 24 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** Rounded, as PostgreSQL does. Below zero it is microseconds, as `pg_waldump` prints them before 2000. */
function microsOf(fraction: string): number {
  return fraction.startsWith('-') ? Number(fraction) : Math.round(Number(`0.${fraction || '0'}`) * 1_000_000);
}

async function readWithWords(given: string, zone: TimeZone, nowMs: number): Promise<TimeRead | undefined> {
  const { readWords } = await import('./words.js');
  const { offset } = zone.at(Math.floor(nowMs / 1000));
  const read = (words: string, zoneText?: string): TimeRead | undefined => {
    // the library takes the digits of a fraction for milliseconds
    const found = readWords(words.replace(FRACTION, '$1'), nowMs + offset * 1000);
    if (found?.kind === 'elapsed') return zoneText === undefined ? ofMs(nowMs + found.ms) : undefined;
    if (found === undefined) return undefined;
    const micros = microsOf(FRACTION.exec(words)?.[2] ?? '');
    const local = Math.floor(found.localMs / 1000);
    return told(momentOf(local, zoneText, zone), (found.localMs - local * 1000) * 1000 + micros);
  };
  const { words, zone: name, offset: close } = WORDS_AND_ZONE.exec(given)?.groups ?? {};
  const result = read(given) ?? (words === undefined ? undefined : read(words, name ?? close));
  if (result === undefined) return undefined;
  const { time, notes } = result;
  return { time, notes: [message`"${given}" is read as ${formatTimestamptz(time, zone)}`, ...notes] };
}

function ofMs(unixMs: number): TimeRead {
  const seconds = Math.floor(unixMs / 1000);
  return told({ unixSeconds: seconds }, (unixMs - seconds * 1000) * 1000);
}

function told({ unixSeconds, note }: Moment, micros: number): TimeRead {
  if (!Number.isSafeInteger(unixSeconds) || !Number.isSafeInteger(micros)) throw outOfRange();
  const time = ofUnix(unixSeconds) + BigInt(micros);
  if (time < MIN_TIMESTAMP || time > MAX_TIMESTAMP) throw outOfRange();
  return { time, notes: note === undefined ? [] : [note] };
}

const outOfRange = (): WalError =>
  usage(message`it is out of the range of PostgreSQL, which ends in the year 294276`);

const usage = (said: Message): WalError => new WalError('usage', said);
