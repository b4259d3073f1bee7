import { NODE } from '../node/platform.js';
import { findIncidents } from '../questions/incidents/ask.js';
import { MIN_ROWS } from '../questions/incidents/incident.js';
import { incidentsJson } from '../questions/incidents/json.js';
import type { IncidentsResult } from '../questions/incidents/run.js';
import { incidentsText } from '../questions/incidents/text.js';
import { newestOf } from '../questions/newest.js';
import type { TimeZone } from '../text/timezone.js';
import {
  type Defined,
  defined,
  factsOption,
  JSON_OPTION,
  limitOption,
  NO_PAGER_OPTION,
  newCommand,
  SEARCH_EXIT_CODES,
} from './command.js';
import { type CommonOptions, jobsOf, zoneOf } from './common-options.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { addLogOptions, type LogOptionValues, logOptions } from './log-options.js';
import { printJson, printText } from './print.js';
import { withProgress } from './progress.js';
import {
  BACKUP_HELP,
  PASSPHRASE_OPTION,
  passphraseOf,
  type RepositoryOptions,
} from './repository-options.js';
import { type TableOptions, tableChoice } from './table-choice.js';
import { timeOption } from './time/option.js';
import { countValue, severalValues } from './values.js';

interface Options extends Omit<TableOptions, 'backup'>, RepositoryOptions, CommonOptions, LogOptionValues {
  facts?: string;
  backup?: string[] | false;
  since?: string;
  until?: string;
  minRows: number;
  limit?: number;
  all?: true;
  json?: true;
}

/** `walscan incidents` */
export function define(io: Io): Defined {
  const command = newCommand('walscan incidents', io)
    .description(
      'List the committed transactions that deleted or updated many rows, dropped or truncated tables, or dropped databases: newest first, each with the command to go on with.',
    )
    .argument(
      '[path...]',
      'WAL segments and folders of them, compressed or not; .history files; tar files; repositories of backup tools; or s3://<bucket>/<prefix>',
    )
    .addOption(factsOption())
    .option('--since <time>', 'commits from this time on, in the zone of TZ unless it names one')
    .option('--until <time>', 'commits up to this time')
    .option('--min-rows <number>', 'rows that one transaction changed in one table', countValue, MIN_ROWS)
    .addOption(limitOption('so many, the newest ones'))
    .option('--all', 'changes of the system catalogs and rewrites (VACUUM FULL, ALTER TABLE), too')
    .option('-b, --backup <backup>', BACKUP_HELP, severalValues)
    .option('--no-backup', 'no names out of a repository: faster where its backups are large tar files')
    .addOption(PASSPHRASE_OPTION)
    .option('--table <[schema.]name>', 'what happened to this table; needs --database, and a backup')
    .option('-d, --database <name>', 'the database that the table is in')
    .addOption(JSON_OPTION)
    .addOption(NO_PAGER_OPTION)
    .addHelpText('after', SEARCH_EXIT_CODES);
  addLogOptions(command);
  return defined(
    command,
    io,
    (paths: string[], options: Options, io: Io) => {
      return incidents(paths, options, zoneOf(options, io), io);
    },
    { takes: { archive: true, backup: true, database: true } },
  );
}

async function incidents(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<number> {
  const found = await search(paths, options, zone, io);
  const result = { ...limited(found, options.limit), cipherPassFile: options.cipherPassFile };
  if (options.json) printJson(incidentsJson(result), io);
  else printText(incidentsText(result, zone, io.tongue), io);
  if (result.problems.length > 0) return EXIT_PARTIAL;
  return result.incidents.length > 0 ? EXIT_OK : EXIT_NOT_FOUND;
}

/** With so many incidents, the newest ones. */
function limited(found: IncidentsResult, limit: number | undefined): IncidentsResult {
  const { newest, older } = newestOf(found.incidents, limit);
  return { ...found, incidents: newest, older: found.older + older };
}

async function search(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<IncidentsResult> {
  const { minRows, all, backup, facts } = options;
  const since = await timeOption('--since', options.since, zone, io);
  const until = await timeOption('--until', options.until, zone, io);
  const table = tableChoice(options);
  const passphrase = await passphraseOf(options, io);
  return withProgress(
    io,
    (onProgress) =>
      findIncidents(
        paths,
        {
          since,
          until,
          minRows,
          all,
          facts,
          backup,
          table,
          passphrase,
          ...logOptions(options, zone),
          jobs: jobsOf(options),
          onProgress,
        },
        NODE,
      ),
    zone,
  );
}
