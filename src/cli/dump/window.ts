import type { TimeZone } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { Io } from '../io.js';
import { TIME_EXAMPLES } from '../time/option.js';
import { readTime } from '../time/read.js';
import { DumpError, printNote } from './error.js';

/**
 * The time that `option` gives.
 * @throws DumpError where it is none
 */
export async function windowTime(option: string, text: string, zone: TimeZone, io: Io): Promise<TimestampTz> {
  const invalid = (detail: string): DumpError =>
    new DumpError('usage', `invalid value "${text}" for option ${option}`, undefined, detail);
  try {
    const read = await readTime(text, zone);
    if (read === undefined) throw invalid(`It is no time, ${TIME_EXAMPLES}.`);
    for (const note of read.notes) printNote(`${option}: ${note}`, io);
    return read.time;
  } catch (error) {
    throw error instanceof WalError ? invalid(`${error.message}.`) : error;
  }
}
