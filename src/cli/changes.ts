import { setImmediate } from 'node:timers/promises';
import { Option } from 'commander';
import { NODE } from '../node/platform.js';
import { Changes, type ChangesOptions } from '../questions/changes/ask.js';
import type { ChangesOrder } from '../questions/changes/change.js';
import { CHANGE_FORMATS, type ChangeFormat, type LeftOut, printChanges } from '../questions/changes/print.js';
import { backupSaid } from '../questions/given.js';
import { reachText } from '../questions/wal-reach.js';
import { encodeText } from '../text/encoding.js';
import { type TimeZone, UTC } from '../text/timezone.js';
import { WalError } from '../wal/error.js';
import type { Lsn } from '../wal/lsn.js';
import { type Message, message, several } from '../wal/message.js';
import { type Defined, defined, newCommand } from './command.js';
import { type CommonOptions, zoneOf } from './common-options.js';
import { printError } from './error.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { addLogOptions, type LogOptionValues, logOptions } from './log-options.js';
import { withProgress } from './progress.js';
import {
  BACKUP_HELP,
  PASSPHRASE_OPTION,
  passphraseOf,
  type RepositoryOptions,
} from './repository-options.js';
import { printNote, telling } from './telling.js';
import { timeOption } from './time/option.js';
import { countValue, lsnValue, severalValues, xidValue } from './values.js';

/** Options that say which changes are meant. */
export interface WhichChanges extends RepositoryOptions, CommonOptions {
  backup?: string[];
  catalog?: string[];
  xid?: (number | bigint)[];
  since?: string;
  until?: string;
  start?: Lsn;
  end?: Lsn;
  database?: string;
  table?: string[];
  excludeTable?: string[];
  timeline?: number;
}

interface Options extends WhichChanges, LogOptionValues {
  system?: true;
  order: ChangesOrder;
  format: ChangeFormat;
}

const severalXids = (text: string, before: unknown): (number | bigint)[] => [
  ...(Array.isArray(before) ? before : []),
  xidValue(text),
];

/** Adds the options that say which changes are meant. */
export function addWhich(command: ReturnType<typeof newCommand>): ReturnType<typeof newCommand> {
  return command
    .argument(
      '[path...]',
      'where the WAL is: files, folders, tar files, repositories of backup tools; or s3://<bucket>/<prefix>',
    )
    .option('-b, --backup <backup>', BACKUP_HELP, severalValues)
    .addOption(PASSPHRASE_OPTION)
    .option(
      '--catalog <path>',
      'a later backup, or a data folder: tells names and types where no backup from before is there',
      severalValues,
    )
    .option('--xid <xid>', 'of this transaction; may be given several times', severalXids)
    .option('--since <time>', 'commits from this time on, in the zone of TZ unless it names one')
    .option('--until <time>', 'commits up to this time')
    .option('--start <lsn>', 'commits from this position on', lsnValue)
    .option('--end <lsn>', 'commits up to this position', lsnValue)
    .option('-d, --database <name>', 'in this database')
    .option(
      '--table <[schema.]name>',
      'of this table, its partitions and what inherits from it; may be given several times',
      severalValues,
    )
    .option('--exclude-table <[schema.]name>', 'not of this table; may be given several times', severalValues)
    .option('-t, --timeline <number>', 'on this timeline (default: the newest)', countValue);
}

/** What these options ask for. @throws WalError `usage` */
export async function whichChanges(options: WhichChanges, zone: TimeZone, io: Io): Promise<ChangesOptions> {
  const { backup, catalog, xid: xids, start, end, database, table: tables, excludeTable, timeline } = options;
  return {
    ...{ backup, catalog, xids, start, end, database, tables, excludeTables: excludeTable, timeline },
    since: await timeOption('--since', options.since, zone, io),
    until: await timeOption('--until', options.until, zone, io),
    passphrase: await passphraseOf(options, io),
    timezone: UTC,
  };
}

const HELP = `
json is that of wal2json, format version 2: an object a line. sql does the changes again, a transaction each; csv has a
line a change. Values that are not known are marked so. Times and values are printed in UTC.

Exit codes: 0 done; 1 there is no such change; 2 wrong usage or unreadable input; 3 values are not known, or the WAL is
missing, damaged or does not reach.`;

/** `walscan changes` */
export function define(io: Io): Defined {
  const command = newCommand('walscan changes', io).description(
    'Print all changes of rows that transactions committed, of all tables, with old and new values.',
  );
  addLogOptions(addWhich(command))
    .addOption(
      new Option('--format <format>', 'how to print them').choices([...CHANGE_FORMATS]).default('json'),
    )
    .addOption(new Option('--json', 'as --format json').conflicts('format'))
    .addOption(
      new Option('--order <order>', 'in that of the commits, or of the WAL, which is read twice then')
        .choices(['commit', 'lsn'])
        .default('commit'),
    )
    .option('--system', 'system catalogs and TOAST tables, too')
    .addHelpText('after', HELP);
  return defined(
    command,
    io,
    (paths: string[], options: Options, io: Io) => changes(paths, options, zoneOf(options, io), io),
    { hasThreads: false, takes: { archive: true, backup: true } },
  );
}

async function changes(paths: string[], options: Options, zone: TimeZone, io: Io): Promise<number> {
  const { system, format, order } = options;
  if (order === 'lsn' && format === 'sql') {
    throw new WalError(
      'usage',
      message`SQL does the changes in the order of the commits: use --order lsn with --format json or csv`,
    );
  }
  if (system && format === 'sql') {
    throw new WalError(
      'usage',
      message`changes of system catalogs cannot be made by SQL: use --system with --format json or csv`,
    );
  }
  if (options.log !== undefined && (order === 'lsn' || format === 'csv')) {
    throw new WalError(
      'usage',
      message`--log tells who did transactions, for which there is no place with --order lsn or --format csv`,
    );
  }
  const which = { ...(await whichChanges(options, zone, io)), ...logOptions(options, zone) };
  const isSql = format === 'sql';
  const asked = { ...which, system, order, definitions: isSql, qualifiedNames: isSql };
  // what is drawn would stand between the changes, which come while others are read
  const quietly = io.isTerminal ? telling(io, { ...options, progress: false }) : io;
  const { found, leftOut } = await withProgress(quietly, (onProgress) =>
    print(new Changes(paths, { ...asked, onProgress }, NODE), format, io),
  );
  return tell(found, leftOut, zone, io);
}

async function print(
  found: Changes,
  format: ChangeFormat,
  io: Io,
): Promise<{ found: Changes; leftOut: LeftOut }> {
  const text = printChanges(found, format);
  for (;;) {
    const { value, done } = await text.next();
    if (done) return { found, leftOut: value };
    io.write(typeof value === 'string' ? encodeText(value) : value);
    await setImmediate();
  }
}

function tell(found: Changes, leftOut: LeftOut, zone: TimeZone, io: Io): number {
  const warn = (said: Message): void => printNote(said, io);
  if (found.storedBackup !== undefined) warn(backupSaid(found.storedBackup));
  for (const problem of found.problems) printError(problem, io);
  if (found.unknownValues > 0)
    warn(
      several(
        found.unknownValues,
        '{0} value could not be told, and are marked',
        '{0} values could not be told, and are marked',
      ),
    );
  if (leftOut.statements > 0)
    warn(
      several(
        leftOut.statements,
        '{0} change could not be told as SQL',
        '{0} changes could not be told as SQL',
      ),
    );
  for (const database of leftOut.databases)
    warn(message`what changed in database ${database} is left out: ask for it with --database`);
  if (found.problems.length > 0 || found.unknownValues > 0 || leftOut.statements > 0) return EXIT_PARTIAL;
  if (found.count > 0) return EXIT_OK;
  const said = message`there is no such change`;
  const { reach } = found;
  warn(reach === undefined ? said : message`${said}; ${reachText(reach, zone)}`);
  return EXIT_NOT_FOUND;
}
