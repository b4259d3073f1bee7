import { findLocalZone } from '../node/timezone.js';
import { printable } from '../text/printable.js';
import type { TimeZone } from '../text/timezone.js';
import type { Io } from './io.js';

/** The zone of TZ or of the machine. A TZ that is none is UTC, as for C programs; this is said on standard error. */
export function localZone({ env, writeError }: Io): TimeZone {
  const { zone, isKnown } = findLocalZone(env);
  const { TZ } = env;
  if (!isKnown) {
    const text = `TZ is "${TZ}", which is no time zone on this machine: times are in UTC`;
    writeError(`walscan: ${printable(text)}; set it to one such as Europe/Madrid\n`);
  }
  return zone;
}
