import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { offsetOf } from '../text/local-time.js';
import { isPosixTz, parsePosixTz } from '../text/posix-tz.js';
import { type TimeZone, UTC } from '../text/timezone.js';
import { parseTzif } from '../text/tzif.js';
import { WalError } from '../wal/error.js';

const LOCAL_ZONE = '/etc/localtime';
const ZONE_FOLDER = '/usr/share/zoneinfo';
/** The zones that people live in: country codes, coordinates, names. */
const ZONE_TABLE = join(ZONE_FOLDER, 'zone.tab');

/**
 * The time zone in which C programs such as `pg_waldump` print times, by the rules of glibc (time/tzset.c):
 * the variable TZ names a file below TZDIR or /usr/share/zoneinfo (a leading colon is dropped) or is a POSIX
 * rule; empty is UTC; unset is /etc/localtime.
 *
 * On a machine without zone files (Windows) the zone comes from the JavaScript engine, which knows offsets but
 * not abbreviations: these are then numeric, `+01`.
 */
export function localTimeZone(env: Record<string, string | undefined> = process.env): TimeZone {
  return findLocalZone(env).zone;
}

/** {@link localTimeZone}, and whether all of TZ says which it is: where it does not, C takes what can be read of it. */
export function findLocalZone(env: Record<string, string | undefined>): { zone: TimeZone; isKnown: boolean } {
  const { TZ: tz, TZDIR } = env;
  if (tz === '') return { zone: UTC, isKnown: true };
  const name = tz?.replace(/^:/, '');
  const folder = TZDIR || ZONE_FOLDER;
  if (!existsSync(folder)) {
    const zone = engineZone(name);
    if (zone) return { zone, isKnown: true };
  }
  const path = name === undefined ? LOCAL_ZONE : isAbsolute(name) ? name : join(folder, name);
  const zone = readZoneFile(path);
  if (zone) return { zone, isKnown: true };
  // without TZ and the machine's own zone, it is in UTC
  return name === undefined
    ? { zone: UTC, isKnown: true }
    : { zone: parsePosixTz(name), isKnown: isPosixTz(name) };
}

/** Undefined where there is no such file or it is none of a time zone. */
function readZoneFile(path: string): TimeZone | undefined {
  try {
    return parseTzif(readFileSync(path));
  } catch (error) {
    if (error instanceof WalError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/**
 * The zone of a name as people write it, in upper or lower case; undefined where the name is unknown. Abbreviations
 * are numeric where there are no zone files, see {@link localTimeZone}.
 */
export function namedZone(name: string): TimeZone | undefined {
  const canonical = zoneFormat(name)?.resolvedOptions().timeZone;
  if (canonical === undefined) return undefined;
  // where the engine has another name for it, the zone is the same
  return readZoneFile(join(ZONE_FOLDER, canonical)) ?? engineZone(name);
}

let inhabited: readonly [name: string, zone: TimeZone][] | undefined;

/** The zones that people live in, with their names: none where the machine has no zone files. Read once. */
function inhabitedZones(): readonly [name: string, zone: TimeZone][] {
  inhabited ??= existsSync(ZONE_TABLE)
    ? readFileSync(ZONE_TABLE, 'utf8')
        .split('\n')
        .flatMap((line) => {
          const name = line.startsWith('#') ? undefined : line.split('\t')[2];
          const zone = name === undefined ? undefined : readZoneFile(join(ZONE_FOLDER, name));
          return name !== undefined && zone !== undefined ? [[name, zone]] : [];
        })
    : [];
  return inhabited;
}

/**
 * What an abbreviation, in upper case, means wherever people live: offsets from UTC in seconds, each with a zone that has it.
 * @param localSeconds what the clock shows, as seconds since 1970-01-01 00:00 on it
 */
export function offsetsAnywhere(abbreviation: string, localSeconds: number): Map<number, string> {
  const places = new Map<number, string>();
  for (const [name, zone] of inhabitedZones()) {
    const offset = offsetOf(abbreviation, localSeconds, zone);
    if (offset !== undefined && !places.has(offset)) places.set(offset, name);
  }
  return places;
}

/** The last second that a `Date` can hold, in the year 275760. */
const MAX_DATE_SECONDS = 8_640_000_000_000;

/** A zone out of the engine's own data (its local zone without a name); undefined where the name is unknown. */
export function engineZone(name: string | undefined): TimeZone | undefined {
  const format = zoneFormat(name);
  if (!format) return undefined;
  if (format.resolvedOptions().timeZone === 'UTC') return UTC;
  return {
    at(unixSeconds) {
      const seconds = Math.min(Math.max(unixSeconds, -MAX_DATE_SECONDS), MAX_DATE_SECONDS);
      const parts = format.formatToParts(seconds * 1000);
      const text = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
      // GMT, GMT-07:00, or with seconds GMT-07:28:18
      const [, sign, hours = '0', minutes = '0', rest = '0'] =
        /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(text) ?? [];
      const length = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
      const offset = sign === '-' ? -length : length;
      return { offset, abbreviation: numericAbbreviation(offset) };
    },
  };
}

function zoneFormat(name: string | undefined): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}

/** `+01`, `-0330`, `+003520`: as the zone data have it where people use no letters. */
function numericAbbreviation(offset: number): string {
  const length = Math.abs(offset);
  const fields = [Math.floor(length / 3600), Math.floor(length / 60) % 60, length % 60];
  while (fields.length > 1 && fields[fields.length - 1] === 0) fields.pop();
  return (offset < 0 ? '-' : '+') + fields.map((field) => String(field).padStart(2, '0')).join('');
}
