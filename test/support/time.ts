import { readDigits } from '../../src/cli/time/read.js';
import type { TimeZone } from '../../src/text/timezone.js';
import type { TimestampTz } from '../../src/wal/timestamp.js';

/** A time in digits; undefined where it is none. */
export const parseTime = (text: string, zone: TimeZone): TimestampTz | undefined =>
  readDigits(text, zone)?.time;
