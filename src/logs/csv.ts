import type { LogClock } from './clock.js';
import { emptyEntry, known, type LogEntry, numberOf } from './entry.js';
import { isCutOff } from './lines.js';
import { severityOf } from './words.js';

/** 23 columns up to 12, 24 in 13, 26 since 14 (`write_csvlog`, src/backend/utils/error/csvlog.c). */
const FEWEST_COLUMNS = 23;
const MOST_COLUMNS = 64;
/** So many of a record that is cut off tell of a message. */
const COLUMNS_WITH_MESSAGE = 14;
/** Of a record no more than this is looked at. */
const MOST_OF_RECORD = 16 * 1024 * 1024;

/** Whether a line begins as one of csvlog does: a time, and a session's id as its sixth column. */
export const looksLikeCsv = (line: string): boolean =>
  /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [^,"]{1,32},(?:"(?:[^"]|""){0,300}")?,(?:"(?:[^"]|""){0,300}")?,\d*,(?:"[^"]{0,300}")?,[\da-f]{1,16}\.[\da-f]{1,8},\d+,/.test(
    line,
  );

/** Puts records of csvlog together, whose texts may have several lines. */
export class CsvLog {
  private lines: string[] = [];
  private length = 0;
  private isQuoted = false;
  /** Of a record's rest nobody knows where it ends: what begins as one does is the next. */
  private isLost = false;

  constructor(private readonly clock: LogClock) {}

  /** @returns what ends with this line, or as much of it as is looked at */
  take(line: string): LogEntry | undefined {
    if (this.isLost && !looksLikeCsv(line)) return undefined;
    this.isLost = isCutOff(line) || this.length + line.length > MOST_OF_RECORD;
    this.lines.push(line);
    this.length += line.length + 1;
    if (hasOddQuotes(line)) this.isQuoted = !this.isQuoted;
    return this.isQuoted && !this.isLost ? undefined : this.end();
  }

  /** @returns the last record, where the log is cut off within it */
  end(): LogEntry | undefined {
    const { lines } = this;
    this.clear();
    const fewest = this.isLost ? COLUMNS_WITH_MESSAGE : FEWEST_COLUMNS;
    return lines.length === 0 ? undefined : entryOf(columnsOf(lines.join('\n')), fewest, this.clock);
  }

  private clear(): void {
    this.lines = [];
    this.length = 0;
    this.isQuoted = false;
  }
}

function hasOddQuotes(line: string): boolean {
  let isOdd = false;
  for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) isOdd = !isOdd;
  return isOdd;
}

function columnsOf(record: string): string[] {
  const columns: string[] = [];
  for (let at = 0; at <= record.length && columns.length < MOST_COLUMNS; ) {
    const isQuoted = record[at] === '"';
    const end = isQuoted ? endOfQuoted(record, at + 1) : at;
    const comma = record.indexOf(',', end);
    const next = comma < 0 ? record.length : comma;
    columns.push(isQuoted ? record.slice(at + 1, end).replaceAll('""', '"') : record.slice(at, next));
    at = next + 1;
  }
  return columns;
}

function endOfQuoted(record: string, from: number): number {
  for (let at = record.indexOf('"', from); at >= 0; at = record.indexOf('"', at + 2)) {
    if (record[at + 1] !== '"') return at;
  }
  return record.length;
}

function entryOf(columns: readonly string[], fewest: number, clock: LogClock): LogEntry | undefined {
  if (columns.length < fewest) return undefined;
  const [time, user, database, pid, client, session, , , , virtualXid, xid, severity, , message, detail] =
    columns;
  return {
    ...emptyEntry(),
    ...clock.read(time),
    user: known(user),
    database: known(database),
    client: known(client),
    application: known(columns[22]),
    pid: numberOf(pid),
    session: known(session),
    virtualXid: known(virtualXid),
    xid: numberOf(xid),
    severity: severityOf(severity),
    message,
    detail: known(detail),
    statement: known(columns[19]),
  };
}
