/** Which zone times are written in. */
export type Zone = 'utc' | 'local';

/** Numbers and times as the reader writes them. */
export interface Format {
  number(value: number): string;
  /** At most so many digits after the point. */
  decimal(value: number, digits: number): string;
  /** 0 to 1. */
  percent(value: number): string;
  /** `16.8 MB` */
  bytes(value: number): string;
  /** To the second, with its zone. @param time ISO 8601, or milliseconds */
  time(time: string | number): string;
  /** Without the zone. */
  shortTime(time: string | number): string;
  clock(time: number): string;
  day(time: number): string;
  duration(seconds: number): string;
  list(items: readonly string[]): string;
}

const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

const SPANS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

export function formatOf(locale: string, zone: Zone): Format {
  const timeZone = zone === 'utc' ? 'UTC' : undefined;
  const times = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, hourCycle: 'h23', ...options });
  const DAY = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const;
  const full = times({ ...DAY, ...CLOCK, timeZoneName: 'short' });
  const short = times({ ...DAY, ...CLOCK });
  const clock = times(CLOCK);
  const day = times(DAY);
  const whole = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const units = UNITS.map(
    (unit) => new Intl.NumberFormat(locale, { style: 'unit', unit, maximumSignificantDigits: 3 }),
  );
  const list = new Intl.ListFormat(locale);
  return {
    number: (value) => whole.format(value),
    decimal: (value, digits) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value),
    percent: (value) => percent.format(value),
    bytes: (value) => {
      // 999,500 would be written as 1,000 kB
      const power = UNITS.findLastIndex((_, i) => value >= 0.9995 * 1000 ** (i + 1));
      return power < 0 ? `${whole.format(value)} B` : units[power].format(value / 1000 ** (power + 1));
    },
    time: (time) => full.format(new Date(time)),
    shortTime: (time) => short.format(new Date(time)),
    clock: (time) => clock.format(new Date(time)),
    day: (time) => day.format(new Date(time)),
    duration: (seconds) => {
      const parts: string[] = [];
      let rest = seconds;
      for (const [unit, length] of SPANS) {
        const value = unit === 'second' ? rest : Math.floor(rest / length);
        rest -= value * length;
        if (value > 0) {
          parts.push(
            new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(value),
          );
        }
      }
      return parts.join(' ');
    },
    list: (items) => list.format(items),
  };
}
