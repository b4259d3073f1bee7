import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { findCommit as ask } from '../node/questions.js';
import { localTimeZone } from '../node/timezone.js';
import { findCommitJson } from '../questions/find-commit/json.js';
import type { FindCommitResult } from '../questions/find-commit/run.js';
import { findCommitText } from '../questions/find-commit/text.js';
import type { TableChoice } from '../replay/names-of-backup.js';
import { UTC } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import { jsonText } from './json.js';
import { writeOutput } from './output.js';
import { withProgress } from './progress.js';
import { type TableOptions, tableChoice } from './table-choice.js';
import { countValue, lsnValue } from './values.js';

interface Options extends TableOptions {
  rel?: string;
  start?: Lsn;
  end?: Lsn;
  timeline?: number;
  jobs?: number;
  json?: boolean;
  utc?: boolean;
}

/** `walscan find-commit` */
export async function run(args: string[]): Promise<number> {
  let exitCode = EXIT_OK;
  await new Command('walscan find-commit')
    .configureOutput({ writeOut: writeOutput })
    .description(
      'Find the last INSERT into a table, the last DELETE (or DROP, TRUNCATE) and its commit, and where recovery has to stop to bring the rows back.',
    )
    .argument('<path...>', 'WAL segments and folders of them, compressed or not; .history files')
    .option(
      '--rel <relation>',
      'relfilenode (SELECT pg_relation_filenode(…)), or tablespace/database/relfilenode',
      onlyOne,
    )
    .option('--table <[schema.]name>', 'the table by name; needs --database and --backup')
    .option('--database <name>', 'the database that the table is in')
    .option('--backup <path>', 'a base backup, whose catalogs tell the names; with all WAL since then')
    .option('--start <lsn>', 'search records from here on', lsnValue)
    .option('--end <lsn>', 'search records that end here at the latest', lsnValue)
    .option('--timeline <number>', 'search this timeline only', countValue)
    .option('--json', 'print one JSON object: times in UTC')
    .option('--jobs <number>', 'threads (default: as many as there are cores)', countValue)
    .option('--utc', 'print times in UTC instead of the local time zone')
    .addHelpText(
      'after',
      '\nExit code: 0 found, 1 nothing found, 2 wrong usage or unreadable input, 3 an answer out of incomplete or damaged WAL.',
    )
    .exitOverride()
    .action(async (paths: string[], options: Options) => {
      exitCode = await findCommit(paths, options);
    })
    .parseAsync(args, { from: 'user' });
  return exitCode;
}

function onlyOne(relation: string, before: string | undefined): string {
  if (before !== undefined) throw new InvalidArgumentError('Give one relation only.');
  return relation;
}

async function findCommit(paths: string[], options: Options): Promise<number> {
  const result = await search(paths, options);
  const text = options.json
    ? jsonText(findCommitJson(result))
    : findCommitText(result, options.rel ?? options.table ?? '', options.utc ? UTC : localTimeZone());
  writeOutput(text);
  if (result.problems.length > 0) return EXIT_PARTIAL;
  return result.relations.length > 0 ? EXIT_OK : EXIT_NOT_FOUND;
}

async function search(paths: string[], options: Options): Promise<FindCommitResult> {
  const { start, end } = options;
  if (start !== undefined && end !== undefined && start >= end) {
    throw new WalError('usage', '--end has to be after --start');
  }
  return withProgress((onProgress) =>
    ask(paths, {
      relation: options.rel,
      table: tableOf(options),
      backup: options.backup,
      startLsn: start,
      endLsn: end,
      timeline: options.timeline,
      transactions: options.json === true,
      jobs: options.jobs ?? availableParallelism(),
      onProgress,
    }),
  );
}

function tableOf(options: Options): TableChoice | undefined {
  if ((options.rel === undefined) === (options.table === undefined)) {
    throw new WalError('usage', 'give either --rel or --table');
  }
  return tableChoice(options);
}
