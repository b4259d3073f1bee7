import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import { examineArchive, findMoment } from '../node/questions.js';
import { localTimeZone } from '../node/timezone.js';
import type { ArchiveExamined } from '../questions/archive/ask.js';
import { archiveJson } from '../questions/archive/json.js';
import { archiveText } from '../questions/archive/text.js';
import { momentJson, momentText } from '../questions/moment/text.js';
import { UTC } from '../text/timezone.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import { jsonText } from './json.js';
import { writeOutput } from './output.js';
import { withProgress } from './progress.js';
import { countValue, timeValue } from './values.js';

interface Options {
  quick?: true;
  at?: TimestampTz;
  jobs?: number;
  utc?: true;
  json?: true;
}

/** `walscan archive` */
export async function run(args: string[]): Promise<number> {
  let exitCode = EXIT_OK;
  const zone = args.includes('--utc') ? UTC : localTimeZone();
  await new Command('walscan archive')
    .configureOutput({ writeOut: writeOutput })
    .description(
      'Say what a WAL archive or pg_wal holds and what it lacks: timelines, segments, gaps, damage, base backups.',
    )
    .argument('<path...>', 'folders, WAL segments, tar files, base backups')
    .option('--quick', 'read the headers of segments alone')
    .addOption(
      new Option(
        '--at <time>',
        'say only which segment holds this moment, in the zone of TZ unless it names one',
      )
        .argParser(timeValue(zone))
        .conflicts(['quick', 'jobs']),
    )
    .option('--json', 'print one JSON object: times in UTC')
    .option('--jobs <number>', 'threads (default: as many as there are cores)', countValue)
    .option('--utc', 'print times in UTC instead of the local time zone')
    .addHelpText(
      'after',
      '\nExit code: 0 all is there, 2 wrong usage or unreadable input, 3 something is missing or damaged (with --at: that moment, or what could not be read).',
    )
    .exitOverride()
    .action(async (paths: string[], options: Options) => {
      exitCode =
        options.at === undefined ? await archive(paths, options) : await at(paths, options.at, options);
    })
    .parseAsync(args, { from: 'user' });
  return exitCode;
}

async function archive(paths: string[], options: Options): Promise<number> {
  const report = await examine(paths, options);
  const { quick, duplicates, partial, notArchived, unused, problems } = report;
  writeOutput(
    options.json
      ? jsonText({ ...archiveJson(report), quick, duplicates, partial, notArchived, unused })
      : archiveText(report, options.utc ? UTC : localTimeZone()),
  );
  return problems.length === 0 ? EXIT_OK : EXIT_PARTIAL;
}

async function examine(paths: string[], { quick, jobs }: Options): Promise<ArchiveExamined> {
  return withProgress((onProgress) =>
    examineArchive(paths, {
      quick,
      jobs: jobs ?? availableParallelism(),
      onProgress,
    }),
  );
}

async function at(paths: string[], time: TimestampTz, options: Options): Promise<number> {
  const found = await findMoment(paths, { time });
  writeOutput(
    options.json ? jsonText(momentJson(found)) : momentText(found, options.utc ? UTC : localTimeZone()),
  );
  for (const problem of found.unread) printError(problem);
  const isThere = found.answers.some(({ state }) => state === 'there');
  return isThere && found.unread.length === 0 ? EXIT_OK : EXIT_PARTIAL;
}
