import { type ByteSource, isFolder, type SourceFolder } from '../sources/byte-source.js';
import { decompressed } from '../sources/decompress.js';
import { listFolder } from '../sources/folders.js';
import { type Inputs, inputsOf, openInput } from '../sources/input.js';
import { readBeginning } from '../sources/read.js';
import type { Reading } from '../sources/reading.js';
import { problemOf } from '../sources/stored-bytes.js';
import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { TimestampTz } from '../wal/timestamp.js';
import type { LogClock } from './clock.js';
import { CsvLog, looksLikeCsv } from './csv.js';
import type { LogEntry } from './entry.js';
import { jsonEntry, looksLikeJson } from './json.js';
import { linesOf } from './lines.js';
import { guessPrefix, LinePrefix } from './prefix.js';
import { StderrLog } from './stderr.js';
import { headAt } from './words.js';

/** What `log_destination` calls the form of a log. */
export type LogFormat = 'jsonlog' | 'csvlog' | 'stderr';

/** A file of a server's log. */
export interface LogFile {
  source: ByteSource;
  format: LogFormat;
  /** Of `stderr`. */
  prefix: LinePrefix | undefined;
  /** When its first line was written; undefined where that is not known. */
  first: TimestampTz | undefined;
}

/** So much of a file is looked at to know what it is. */
const BEGINNING = 64 * 1024;
/** The most files of a log. */
const MOST_FILES = 100_000;

/**
 * Finds the files of a log: those that are given, and in folders those that are ones by their content.
 * @param given the `log_line_prefix`; else it is guessed
 * @param problem told of what cannot be read
 * @returns in the order of their first lines
 * @throws WalError `unreadable` for an input itself; `source-failed`
 */
export async function findLogs(
  inputs: Inputs,
  given: string | undefined,
  clock: LogClock,
  reading: Reading,
  problem: (error: WalError) => void,
): Promise<LogFile[]> {
  const prefix = given === undefined ? undefined : new LinePrefix(given);
  const files: LogFile[] = [];
  const seen = new Set<string>();
  const look = async (source: ByteSource, isNamed: boolean): Promise<void> => {
    try {
      const file = await lookInto(source, prefix, clock, reading);
      if (file.kind === 'log') files.push(file.file);
      else if (file.kind === 'unknown-prefix') problem(unknownPrefix(source, given));
      else if (isNamed) problem(noLog(source));
    } catch (error) {
      problem(problemOf(error));
    }
  };
  const walk = async (folder: SourceFolder): Promise<void> => {
    for (const entry of await listFolder(folder, reading)) {
      if (entry.kind === 'file') {
        if (isNew(entry.source.id, seen) && files.length < MOST_FILES) await look(entry.source, false);
      } else if (entry.kind === 'folder') {
        if (isNew(entry.folder.id, seen)) await walk(entry.folder);
      } else if (entry.kind === 'unreadable') problem(entry.error);
    }
  };
  let number = 0;
  for (const input of inputsOf(inputs)) {
    const opened = await openInput(input, reading, ++number);
    if (!isNew(opened.id, seen)) continue;
    if (isFolder(opened)) await walk(opened);
    else await look(opened, true);
  }
  return files.sort((a, b) => Number((a.first ?? 0n) - (b.first ?? 0n)));
}

function isNew(id: string | undefined, seen: Set<string>): boolean {
  if (id === undefined) return true;
  const { size } = seen;
  return seen.add(id).size > size;
}

type Looked = { kind: 'log'; file: LogFile } | { kind: 'unknown-prefix' } | { kind: 'no-log' };

async function lookInto(
  source: ByteSource,
  given: LinePrefix | undefined,
  clock: LogClock,
  reading: Reading,
): Promise<Looked> {
  const lines = decodeText(await readBeginning(source, BEGINNING, reading)).split('\n');
  // the last one may be cut off
  if (lines.length > 1) lines.pop();
  const format = formatOf(lines);
  if (format === undefined) return { kind: 'no-log' };
  const prefix = format === 'stderr' ? (given ?? guessPrefix(lines, clock)) : undefined;
  const file: LogFile = { source, format, prefix, first: undefined };
  const isKnown = format !== 'stderr' || lines.some((line) => prefix?.read(line, clock) !== undefined);
  if (!isKnown) return { kind: 'unknown-prefix' };
  const parse = parserOf(file, clock);
  const first = lines.map((line) => parse.take(line)?.time).find((time) => time !== undefined);
  return { kind: 'log', file: { ...file, first: first ?? parse.end()?.time } };
}

/** That of the first line that is one of a log's: a statement may have lines that look like those of another form. */
function formatOf(lines: readonly string[]): LogFormat | undefined {
  for (const line of lines) {
    if (looksLikeJson(line)) return 'jsonlog';
    if (looksLikeCsv(line)) return 'csvlog';
    if (hasHead(line)) return 'stderr';
  }
  return undefined;
}

/** Whether a line has a severity somewhere, as all lines of a server have. */
function hasHead(line: string): boolean {
  for (let at = line.indexOf(':  '); at >= 0; at = line.indexOf(':  ', at + 1)) {
    for (let from = Math.max(0, at - 24); from < at; from++)
      if (headAt(line, from) !== undefined) return true;
  }
  return false;
}

/** Makes entries of lines that come one after the other. */
interface Parser {
  take(line: string): LogEntry | undefined;
  end(): LogEntry | undefined;
}

function parserOf({ format, prefix }: LogFile, clock: LogClock): Parser {
  if (format === 'csvlog') return new CsvLog(clock);
  if (format === 'stderr') return new StderrLog(prefix ?? new LinePrefix(''), clock);
  return { take: (line) => jsonEntry(line, clock), end: () => undefined };
}

/** The entries of a file, as many at a time as come at once. @throws WalError where it cannot be read, or unpacked */
export async function* entriesOf(
  file: LogFile,
  clock: LogClock,
  reading: Reading,
): AsyncGenerator<LogEntry[]> {
  const parser = parserOf(file, clock);
  for await (const lines of linesOf(decompressed(file.source, reading))) {
    yield lines.flatMap((line) => parser.take(line) ?? []);
  }
  const last = parser.end();
  if (last !== undefined) yield [last];
}

function unknownPrefix({ name }: ByteSource, given: string | undefined): WalError {
  const text =
    given === undefined
      ? message`the lines of ${name} begin as log_line_prefix says, which is not known: give it with --log-line-prefix, as "SHOW log_line_prefix" tells it`
      : message`no line of ${name} begins as the log_line_prefix that was given says`;
  return new WalError('bad-log', text, { file: name });
}

function noLog({ name }: ByteSource): WalError {
  return new WalError(
    'bad-log',
    message`${name} is no log of a server: neither stderr nor csvlog nor jsonlog`,
    {
      file: name,
    },
  );
}
