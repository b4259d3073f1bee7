import { daysOfCivil, POSTGRES_EPOCH_DAYS, POSTGRES_EPOCH_US, type TimestampTz } from '../wal/timestamp.js';

/**
 * Seconds east of UTC of what an abbreviation of a zone means where clocks show a time (in seconds since 1970-01-01 00:00
 * on them); undefined where it means nothing, or several things.
 */
export type OffsetOf = (abbreviation: string, localSeconds: number) => number | undefined;

/** A moment that a log tells, and what it may be too early by in microseconds. */
export interface LogTime {
  time: TimestampTz;
  precision: bigint;
}

const TIME = /^(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))? (\S{1,32})$/;
/** Zones without an abbreviation of letters have their offset for one. */
const OFFSET = /^([+-])(\d\d)(?::?(\d\d))?(?::?(\d\d))?$/;
const EPOCH = /^(\d{1,12})(?:\.(\d{1,6}))?$/;
const SECOND = 1_000_000n;
const SECONDS_PER_DAY = 86_400;
/** Abbreviations are looked up on so many days, which may take a while each. A log of years has no more. */
const MOST_LOOKUPS = 5000;
/** So many that do not tell a time are named. */
const MOST_UNKNOWN = 20;

/** Reads the times of a log, which are in the zone of `log_timezone`, with its abbreviation (`%t`, `%m`). */
export class LogClock {
  /** By abbreviation and day. */
  private readonly offsets = new Map<string, number | undefined>();
  /** Abbreviations that do not tell a time, the first of them. */
  readonly unknown = new Set<string>();

  constructor(private readonly offsetOf: OffsetOf) {}

  /** `2026-11-22 10:13:39.636 CET`; undefined where it is none, or the zone is not known. */
  read(text: string): LogTime | undefined {
    const fields = TIME.exec(text);
    if (fields === null) return undefined;
    const [, year, month, day, hour, minute, second, fraction, zone] = fields;
    const days = daysOfCivil(Number(year), Number(month), Number(day)) + POSTGRES_EPOCH_DAYS;
    const local = days * SECONDS_PER_DAY + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
    const offset = this.offsetAt(zone, local, days);
    return offset === undefined ? undefined : moment(local - offset, fraction);
  }

  private offsetAt(zone: string, local: number, days: number): number | undefined {
    const stated = OFFSET.exec(zone);
    if (stated !== null) {
      const [, sign, hours, minutes = '0', seconds = '0'] = stated;
      const length = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      return sign === '-' ? -length : length;
    }
    if (/^(?:UTC|GMT|Z)$/.test(zone)) return 0;
    const key = `${zone} ${days}`;
    if (!this.offsets.has(key) && this.offsets.size < MOST_LOOKUPS) {
      this.offsets.set(key, this.offsetOf(zone, local));
    }
    const offset = this.offsets.get(key);
    if (offset === undefined && this.unknown.size < MOST_UNKNOWN) this.unknown.add(zone);
    return offset;
  }
}

/** `%n`: seconds since 1970, which need no zone. */
export function readEpoch(text: string): LogTime | undefined {
  const fields = EPOCH.exec(text);
  return fields === null ? undefined : moment(Number(fields[1]), fields[2]);
}

function moment(unixSeconds: number, fraction: string | undefined): LogTime {
  const micros = fraction === undefined ? 0n : BigInt(fraction.padEnd(6, '0'));
  return {
    time: BigInt(unixSeconds) * SECOND + micros - POSTGRES_EPOCH_US,
    precision: fraction === undefined ? SECOND : 10n ** BigInt(6 - fraction.length),
  };
}
