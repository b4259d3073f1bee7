import { civilDate, POSTGRES_EPOCH_DAYS } from '../wal/timestamp.js';
import type { LocalTimeType, TimeZone } from './timezone.js';

/** The day of a year on which a zone changes, and the time of that day in seconds, which may be negative. */
type ChangeRule =
  /** `Mm.n.d`: the `week`th `weekday` (0 is Sunday) of a month; week 5 is the last. */
  | { kind: 'month'; month: number; week: number; weekday: number; seconds: number }
  /** `Jn`: day 1 … 365, 29 February never counted. */
  | { kind: 'julian'; day: number; seconds: number }
  /** `n`: day 0 … 365, 29 February counted. */
  | { kind: 'day'; day: number; seconds: number };

const HOUR = 3600;
const DAY = 86_400;

/** Where no rules are given the C library takes those of the United States. */
const DEFAULT_START: ChangeRule = { kind: 'month', month: 3, week: 2, weekday: 0, seconds: 2 * HOUR };
const DEFAULT_END: ChangeRule = { kind: 'month', month: 11, week: 1, weekday: 0, seconds: 2 * HOUR };

/** What is left where a rule cannot be read: 1 January, midnight. */
const NO_RULE: ChangeRule = { kind: 'day', day: 0, seconds: 0 };

/**
 * A zone given as POSIX has it in the variable TZ and in the footer of zone files, such as
 * `EET-2EEST,M3.5.0/3,M10.5.0/4` or `<+0330>-3:30`.
 *
 * Never fails, as C programs have no way to: like glibc (time/tzset.c) it keeps what could be read, so that a
 * misspelt zone is UTC under its own name (`Foo/Bar` shows as `Foo`), or under none where not even a name of
 * three letters could be read. Also as in glibc, years before 1970 have the changes of 1970.
 */
export function parsePosixTz(text: string): TimeZone {
  const input = new Cursor(text);
  const name = input.name();
  if (name === undefined) return fixed(0, '');
  const standardOffset = input.offset();
  if (standardOffset === undefined) return fixed(0, name);
  if (input.done) return fixed(standardOffset, name);

  const daylight = input.daylight(standardOffset);
  const start = input.rule(DEFAULT_START);
  const end = start && input.rule(DEFAULT_END);
  const standard = { offset: standardOffset, abbreviation: name };
  return changing(standard, daylight, start ?? NO_RULE, end ?? NO_RULE);
}

/** Whether all of a text is such a zone, so that nothing of it is passed over. */
export function isPosixTz(text: string): boolean {
  const input = new Cursor(text);
  if (input.name() === undefined) return false;
  const standardOffset = input.offset();
  if (standardOffset === undefined) return false;
  if (input.done) return true;
  if (input.daylight(standardOffset).abbreviation === '') return false;
  if (input.done) return true;
  return input.rule() !== undefined && input.rule() !== undefined && input.done;
}

function fixed(offset: number, abbreviation: string): TimeZone {
  const type = { offset, abbreviation };
  return { at: () => type };
}

function changing(
  standard: LocalTimeType,
  daylight: LocalTimeType,
  startRule: ChangeRule,
  endRule: ChangeRule,
): TimeZone {
  let year = Number.NaN;
  let start = 0;
  let end = 0;
  return {
    at(unixSeconds) {
      const thisYear = Math.max(yearOf(unixSeconds), 1970);
      if (thisYear !== year) {
        year = thisYear;
        start = changeTime(startRule, year) - standard.offset;
        end = changeTime(endRule, year) - daylight.offset;
      }
      const isDaylight =
        start <= end ? unixSeconds >= start && unixSeconds < end : unixSeconds >= start || unixSeconds < end;
      return isDaylight ? daylight : standard;
    },
  };
}

/** The year of an instant in UTC: near new year it may not be the zone's own, as in glibc. */
const yearOf = (unixSeconds: number): number =>
  civilDate(Math.floor(unixSeconds / DAY) - POSTGRES_EPOCH_DAYS).year;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The instant that `rule` names in `year` (1970 or later), as if local time were UTC. */
function changeTime(rule: ChangeRule, year: number): number {
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400) - 477;
  const newYear = (year - 1970) * 365 + leapDays;
  return (newYear + dayOfYear(rule, year, newYear)) * DAY + rule.seconds;
}

/** Days from 1 January to the day of `rule`; `newYear` is that 1 January in days since 1970. */
function dayOfYear(rule: ChangeRule, year: number, newYear: number): number {
  if (rule.kind === 'day') return rule.day;
  if (rule.kind === 'julian') return rule.day - 1 + (rule.day >= 60 && isLeap(year) ? 1 : 0);
  const lengths = MONTH_LENGTHS.map((days, i) => (i === 1 && isLeap(year) ? 29 : days));
  const first = lengths.slice(0, rule.month - 1).reduce((sum, days) => sum + days, 0);
  const weekdayOfFirst = (newYear + first + 4) % 7; // 1970-01-01 was a Thursday
  let day = (rule.weekday - weekdayOfFirst + 7) % 7;
  for (let week = 1; week < rule.week && day + 7 < lengths[rule.month - 1]; week++) day += 7;
  return first + day;
}

/** Reads a TZ string from left to right; what does not match is left where it is. */
class Cursor {
  constructor(private rest: string) {}

  get done(): boolean {
    return this.rest === '';
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.rest);
    if (!match) return undefined;
    this.rest = this.rest.slice(match[0].length);
    return match;
  }

  /** `EST`, or `<+0330>`: three characters at least. */
  name(): string | undefined {
    const match = this.take(/^(?:([A-Za-z]{3,})|<([A-Za-z0-9+-]{3,})>)/);
    return match && (match[1] ?? match[2]);
  }

  /** Name and offset of daylight saving time, an hour ahead of standard time unless said otherwise. */
  daylight(standardOffset: number): LocalTimeType {
    const abbreviation = this.name();
    if (abbreviation === undefined) return { offset: 0, abbreviation: '' };
    return { offset: this.offset() ?? standardOffset + HOUR, abbreviation };
  }

  /** `[+-]hh[:mm[:ss]]` west of UTC, as seconds east of it. */
  offset(): number | undefined {
    const match = this.take(/^([+-]?)(\d+)(?::(\d+)(?::(\d+))?)?/);
    if (!match) return undefined;
    const [, sign, hours, minutes = '0', seconds = '0'] = match;
    const west =
      Math.min(Number(hours), 24) * HOUR + Math.min(Number(minutes), 59) * 60 + Math.min(Number(seconds), 59);
    return sign === '-' ? west : -west || 0; // never -0
  }

  /** `,day[/time]`; `absent` where the text has ended. */
  rule(absent?: ChangeRule): ChangeRule | undefined {
    this.take(/^,/);
    if (this.done) return absent;
    const day = this.day();
    if (!day) return undefined;
    const time = this.take(/^\/(-?)(\d+)(?::(\d+)(?::(\d+))?)?/);
    if (!time) return /^($|,)/.test(this.rest) ? { ...day, seconds: 2 * HOUR } : undefined;
    const [, sign, hours, minutes = '0', seconds = '0'] = time;
    const length = Number(hours) * HOUR + Number(minutes) * 60 + Number(seconds);
    return { ...day, seconds: sign === '-' ? -length : length };
  }

  private day(): ChangeRule | undefined {
    const month = this.take(/^M(\d+)\.(\d+)\.(\d+)/)
      ?.slice(1)
      .map(Number);
    if (month) {
      const [m, week, weekday] = month;
      const valid = m >= 1 && m <= 12 && week >= 1 && week <= 5 && weekday <= 6;
      return valid ? { kind: 'month', month: m, week, weekday, seconds: 0 } : undefined;
    }
    const match = this.take(/^(J?)(\d+)/);
    if (!match) return undefined;
    const day = Number(match[2]);
    if (day > 365 || (match[1] && day === 0)) return undefined;
    return { kind: match[1] ? 'julian' : 'day', day, seconds: 0 };
  }
}
