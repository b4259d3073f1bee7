import { findLocalZone } from '../node/timezone.js';
import type { TimeZone } from '../text/timezone.js';
import { message } from '../wal/message.js';
import type { Io } from './io.js';
import { printNote } from './telling.js';

/**
 * The zone of TZ or of the machine. Of a TZ that is none C programs take what can be read, which may be nothing and is
 * then UTC; this is said on standard error.
 */
export function localZone(io: Io): TimeZone {
  const { zone, isKnown } = findLocalZone(io.env);
  const { TZ } = io.env;
  if (!isKnown) {
    const said = isUtc(zone)
      ? message`TZ is "${TZ ?? ''}", which is no time zone on this machine: times are in UTC; set it to one such as Europe/Madrid`
      : message`TZ is "${TZ ?? ''}", which is no time zone on this machine: times are in what C programs take it for; set it to one such as Europe/Madrid`;
    printNote(said, io);
  }
  return zone;
}

/** Summer and winter of a year stand for all, as in what was no zone there is no more than that. */
const isUtc = (zone: TimeZone): boolean =>
  [Date.UTC(2026, 0, 15), Date.UTC(2026, 6, 15)].every((time) => zone.at(time / 1000).offset === 0);
