import { Option } from 'commander';
import { NODE } from '../node/platform.js';
import { type ArchiveExamined, examineArchive } from '../questions/archive/ask.js';
import { archiveJson } from '../questions/archive/json.js';
import { archiveText } from '../questions/archive/text.js';
import { findMoment } from '../questions/moment/ask.js';
import { momentJson } from '../questions/moment/json.js';
import { momentText } from '../questions/moment/text.js';
import type { TimeZone } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import {
  type Defined,
  defined,
  factsOption,
  JSON_OPTION,
  limitOption,
  NO_PAGER_OPTION,
  newCommand,
} from './command.js';
import { type CommonOptions, jobsOf, zoneOf } from './common-options.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson, printText } from './print.js';
import { withProgress } from './progress.js';
import { PASSPHRASE_OPTION, passphraseOf, type RepositoryOptions } from './repository-options.js';
import { timeOption } from './time/option.js';

interface Options extends RepositoryOptions, CommonOptions {
  facts?: string;
  quick?: true;
  retention?: true;
  verify?: true;
  backup?: string;
  at?: string;
  limit?: number;
  json?: true;
}

/** `walscan archive` */
export function define(io: Io): Defined {
  const command = newCommand('walscan archive', io)
    .description(
      'Say what a WAL archive or pg_wal holds and what it lacks: timelines, segments, gaps, damage, base backups.',
    )
    .argument(
      '[path...]',
      'repositories of backup tools, folders, WAL segments, tar files, base backups; or s3://<bucket>/<prefix>',
    )
    .addOption(factsOption().conflicts('at'))
    .option(
      '--quick',
      'read the headers of segments alone; with --at: look at few segments, which is right if the clock was never set back',
    )
    .addOption(
      new Option(
        '--retention',
        'take it for no problem where WAL between base backups is missing, as a retention policy leaves it',
      ).conflicts('at'),
    )
    .addOption(
      new Option(
        '--verify',
        'read all files of the base backups, too, and hold them against their manifests, as pg_verifybackup does',
      ).conflicts('at'),
    )
    .option(
      '-b, --backup <backup>',
      'with --verify: this base backup alone; a path or, of a repository, its name or "latest"',
    )
    .option('--at <time>', 'say only which segment holds this moment, in the zone of TZ unless it names one')
    .addOption(limitOption('so many of each list, the newest ones; but all problems').conflicts('at'))
    .addOption(PASSPHRASE_OPTION)
    .addOption(JSON_OPTION)
    .addOption(NO_PAGER_OPTION)
    .addHelpText(
      'after',
      '\nExit code: 0 all is there, 2 wrong usage or unreadable input, 3 something is missing or damaged (with --at: that moment, or what could not be read).',
    );
  return defined(
    command,
    io,
    (paths: string[], options: Options, io: Io) => {
      const zone = zoneOf(options, io);
      return options.at === undefined
        ? archive(paths, options, zone, io)
        : at(paths, options.at, options, zone, io);
    },
    { takes: { archive: true } },
  );
}

async function archive(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<number> {
  const report = await examine(paths, options, io);
  if (options.json) printJson(archiveJson(report, options.limit), io);
  else printText(archiveText(report, zone, io.tongue, options.limit), io);
  return report.problems.length === 0 ? EXIT_OK : EXIT_PARTIAL;
}

async function examine(paths: string[], options: Options, io: Io): Promise<ArchiveExamined> {
  const { facts, quick, retention, verify, backup } = options;
  if (backup !== undefined && !verify) throw new WalError('usage', message`--backup goes with --verify only`);
  const passphrase = await passphraseOf(options, io);
  return withProgress(io, (onProgress) =>
    examineArchive(
      paths,
      {
        facts,
        quick,
        retention,
        verify,
        backup,
        passphrase,
        jobs: jobsOf(options),
        onProgress,
      },
      NODE,
    ),
  );
}

async function at(paths: string[], text: string, options: Options, zone: TimeZone, io: Io): Promise<number> {
  const { json, quick } = options;
  const time = await timeOption('--at', text, zone, io);
  const passphrase = await passphraseOf(options, io);
  const found = await withProgress(io, (onProgress) =>
    findMoment(paths, { time, quick, passphrase, jobs: jobsOf(options), onProgress }, NODE),
  );
  if (json) printJson(momentJson(found), io);
  else printText(momentText(found, zone, io.tongue), io);
  for (const problem of found.unread) printError(problem, io);
  const isThere = found.answers.some(({ state }) => state === 'there');
  return isThere && found.unread.length === 0 ? EXIT_OK : EXIT_PARTIAL;
}
