import { FactsFolder } from '../node/facts-folder.js';
import { NODE } from '../node/platform.js';
import { type FactsMade, makeFacts } from '../questions/facts/ask.js';
import { factsJson } from '../questions/facts/json.js';
import { factsText } from '../questions/facts/text.js';
import { type Defined, defined, JSON_OPTION, newCommand } from './command.js';
import { type CommonOptions, jobsOf } from './common-options.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson, printText } from './print.js';
import { withProgress } from './progress.js';
import { PASSPHRASE_OPTION, passphraseOf, type RepositoryOptions } from './repository-options.js';

interface Options extends RepositoryOptions, CommonOptions {
  output: string;
  records?: true;
  json?: true;
}

/** `walscan facts` */
export function define(io: Io): Defined {
  const command = newCommand('walscan facts', io)
    .description(
      'Make small Parquet files of each WAL segment, for SQL over any number of them: transactions, changes by relation, files, checkpoints. What is there already is passed over; any number of processes may write to one folder.',
    )
    .argument(
      '[path...]',
      'WAL segments and folders of them, compressed or not; .history files; tar files; repositories of backup tools; or s3://<bucket>/<prefix>',
    )
    .requiredOption('-o, --output <folder>', 'where the facts go; it is made where it is not there')
    .option('--records', 'a row for each record as well, as pg_walinspect has them: many times the size')
    .addOption(PASSPHRASE_OPTION)
    .addOption(JSON_OPTION)
    .addHelpText(
      'after',
      '\nExit code: 0 done, 2 wrong usage or unreadable input, 3 done, but WAL is damaged, which its facts say.',
    );
  return defined(command, io, facts, { takes: { archive: true } });
}

async function facts(paths: string[], options: Options, io: Io): Promise<number> {
  const made = await make(paths, options, io);
  if (options.json) printJson(factsJson(made), io);
  else printText(factsText(made, io.tongue), io);
  return made.problems.length === 0 ? EXIT_OK : EXIT_PARTIAL;
}

async function make(paths: string[], options: Options, io: Io): Promise<FactsMade> {
  const { output, records } = options;
  const passphrase = await passphraseOf(options, io);
  const folder = await FactsFolder.open(output);
  return withProgress(io, (onProgress) =>
    makeFacts(paths, folder, { records, passphrase, jobs: jobsOf(options), onProgress }, NODE),
  );
}
