import type { Zone } from '../../format.js';

/**
 * A time with its microseconds, as settings and commands have it: `2026-11-22 10:13:48.518208+00`.
 * @param iso in UTC, as walscan's JSON has it
 */
export function exactTime(iso: string, zone: Zone): string {
  const fraction = /\.\d+/.exec(iso)?.[0] ?? '';
  if (zone === 'utc') return `${iso.slice(0, 19).replace('T', ' ')}${fraction}+00`;
  const date = new Date(iso);
  const offset = -date.getTimezoneOffset();
  const there = new Date(date.getTime() + offset * 60_000).toISOString();
  const minutes = Math.abs(offset) % 60;
  const sign = offset < 0 ? '-' : '+';
  const hours = twoDigits(Math.floor(Math.abs(offset) / 60));
  const suffix = `${sign}${hours}${minutes === 0 ? '' : `:${twoDigits(minutes)}`}`;
  return `${there.slice(0, 19).replace('T', ' ')}${fraction}${suffix}`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** A day with or without a time and a zone; UTC where there is none. */
export const TIME_PATTERN =
  '\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}(:\\d{2}([.]\\d{1,6})?)?)? ?(Z|UTC|[+\\-]\\d{2}(:?\\d{2})?)?';

/** A time that fits {@link TIME_PATTERN}, in ISO 8601 with its zone. */
export function timeToIso(time: string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ]([\d:.]+))? ?(.*)$/.exec(time);
  if (match === null) return time;
  const [, day, clock = '00:00:00', zone] = match;
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  return `${day}T${seconds}${isoZone(zone!)}`;
}

function isoZone(zone: string): string {
  if (zone === '' || zone === 'Z' || zone === 'UTC') return 'Z';
  const [, hours, minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return `${hours}:${minutes}`;
}
