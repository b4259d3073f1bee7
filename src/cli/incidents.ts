import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { findIncidents } from '../node/questions.js';
import { localTimeZone } from '../node/timezone.js';
import { nextCommand } from '../questions/incidents/command.js';
import { incidentsJson } from '../questions/incidents/json.js';
import type { IncidentsResult } from '../questions/incidents/run.js';
import { incidentsText } from '../questions/incidents/text.js';
import { formatRelationName } from '../replay/relation-names.js';
import { UTC } from '../text/timezone.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import { jsonText } from './json.js';
import { writeOutput } from './output.js';
import { withProgress } from './progress.js';
import { type TableOptions, tableChoice } from './table-choice.js';
import { countValue, timeValue } from './values.js';

interface Options extends TableOptions {
  since?: TimestampTz;
  until?: TimestampTz;
  minRows: number;
  all?: true;
  jobs?: number;
  utc?: true;
  json?: true;
}

/** The tables of a small application lose fewer rows than that in everyday work, and a lost one is rarely smaller. */
const MIN_ROWS = 10;

/** `walscan incidents` */
export async function run(args: string[]): Promise<number> {
  let exitCode = EXIT_OK;
  const zone = args.includes('--utc') ? UTC : localTimeZone();
  await new Command('walscan incidents')
    .configureOutput({ writeOut: writeOutput })
    .description(
      'List the committed transactions that deleted or updated many rows, dropped or truncated tables, or dropped databases: newest first, each with the command to go on with.',
    )
    .argument('<path...>', 'WAL segments and folders of them, compressed or not; .history files; tar files')
    .option(
      '--since <time>',
      'commits from this time on, in the zone of TZ unless it names one',
      timeValue(zone),
    )
    .option('--until <time>', 'commits up to this time', timeValue(zone))
    .option('--min-rows <number>', 'rows that one transaction changed in one table', countValue, MIN_ROWS)
    .option('--all', 'changes of the system catalogs and rewrites (VACUUM FULL, ALTER TABLE), too')
    .option('--backup <path>', 'a base backup, whose catalogs tell the names; with all WAL since then')
    .option('--table <[schema.]name>', 'what happened to this table; needs --database and --backup')
    .option('--database <name>', 'the database that the table is in')
    .option('--json', 'print one JSON object: times in UTC')
    .option('--jobs <number>', 'threads (default: as many as there are cores)', countValue)
    .option('--utc', 'print times in UTC instead of the local time zone')
    .addHelpText(
      'after',
      '\nExit code: 0 found, 1 nothing found, 2 wrong usage or unreadable input, 3 an answer out of incomplete or damaged WAL.',
    )
    .exitOverride()
    .action(async (paths: string[], options: Options) => {
      exitCode = await incidents(paths, options);
    })
    .parseAsync(args, { from: 'user' });
  return exitCode;
}

async function incidents(paths: string[], options: Options): Promise<number> {
  const result = await search(paths, options);
  const command = nextCommand(result.incidents, paths, options.backup);
  const nameOf = (relation: string): string | undefined => {
    const name = result.names?.get(relation);
    return name && formatRelationName(name);
  };
  writeOutput(
    options.json
      ? jsonText(incidentsJson(result, command, nameOf))
      : incidentsText(result, command, options.utc ? UTC : localTimeZone(), nameOf),
  );
  if (result.problems.length > 0) return EXIT_PARTIAL;
  return result.incidents.length > 0 ? EXIT_OK : EXIT_NOT_FOUND;
}

async function search(paths: string[], options: Options): Promise<IncidentsResult> {
  const { since, until, minRows, all, jobs, backup } = options;
  return withProgress((onProgress) =>
    findIncidents(paths, {
      since,
      until,
      minRows,
      all,
      backup,
      table: tableChoice(options),
      jobs: jobs ?? availableParallelism(),
      onProgress,
    }),
  );
}
