import { InvalidArgumentError } from 'commander';
import { NODE } from '../node/platform.js';
import { findCommit as ask } from '../questions/find-commit/ask.js';
import { findCommitJson } from '../questions/find-commit/json.js';
import type { FindCommitResult } from '../questions/find-commit/run.js';
import { findCommitText } from '../questions/find-commit/text.js';
import type { TableChoice } from '../replay/names-of-backup.js';
import type { TimeZone } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
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
import { countValue, lsnValue, severalValues } from './values.js';

interface Options extends TableOptions, RepositoryOptions, CommonOptions, LogOptionValues {
  facts?: string;
  rel?: string;
  start?: Lsn;
  end?: Lsn;
  timeline?: number;
  limit?: number;
  transactions?: number | 'all';
  json?: true;
}

/** `walscan find-commit` */
export function define(io: Io): Defined {
  const command = newCommand('walscan find-commit', io)
    .description(
      'Find the last INSERT into a table, the last DELETE (or DROP, TRUNCATE) and its commit, and where recovery has to stop to bring the rows back.',
    )
    .argument(
      '[path...]',
      'WAL segments and folders of them, compressed or not; .history files; repositories of backup tools; or s3://<bucket>/<prefix>',
    )
    .addOption(factsOption())
    .option(
      '--rel <relation>',
      'relfilenode (SELECT pg_relation_filenode(…)), or tablespace/database/relfilenode',
      onlyOne,
    )
    .option('--table <[schema.]name>', 'the table by name; needs --database, and a backup')
    .option('-d, --database <name>', 'the database that the table is in')
    .option('-b, --backup <backup>', BACKUP_HELP, severalValues)
    .addOption(PASSPHRASE_OPTION)
    .option('--start <lsn>', 'search records from here on', lsnValue)
    .option('--end <lsn>', 'search records that end here at the latest', lsnValue)
    .option('-t, --timeline <number>', 'search this timeline only', countValue)
    .addOption(limitOption('so many of the transactions that have no end, the newest ones'))
    .addOption(JSON_OPTION)
    .addOption(NO_PAGER_OPTION)
    .option(
      '--transactions <number>',
      'with --json: list so many of the transactions that changed rows, the newest, or "all" (default: 100)',
      transactionsValue,
    )
    .addHelpText('after', SEARCH_EXIT_CODES);
  addLogOptions(command);
  return defined(
    command,
    io,
    (paths: string[], options: Options, io: Io) => {
      return findCommit(paths, options, zoneOf(options, io), io);
    },
    { takes: { archive: true, backup: true, database: true } },
  );
}

function transactionsValue(text: string): number | 'all' {
  return text === 'all' ? text : countValue(text);
}

function onlyOne(relation: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError('give one relation only');
  return relation;
}

async function findCommit(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<number> {
  const { json, rel, table, limit } = options;
  const result = { ...(await search(paths, options, zone, io)), cipherPassFile: options.cipherPassFile };
  if (json) printJson(findCommitJson(result, limit), io);
  else printText(findCommitText(result, rel ?? table ?? '', zone, io.tongue, limit), io);
  if (result.problems.length > 0) return EXIT_PARTIAL;
  return result.relations.length > 0 ? EXIT_OK : EXIT_NOT_FOUND;
}

async function search(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<FindCommitResult> {
  const { start, end } = options;
  if (start !== undefined && end !== undefined && start >= end) {
    throw new WalError('usage', message`--end ${formatLsn(end)} has to be after --start ${formatLsn(start)}`);
  }
  const table = tableOf(options);
  const passphrase = await passphraseOf(options, io);
  return withProgress(
    io,
    (onProgress) =>
      ask(
        paths,
        {
          facts: options.facts,
          relation: options.rel,
          table,
          backup: options.backup,
          passphrase,
          ...logOptions(options, zone),
          startLsn: start,
          endLsn: end,
          timeline: options.timeline,
          transactions: options.json ? options.transactions : 0,
          jobs: jobsOf(options),
          onProgress,
        },
        NODE,
      ),
    zone,
  );
}

function tableOf(options: Options): TableChoice | undefined {
  if ((options.rel === undefined) === (options.table === undefined)) {
    throw new WalError('usage', message`give either --rel or --table`);
  }
  return tableChoice(options);
}
