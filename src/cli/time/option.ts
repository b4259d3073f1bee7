import type { TimeZone } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import type { Io } from '../io.js';
import { printNote } from '../telling.js';
import { readTime } from './read.js';

/**
 * The time that an option gives; what is to be said of how it was understood is printed on standard error.
 * @param text undefined where the option is not given, and then there is no time
 * @param zone of times that name none
 * @throws WalError `usage` where it is no time
 */
export async function timeOption<T extends string | undefined>(
  option: string,
  text: T,
  zone: TimeZone,
  io: Io,
): Promise<TimestampTz | (T & undefined)>;
export async function timeOption(
  option: string,
  text: string | undefined,
  zone: TimeZone,
  io: Io,
): Promise<TimestampTz | undefined> {
  if (text === undefined) return undefined;
  const time = await timeIn(option, text, zone, io);
  if (time !== undefined) return time;
  throw new WalError('usage', message`${option} "${text}": it is no time, ${TIME_EXAMPLES}`);
}

export const TIME_EXAMPLES = message`such as 2025-12-24 17:53:45+00, 2025-12-24 17:53 America/Lima, yesterday 18:00 or "2 hours ago"`;

/** {@link timeOption} where a text may be something else: undefined where it is no time. */
export async function timeIn(
  option: string,
  text: string,
  zone: TimeZone,
  io: Io,
): Promise<TimestampTz | undefined> {
  try {
    const read = await readTime(text, zone);
    for (const said of read?.notes ?? []) printNote(message`${option}: ${said}`, io);
    return read?.time;
  } catch (error) {
    if (!(error instanceof WalError)) throw error;
    throw new WalError('usage', message`${option} "${text}": ${error.said}`, error);
  }
}
