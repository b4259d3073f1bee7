import type { TimeZone } from './timezone.js';

const HOUR = 3600;
const WEEK = 7 * 24 * HOUR;

/** Local time is never further from UTC (15:57 in old Alaska), and no zone keeps an offset for less than two hours. */
const FURTHEST = 16 * HOUR;
const STEP = 2 * HOUR;

/** A moment at which the clocks of a zone show a time. */
export interface ClockReading {
  unixSeconds: number;
  abbreviation: string;
}

/**
 * When clocks in `zone` show a time: once as a rule, twice where they are put back over it, never where they are put
 * forward over it. Earlier ones come first.
 * @param localSeconds what the clock shows, as seconds since 1970-01-01 00:00 on it
 */
export function clockReadings(localSeconds: number, zone: TimeZone): ClockReading[] {
  const offsets = new Set<number>();
  for (let away = -FURTHEST; away <= FURTHEST; away += STEP) offsets.add(zone.at(localSeconds + away).offset);
  return [...offsets]
    .sort((a, b) => b - a)
    .flatMap((offset) => {
      const unixSeconds = localSeconds - offset;
      const shown = zone.at(unixSeconds);
      return shown.offset === offset ? [{ unixSeconds, abbreviation: shown.abbreviation }] : [];
    });
}

/** What a time that clocks were put forward over is by the clock as it went before: after the change, that is. */
export function acrossGap(localSeconds: number, zone: TimeZone): number {
  return localSeconds - zone.at(localSeconds - FURTHEST).offset;
}

const WEEKS = Array.from({ length: 54 }, (_, week) => week * WEEK);

/**
 * The offset that an abbreviation, in upper case, stands for in `zone`: at that time, or else at the time nearest to it
 * within a year, as `EST` in summer. Undefined where it is none of this zone.
 */
export function offsetOf(abbreviation: string, localSeconds: number, zone: TimeZone): number | undefined {
  const isMeant = (shown: { abbreviation: string }): boolean =>
    shown.abbreviation.toUpperCase() === abbreviation;
  const exact = clockReadings(localSeconds, zone).filter(isMeant).at(-1);
  if (exact) return localSeconds - exact.unixSeconds;
  for (const away of WEEKS) {
    const near = [zone.at(localSeconds - away), zone.at(localSeconds + away)].find(isMeant);
    if (near) return near.offset;
  }
  return undefined;
}
