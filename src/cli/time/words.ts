import { casual, type ParsedResult } from 'chrono-node/en';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';

/** What a time in words comes to. */
export type WordsRead =
  /** A time on the clock, as milliseconds since 1970-01-01 00:00 on it. */
  | { kind: 'clock'; localMs: number }
  /** So many milliseconds after the present moment, or before it. */
  | { kind: 'elapsed'; ms: number };

/** Day and month, or month and day. */
const NUMERIC_DATE = /(?<!\d)(\d\d?)([/.-])(\d\d?)\2(\d{2,4})(?!\d)/;

/** Two days meet there; the library takes the next one. */
const MIDNIGHT = /\bmidnight\b/i;

/** These are of no hour that everybody would agree upon. */
const VAGUE = /\b(?:morning|afternoon|evening|night|tonight)\b/i;

/**
 * Reads a time in words, such as `yesterday 18:00`, `2 hours ago`, `last friday 9am` or `22/11/2026 10:13`, that names
 * no zone. A day without a time begins at midnight.
 * @param nowMs what the clock shows now, as milliseconds since 1970-01-01 00:00 on it
 * @returns undefined where the text is no time
 * @throws WalError `usage` where it may be one of several
 */
export function readWords(text: string, nowMs: number): WordsRead | undefined {
  const results = inUtc(() => casual.parse(text, { instant: new Date(nowMs), timezone: 'UTC' }));
  const [result] = results;
  // a part of the text, or a span of time
  if (results.length !== 1 || result.text !== text || result.end) return undefined;
  checkNumericDate(text);
  if (MIDNIGHT.test(text)) throw usage(message`give the day, and 00:00 or 24:00`);
  const { start } = result;
  checkWeekday(text, result);
  const tags = start.tags();
  const localMs = clockOf(result);
  if (tags.has('result/relativeDateAndTime') || tags.has('casualReference/now')) {
    return { kind: 'elapsed', ms: localMs - nowMs };
  }
  if (start.isCertain('timezoneOffset')) return undefined;
  if (tags.has('result/relativeDate') || start.isCertain('hour')) {
    checkDate(text, result);
    return { kind: 'clock', localMs };
  }
  if (VAGUE.test(text)) throw usage(message`give the hour`);
  checkDate(text, result);
  if (!start.isCertain('day') && !start.isCertain('weekday')) return undefined;
  return { kind: 'clock', localMs: Math.floor(localMs / 86_400_000) * 86_400_000 };
}

function clockOf({ start }: ParsedResult): number {
  const [year, month, ...rest] = (
    ['year', 'month', 'day', 'hour', 'minute', 'second', 'millisecond'] as const
  ).map((component) => start.get(component) ?? 0);
  return Date.UTC(year, month - 1, ...rest);
}

function checkNumericDate(text: string): void {
  const [date, first, , second, year] = NUMERIC_DATE.exec(text) ?? [];
  if (date === undefined) return;
  if (year.length !== 4) throw usage(message`give the year with four digits`);
  if (Number(first) > 12 || Number(second) > 12 || Number(first) === Number(second)) return;
  const iso = (month: string, day: string): string =>
    `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  throw usage(
    message`${date} is ${iso(second, first)} for some and ${iso(first, second)} for others: give one of these`,
  );
}

/** Which Friday `friday` is, the library guesses; and it does not mind what day of the week a date is. */
function checkWeekday(text: string, { start }: ParsedResult): void {
  if (!start.isCertain('weekday')) return;
  if (!start.isCertain('day')) {
    if (!/\b(?:last|past|this|next)\b/i.test(text))
      throw usage(message`give the date, or say which, as in "last friday"`);
    return;
  }
  const [year, month, day] = [start.get('year'), start.get('month'), start.get('day')].map(
    (part) => part ?? 0,
  );
  const isThatDay = new Date(Date.UTC(year, month - 1, day)).getUTCDay() === start.get('weekday');
  if (!isThatDay) throw usage(message`that date is another day of the week`);
}

/** The library makes up years that are left out. */
function checkDate(text: string, { start }: ParsedResult): void {
  const isRelative = [...start.tags()].some((tag) => /^(?:casualReference|result\/relative)/.test(tag));
  if (!isRelative && start.isCertain('month') && !/\d{4}/.test(text))
    throw usage(message`give the year, with four digits`);
}

/**
 * The library reckons with `Date`, which has the zone of the process: an hour that is missing there would not be read.
 * None is missing in UTC.
 */
function inUtc<T>(work: () => T): T {
  const { env } = process;
  const { TZ } = env;
  Object.assign(env, { TZ: 'UTC' });
  try {
    return work();
  } finally {
    if (TZ === undefined) Reflect.deleteProperty(env, 'TZ');
    else Object.assign(env, { TZ });
  }
}

const usage = (said: Message): WalError => new WalError('usage', said);
