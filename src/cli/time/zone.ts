import { formatTimestamptz } from '../../heap/types/datetime.js';
import { namedZone, offsetsAnywhere } from '../../node/timezone.js';
import { acrossGap, type ClockReading, clockReadings, offsetOf } from '../../text/local-time.js';
import type { TimeZone } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import { joined, type Message, message } from '../../wal/message.js';
import { POSTGRES_EPOCH_US, type TimestampTz } from '../../wal/timestamp.js';

/** The moment that a time on the clock is, and what is to be said of it. */
export interface Moment {
  unixSeconds: number;
  note?: Message;
}

/** Offsets from UTC as PostgreSQL reads them (`DecodeTimezone`, src/backend/utils/adt/datetime.c): `+05:30`, `-0330`, `+5`. */
const OFFSET = /^([+-])(?:(\d{1,2})(?::(\d\d)(?::(\d\d))?)?|(\d{1,2})(\d\d))$/;
const MAX_OFFSET_HOURS = 15;

const UTC_NAME = /^(?:Z|UTC?|UCT|GMT|Zulu)$/i;

/** With the sign of ISO 8601 for some and that of POSIX, the opposite, for PostgreSQL. */
const SIGNED_NAME = /^(?:UTC?|GMT)[+-]\d/i;

/** Three letters are no zone's name, though some are called so: `CET` in summer would be another time than PostgreSQL's. */
const ABBREVIATION_ONLY = /^[a-z]{1,3}$/i;

/**
 * The moment of a time on the clock.
 *
 * An abbreviation means first what it means in `zone`, then what it means wherever it is in use, if that is the same
 * everywhere.
 * @param localSeconds what the clock shows, as seconds since 1970-01-01 00:00 on it
 * @param text the zone, as an offset, an abbreviation or a name; undefined for that of `zone`
 * @throws WalError `usage` where it is none, or one of several
 */
export function momentOf(localSeconds: number, text: string | undefined, zone: TimeZone): Moment {
  if (text === undefined) return onClock(localSeconds, clockReadings(localSeconds, zone), zone);
  if (UTC_NAME.test(text)) return { unixSeconds: localSeconds };

  const abbreviation = text.toUpperCase();
  const exact = clockReadings(localSeconds, zone).filter(
    (reading) => reading.abbreviation.toUpperCase() === abbreviation,
  );
  if (exact.length > 0) return onClock(localSeconds, exact, zone);
  const offset = statedOffset(text) ?? offsetOf(abbreviation, localSeconds, zone);
  if (offset !== undefined) return { unixSeconds: localSeconds - offset };

  if (SIGNED_NAME.test(text)) {
    throw usage(
      message`${text} is east of Greenwich for some and west of it for PostgreSQL: give the offset, such as +02`,
    );
  }
  const elsewhere = text.includes('/') ? undefined : offsetElsewhere(abbreviation, localSeconds);
  if (elsewhere !== undefined) return { unixSeconds: localSeconds - elsewhere };
  const named = ABBREVIATION_ONLY.test(text) ? undefined : namedZone(text);
  if (named) return onClock(localSeconds, clockReadings(localSeconds, named), named);
  throw usage(
    message`${text} is no time zone known here: give the offset, such as +02, or a name, such as Europe/Madrid`,
  );
}

/** By the rule of PostgreSQL (`DetermineTimeZoneOffset`, src/backend/utils/adt/datetime.c). */
function onClock(localSeconds: number, readings: ClockReading[], zone: TimeZone): Moment {
  const [first, second] = readings;
  if (first === undefined) {
    const unixSeconds = acrossGap(localSeconds, zone);
    const shown = formatSeconds(unixSeconds, zone);
    return {
      unixSeconds,
      note: message`clocks there were put forward over that time: ${shown} is taken, as PostgreSQL does`,
    };
  }
  if (second === undefined) return { unixSeconds: first.unixSeconds };
  const [early, late] = [first, second].map(
    ({ unixSeconds, abbreviation }) => `${formatSeconds(unixSeconds, zone)} (${abbreviation})`,
  );
  return {
    unixSeconds: second.unixSeconds,
    note: message`clocks there showed that time twice: ${late} is taken, as PostgreSQL does, and not ${early}; give the offset to say which`,
  };
}

function formatSeconds(unixSeconds: number, zone: TimeZone): string {
  return formatTimestamptz(ofUnix(unixSeconds), zone);
}

export const ofUnix = (seconds: number): TimestampTz => BigInt(seconds) * 1_000_000n - POSTGRES_EPOCH_US;

function statedOffset(text: string): number | undefined {
  const match = OFFSET.exec(text);
  if (!match) return undefined;
  const [, sign, hours = match[5], minutes = match[6] ?? '0', seconds = '0'] = match;
  if (Number(hours) > MAX_OFFSET_HOURS || Number(minutes) > 59 || Number(seconds) > 59) {
    throw usage(message`${text} is no offset from UTC, which are less than 16 hours`);
  }
  const length = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === '-' ? -length : length;
}

/** @throws WalError `usage` where it means one thing here and another one there */
function offsetElsewhere(abbreviation: string, localSeconds: number): number | undefined {
  const places = offsetsAnywhere(abbreviation, localSeconds);
  if (places.size < 2) return places.keys().next().value;
  const meanings = [...places].map(([offset, name]) => message`${hoursOf(offset)} in ${name}`);
  throw usage(message`${abbreviation} is ${joined(meanings)}: give the offset, or the name of the zone`);
}

/** `+05:30` */
function hoursOf(offset: number): string {
  const shown = formatTimestamptz(ofUnix(0), { at: () => ({ offset, abbreviation: '' }) });
  return shown.slice('1970-01-01 00:00:00'.length);
}

const usage = (said: Message): WalError => new WalError('usage', said);
