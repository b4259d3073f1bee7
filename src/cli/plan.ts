import { Option } from 'commander';
import type { TimelineChoice } from '../cluster/recovery-timeline.js';
import { parseRelation } from '../follow/relation.js';
import { NODE } from '../node/platform.js';
import { type PlanTarget, planRecovery } from '../questions/plan/ask.js';
import { planJson } from '../questions/plan/json.js';
import { obstacleText } from '../questions/plan/obstacle-text.js';
import { planText } from '../questions/plan/text.js';
import { printable } from '../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../text/timezone.js';
import { sayIn } from '../text/tongue.js';
import type { Lsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { type Defined, defined, JSON_OPTION, NO_PAGER_OPTION, newCommand } from './command.js';
import { type CommonOptions, jobsOf, zoneOf } from './common-options.js';
import { printError } from './error.js';
import { EXIT_OK, EXIT_PARTIAL } from './exit-code.js';
import type { Io } from './io.js';
import { printJson, printText } from './print.js';
import { withProgress } from './progress.js';
import { PASSPHRASE_OPTION, passphraseOf, type RepositoryOptions } from './repository-options.js';
import { tableChoice } from './table-choice.js';
import { timeOption } from './time/option.js';
import { usageError } from './usage-error.js';
import { lsnValue, severalValues, timelineValue, xidValue } from './values.js';

interface Options extends RepositoryOptions, CommonOptions {
  backup?: string[];
  beforeDelete?: true;
  rel?: string;
  table?: string;
  database?: string;
  lsn?: Lsn;
  time?: string;
  xid?: number | bigint;
  name?: string;
  immediate?: true;
  latest?: true;
  timeline?: TimelineChoice;
  inclusive?: true;
  exclusive?: true;
  segments?: true;
  json?: true;
}

/** `walscan plan`: says where recovery of a backup would stop, and whether it can. */
export function define(io: Io): Defined {
  const command = newCommand('walscan plan', io)
    .description(
      'Say, before anything is restored, where recovery of a base backup would stop and whether it can get there.',
    )
    .argument(
      '[path...]',
      'WAL segments, folders and tar files, repositories of backup tools, or s3://<bucket>/<prefix>; pg_wal of a backup folder is read as well',
    )
    .option(
      '-b, --backup <backup>',
      'data folder, base.tar, backup_label, .backup file or backup_manifest; of a repository the name of a backup, or "latest" (default: the newest of the repository that can get there); for an incremental one give all that it builds on as well, each by --backup',
      severalValues,
    )
    .addOption(PASSPHRASE_OPTION)
    .option('--before-delete', 'recover to before the last DELETE, DROP or TRUNCATE of --rel or --table')
    .option('--rel <relation>', 'relfilenode, or tablespace/database/relfilenode')
    .option('--table <[schema.]name>', 'the table by name; needs --database, and all of the backup')
    .option('-d, --database <name>', 'the database that the table is in')
    .option('--lsn <lsn>', 'recover to this LSN', lsnValue)
    .option('--time <time>', 'recover to this time, in the zone of TZ unless it names one')
    .option('--xid <xid>', 'recover to the end of this transaction', xidValue)
    .option('--name <name>', 'recover to this restore point')
    .option('--immediate', "recover to the backup's end")
    .option('--latest', 'recover to the end of the WAL')
    .option(
      '-t, --timeline <timeline>',
      'a number, latest or current (default: as the server)',
      timelineValue,
    )
    .option('--inclusive', 'stop after --lsn, --time or --xid (the default)')
    .option('--exclusive', 'stop before --lsn, --time or --xid')
    .addOption(
      new Option(
        '--segments',
        'print only the names of the WAL files that recovery to there needs and that are here, one a line, history files first',
      ).conflicts('json'),
    )
    .addOption(JSON_OPTION)
    .addOption(NO_PAGER_OPTION)
    .addHelpText(
      'after',
      '\nExit code: 0 it can be reached, 1 nothing was deleted, 2 wrong usage, no such table or unreadable input, 3 it cannot be reached, a later delete may be in WAL that is missing or damaged, or not all that was given could be read.',
    );
  return defined(
    command,
    io,
    async (paths: string[], options: Options, io: Io) => {
      const zone = zoneOf(options, io);
      const time = await timeOption('--time', options.time, zone, io);
      const target = targetOf(options, time, (said) => {
        throw usageError(said, command.name());
      });
      return plan(paths, target, options, zone, io);
    },
    { takes: { archive: true, backup: true, database: true }, needsPath: false },
  );
}

/** @param refuse throws what is wrong with the options */
function targetOf(
  options: Options,
  time: TimestampTz | undefined,
  refuse: (said: Message) => never,
): PlanTarget {
  const { lsn, xid, name, rel } = options;
  if (options.inclusive && options.exclusive) refuse(message`--inclusive and --exclusive exclude each other`);
  const inclusive = !options.exclusive;
  const targets: PlanTarget[] = [];
  for (const option of ['rel', 'table', 'database'] as const) {
    if (options[option] !== undefined && !options.beforeDelete) {
      refuse(message`--${option} goes with --before-delete only`);
    }
  }
  if (options.beforeDelete) {
    const table = tableChoice(options);
    if ((rel === undefined) === (table === undefined))
      refuse(message`--before-delete needs --rel or --table`);
    targets.push(
      table ? { kind: 'before-delete', table } : { kind: 'before-delete', relation: parseRelation(rel!) },
    );
  }
  if (lsn !== undefined) targets.push({ kind: 'lsn', lsn, inclusive });
  if (time !== undefined) targets.push({ kind: 'time', time, inclusive });
  if (xid !== undefined) targets.push({ kind: 'xid', xid, inclusive });
  if (name !== undefined) targets.push({ kind: 'name', name });
  if (options.immediate) targets.push({ kind: 'immediate' });
  if (options.latest) targets.push({ kind: 'latest' });
  if (targets.length !== 1) {
    refuse(message`give one of --before-delete, --lsn, --time, --xid, --name, --immediate and --latest`);
  }
  const [target] = targets;
  if ((options.inclusive || options.exclusive) && !('inclusive' in target)) {
    refuse(message`--inclusive and --exclusive go with --lsn, --time and --xid only`);
  }
  return target;
}

async function plan(
  paths: string[],
  target: PlanTarget,
  options: Options,
  zone: TimeZone,
  io: Io,
): Promise<number> {
  const { backup, timeline, json } = options;
  const passphrase = await passphraseOf(options, io);
  const planned = await withProgress(io, (onProgress) =>
    planRecovery(paths, { backup, passphrase, target, timeline, jobs: jobsOf(options), onProgress }, NODE),
  );
  const { plan, problems, unread } = planned;
  if (options.segments) printText(planned.files.map((name) => `${name}\n`).join(''), io);
  else if (json) printJson(planJson(planned), io);
  else printText(planText(planned, zone, io.tongue), io);
  for (const problem of unread) printError(problem, io);
  if (options.segments && plan.obstacle !== undefined) {
    const told = obstacleText(planned, (time) => formatTimestampTz(time, zone), io.tongue);
    const say = sayIn(io.tongue);
    io.writeError(`walscan: ${say`the target cannot be reached: ${printable(told?.problem ?? '')}`}\n`);
  }
  const isAllRead = problems.length === 0 && unread.length === 0;
  return plan.obstacle === undefined && isAllRead ? EXIT_OK : EXIT_PARTIAL;
}
