import { NODE } from '../node/platform.js';
import { MIN_ROWS } from '../questions/incidents/incident.js';
import { type Report, readReport } from '../questions/report/ask.js';
import { renderReport } from '../questions/report/html.js';
import { reportJson } from '../questions/report/json.js';
import { nearestText } from '../questions/report/text.js';
import type { TimeZone } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { type Defined, defined, JSON_OPTION, newCommand } from './command.js';
import { type CommonOptions, jobsOf, zoneOf } from './common-options.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { outputFile } from './output-file.js';
import { jsonText } from './print.js';
import { withProgress } from './progress.js';
import {
  BACKUP_HELP,
  PASSPHRASE_OPTION,
  passphraseOf,
  type RepositoryOptions,
} from './repository-options.js';
import { printNote } from './telling.js';
import { timeOption } from './time/option.js';
import { severalValues } from './values.js';

interface Options extends RepositoryOptions, CommonOptions {
  backup?: string[] | false;
  since?: string;
  until?: string;
  json?: true;
  output?: string;
}

/** `walscan report` */
export function define(io: Io): Defined {
  const command = newCommand('walscan report', io)
    .description(
      'Make a page to look at: what the WAL consists of by time, relation and transaction, incidents, and what the archive holds and lacks. One file of HTML that needs nothing else, in English and Spanish.',
    )
    .argument(
      '[path...]',
      'repositories of backup tools, folders, WAL segments, .history files, tar files; or s3://<bucket>/<prefix>',
    )
    .option('--since <time>', 'WAL and commits from this time on, in the zone of TZ unless it names one')
    .option('--until <time>', 'WAL and commits up to this time')
    .option('-b, --backup <backup>', BACKUP_HELP, severalValues)
    .option('--no-backup', 'no names out of a repository: faster where its backups are large tar files')
    .addOption(PASSPHRASE_OPTION)
    .option('-o, --output <file>', 'where the page goes, or the JSON; - for standard output')
    .addOption(JSON_OPTION)
    .addHelpText(
      'after',
      '\nExit code: 0 done, 1 no transaction ended at these times, 2 wrong usage or unreadable input, 3 done, but WAL is missing or damaged.',
    );
  return defined(
    command,
    io,
    (paths: string[], options: Options, io: Io) => report(paths, options, zoneOf(options, io), io),
    { takes: { archive: true, backup: true } },
  );
}

async function report(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<number> {
  const { json, output } = options;
  const write = writerOf(output, json === true, io);
  const found = await read(paths, options, zone, io);
  const data = reportJson(found);
  write(json ? jsonText(data) : await renderReport(data));
  const { archive, incidents, wal } = found;
  if (wal.nearest !== undefined) printNote(nearestText(wal.nearest, zone), io);
  if ([archive, incidents, wal].some(({ problems }) => problems.length > 0)) return EXIT_PARTIAL;
  return wal.nearest === undefined ? EXIT_OK : EXIT_NOT_FOUND;
}

/** What writes the answer: it fails before the work is done, where it can. */
function writerOf(output: string | undefined, json: boolean, io: Io): (text: string) => void {
  if (output === '-' || (output === undefined && json)) return io.write;
  if (output === undefined) {
    throw new WalError(
      'usage',
      message`say where the page is to go: -o report.html, or -o - for standard output`,
    );
  }
  return outputFile(output).write;
}

async function read(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<Report> {
  const { backup, cipherPassFile } = options;
  const since = await timeOption('--since', options.since, zone, io);
  const until = await timeOption('--until', options.until, zone, io);
  const passphrase = await passphraseOf(options, io);
  const found = await withProgress(io, (onProgress) =>
    readReport(
      paths,
      {
        ...{ since, until, minRows: MIN_ROWS, backup, passphrase },
        jobs: jobsOf(options),
        onProgress,
      },
      NODE,
    ),
  );
  return { ...found, incidents: { ...found.incidents, cipherPassFile } };
}
