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
