import type { Command } from 'commander';
import type { LogOptions } from '../questions/who/ask.js';
import type { TimeZone } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { severalValues } from './values.js';

/** The options that say where the server's logs are. */
export interface LogOptionValues {
  log?: string[];
  logLinePrefix?: string;
}

/** Adds the options of commands that say who did it. */
export function addLogOptions(command: Command): Command {
  return command
    .option(
      '--log <path>',
      "the server's log, which tells who did it: files and folders of stderr, csvlog or jsonlog, compressed or not; may be given several times",
      severalValues,
    )
    .option(
      '--log-line-prefix <prefix>',
      'what "SHOW log_line_prefix" tells, for logs of stderr (default: guessed)',
    );
}

/**
 * What they ask for.
 * @param zone whose abbreviations the log's times are in first
 * @throws WalError `usage`
 */
export function logOptions({ log, logLinePrefix }: LogOptionValues, zone: TimeZone): LogOptions {
  if (log === undefined && logLinePrefix !== undefined) {
    throw new WalError('usage', message`--log-line-prefix goes with --log only`);
  }
  return { logs: log, logLinePrefix, logTimezone: zone };
}
