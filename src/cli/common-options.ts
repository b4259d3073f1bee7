import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { namedZone } from '../node/timezone.js';
import { type TimeZone, UTC } from '../text/timezone.js';
import type { Io } from './io.js';
import { LANGUAGES } from './language.js';
import { localZone } from './local-zone.js';
import type { TellingOptions } from './telling.js';
import { countValue } from './values.js';

/** What all commands take but `dump`, whose options are those of `pg_waldump`. */
export interface CommonOptions extends TellingOptions {
  utc?: true;
  tz?: TimeZone;
  jobs?: number;
}

export const LANG_OPTION = new Option('--lang <language>', 'the language of help and messages').choices([
  ...LANGUAGES,
]);

/** Adds them, last in the help. @param hasThreads whether the command shares its work between threads */
export function addCommonOptions(command: Command, hasThreads: boolean): void {
  command
    .optionsGroup('Common options:')
    .addOption(new Option('--utc', 'times in UTC').conflicts('tz'))
    .option(
      '--tz <zone>',
      'the zone of times that are printed, and of those in arguments that name none (default: that of TZ)',
      zoneValue,
    )
    .option(
      '--jobs <number>',
      hasThreads
        ? 'threads (default: as many as there are cores)'
        : 'threads: this command has one, however many are given',
      countValue,
    )
    .option('--progress', 'show what is being done, also where standard error is no terminal')
    .option('--no-progress', 'do not show what is being done')
    .option('-q, --quiet', 'nothing on standard error but errors')
    .addOption(
      new Option(
        '-v, --verbose',
        'say on standard error what was taken for what, and how long it took',
      ).conflicts('quiet'),
    )
    .option(
      '--config <file>',
      'settings: archive, backup, tz, database (default: walscan/config.toml where yours are)',
    )
    .addOption(LANG_OPTION);
}

function zoneValue(name: string): TimeZone {
  const zone = namedZone(name);
  if (!zone) throw new InvalidArgumentError('it is no time zone: give one such as Europe/Madrid');
  return zone;
}

/** The zone of times that are printed, and of those in arguments that name none. */
export const zoneOf = ({ utc, tz }: CommonOptions, io: Io): TimeZone => tz ?? (utc ? UTC : localZone(io));

export const jobsOf = ({ jobs }: CommonOptions): number => jobs ?? availableParallelism();
