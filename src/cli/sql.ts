import { Option } from 'commander';
import { FactsDatabase } from '../node/facts-database.js';
import { NODE } from '../node/platform.js';
import { factsAnswers } from '../questions/sql/ask.js';
import { several } from '../wal/message.js';
import { type Defined, defined, expandedOption, NO_PAGER_OPTION, newCommand } from './command.js';
import { type CommonOptions, jobsOf } from './common-options.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printResult, type ResultFormat } from './sql/output.js';
import { prompt } from './sql/prompt.js';
import { printNote } from './telling.js';

interface Options extends CommonOptions {
  facts: string;
  json?: true;
  csv?: true;
  expanded?: true;
}

const HELP = `
Views: find_commit, incidents, transactions, changes, wal_by_hour, wal_by_relation, gaps; tables: segments, files,
checkpoints, restore_points, relations, rmgrs, records. Without a query they are read from standard input, each up
to a semicolon; \\d lists tables and views, \\d NAME the columns of one, \\x turns a column a line on or off,
\\q ends.

It takes the package @duckdb/node-api beside walscan.

Exit code: 0 done; 2 wrong usage, a query that fails, no facts or facts that cannot be read; 3 done, but some of the WAL
is missing or damaged, which the table problems tells.`;

/** `walscan sql` */
export function define(io: Io): Defined {
  const command = newCommand('walscan sql', io)
    .description('Ask facts of WAL in SQL, which DuckDB answers.')
    .argument('[query]', 'SQL; several statements have a semicolon in between')
    .requiredOption('--facts <dir>', 'the folder that walscan facts has made')
    .addOption(new Option('--json', 'print a JSON object a row, times in UTC').conflicts('csv'))
    .option('--csv', 'print CSV with the names of columns')
    .addOption(expandedOption().conflicts(['json', 'csv']))
    .addOption(NO_PAGER_OPTION)
    .addHelpText('after', HELP);
  return defined(command, io, sql);
}

function formatOf({ json, csv, expanded }: Options): ResultFormat {
  if (json) return 'json';
  if (csv) return 'csv';
  return expanded ? 'expanded' : 'table';
}

async function sql(query: string | undefined, options: Options, io: Io): Promise<number> {
  const { facts } = options;
  let format = formatOf(options);
  const database = await FactsDatabase.open(facts, () =>
    factsAnswers(facts, { jobs: jobsOf(options) }, NODE),
  );
  try {
    const ask = async (text: string): Promise<void> => {
      for await (const result of database.query(text)) await printResult(result, format, io);
    };
    const expand = (): void => {
      if (format === 'table') format = 'expanded';
      else if (format === 'expanded') format = 'table';
    };
    if (query === undefined) await prompt({ ask, interrupt: () => database.interrupt(), expand }, io);
    else await ask(query);
    if (database.problems === 0) return EXIT_OK;
    printNote(
      several(
        database.problems,
        '{0} problem with the WAL: see the table problems',
        '{0} problems with the WAL: see the table problems',
      ),
      io,
    );
    return EXIT_PARTIAL;
  } finally {
    database.close();
  }
}
