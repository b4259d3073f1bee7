import { LogClock } from '../../logs/clock.js';
import type { LogEntry } from '../../logs/entry.js';
import { entriesOf, findLogs, type LogFile } from '../../logs/log-files.js';
import type { Inputs } from '../../sources/input.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { offsetOf } from '../../text/local-time.js';
import { type TimeZone, UTC } from '../../text/timezone.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { type Asking, ask, type QuestionOptions } from '../asking.js';
import type { Platform } from '../platform.js';
import { LoggedSessions } from './sessions.js';
import { type AskedTransaction, type LogsRead, WhoSearch } from './who.js';

/** What a question may be told that looks into a server's logs as well. */
export interface LogOptions {
  /** Files of the server's log, and folders of them: `stderr`, `csvlog`, `jsonlog`, compressed or not. */
  logs?: Inputs | undefined;
  /** `log_line_prefix`, which lines of `stderr` begin with; left out, it is guessed. */
  logLinePrefix?: string | undefined;
  /** In whose abbreviations the log's times are, before those of all other zones; left out, UTC. */
  logTimezone?: TimeZone | undefined;
}

/** How logs are read that transactions are looked up in. */
export type InLogsOptions = Omit<LogOptions, 'logs'> & Pick<QuestionOptions, 'signal' | 'onProgress'>;

/** See `questions/portable.ts`. */
export function findInLogs(
  logs: Inputs,
  transactions: readonly AskedTransaction[],
  options: InLogsOptions,
  platform: Platform,
): Promise<LogsRead> {
  return ask(options, platform, (asking) => findWho(transactions, { ...options, logs }, asking));
}

/** {@link findWho} where there are logs. */
export async function findWhoIfAsked(
  transactions: () => readonly AskedTransaction[],
  options: LogOptions,
  asking: Asking,
): Promise<LogsRead | undefined> {
  return options.logs === undefined ? undefined : findWho(transactions(), options, asking);
}

/** As much at a time is looked at as comes of a file at once; nothing is kept but what lies around the commits asked for. */
export async function findWho(
  transactions: readonly AskedTransaction[],
  { logs = [], logLinePrefix, logTimezone = UTC }: LogOptions,
  asking: Asking,
): Promise<LogsRead> {
  const clock = new LogClock(
    (abbreviation, local) =>
      offsetOf(abbreviation.toUpperCase(), local, logTimezone) ?? asking.offsetAnywhere(abbreviation, local),
  );
  const problems: WalError[] = [];
  asking.enter('logs');
  const files = await findLogs(logs, logLinePrefix, clock, asking.reading, (problem) =>
    problems.push(problem),
  );
  const search = new WhoSearch(transactions);
  for (const format of ['jsonlog', 'csvlog', 'stderr']) {
    const same = files.filter((file) => file.format === format);
    await readLog(same, search, clock, asking, problems);
  }
  for (const zone of clock.unknown) problems.push(unknownZone(zone));
  const prefixes = new Set(files.flatMap(({ prefix }) => prefix?.text ?? []));
  const guessedPrefixes = logLinePrefix === undefined ? [...prefixes] : [];
  return { who: search.finish(), guessedPrefixes, problems };
}

/** One log, which goes on from file to file. */
async function readLog(
  files: readonly LogFile[],
  search: WhoSearch,
  clock: LogClock,
  asking: Asking,
  problems: WalError[],
): Promise<void> {
  const sessions = new LoggedSessions((transaction) => search.transaction(transaction));
  const take = (entry: LogEntry): void => {
    if (entry.time === undefined) return;
    search.line(entry.time);
    sessions.take(entry, entry.time);
  };
  for (const file of files) {
    try {
      for await (const entries of entriesOf(file, clock, asking.reading)) {
        asking.checkAbort();
        for (const entry of entries) take(entry);
      }
    } catch (error) {
      problems.push(problemOf(error));
    }
  }
  sessions.finish();
}

const unknownZone = (zone: string): WalError =>
  new WalError(
    'unknown-log-zone',
    message`the log has times in the zone "${zone}", which is none that is known here, or means several: what it has of those times is left out; --tz with the name of the server's log_timezone tells it`,
  );
