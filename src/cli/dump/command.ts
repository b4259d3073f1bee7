import { setImmediate, setTimeout } from 'node:timers/promises';
import { matcherOf } from '../../dump/filter.js';
import type { DumpOutput } from '../../dump/printer.js';
import { transactionEnd } from '../../follow/transaction-end.js';
import type { ReadFault } from '../../reader/fault.js';
import type { Segment } from '../../reader/segment.js';
import { type Damage, type Gap, WalReader } from '../../reader/wal-reader.js';
import { rmgrNames } from '../../rmgr/index.js';
import type { TimeZone } from '../../text/timezone.js';
import { ENGLISH } from '../../text/tongue.js';
import { version } from '../../text/version.js';
import type { WalError } from '../../wal/error.js';
import { INVALID_LSN, type Lsn } from '../../wal/lsn.js';
import { RecordPosition } from '../../wal/record.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../wal/version.js';
import { EXIT_NOT_FOUND, EXIT_OK, EXIT_PARTIAL } from '../exit-code.js';
import type { Io } from '../io.js';
import { speaking } from '../language.js';
import { localZone } from '../local-zone.js';
import { passphraseOf } from '../repository-options.js';
import { startOfWindow } from '../time-window.js';
import { asDumpError, DEFAULT_VERSION, type DumpError, errorText, printNote } from './error.js';
import { DUMP_HELP } from './help.js';
import { type DumpPart, openDumpInput, readFiles } from './input.js';
import { begin, type Job, limitReached, type Place, show } from './job.js';
import { type DumpOptions, parseDumpOptions } from './options.js';
import { damageText, gapText, noRecordError, recordError, shortFileError } from './report.js';
import { DumpSink } from './sink.js';

/** Any error, as of `pg_waldump`. */
const EXIT_ERROR = EXIT_NOT_FOUND;

/** `walscan dump`: what `pg_waldump` prints, for every version. */
export async function run(args: string[], caller: Io): Promise<number> {
  // as pg_waldump's text, what is said beside it is English, and no line of it in another language
  const io = speaking(caller, ENGLISH);
  try {
    const options = parseDumpOptions(args);
    if (options === 'help') io.write(DUMP_HELP);
    else if (options === 'version') {
      io.write(`walscan dump ${version} (pg_waldump of PostgreSQL ${OLDEST_VERSION} to ${NEWEST_VERSION})\n`);
    } else if (options === 'rmgr-list') io.write(`${rmgrNames(DEFAULT_VERSION).join('\n')}\n`);
    else return await dump(options, localZone(io), io);
    return EXIT_OK;
  } catch (error) {
    const known = asDumpError(error);
    if (known === undefined) throw error;
    io.writeError(errorText(known));
    return EXIT_ERROR;
  }
}

async function dump(options: DumpOptions, zone: TimeZone, io: Io): Promise<number> {
  const { saveFullpage, backup, stats } = options;
  const since = await timeOf('--since', options.since, zone, io);
  const until = await timeOf('--until', options.until, zone, io);
  // what few dumps need is loaded when it is needed (docs/decisions/start.md)
  const savePages =
    saveFullpage === undefined ? undefined : (await import('./full-pages.js')).createPageFolder(saveFullpage);
  const passphrase = await passphraseOf(options, io);
  const parts = await openDumpInput(options, { since, until }, passphrase, io);
  const names =
    backup === undefined
      ? undefined
      : await (await import('./names.js')).prepareNames(options, backup, passphrase, parts[0].whole, io);
  const context = { version: parts[0].format.version, zone };
  const sink = new DumpSink(outputOf(options), context, stats === 'record', io, names?.addNames);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const job: Job = {
    options,
    since,
    until,
    io,
    sink,
    isWanted: matcherOf(options.filter),
    savePages,
    interrupt: interrupt.signal,
    shown: 0,
    partial: (names?.partial ?? false) || parts.some(({ partial }) => partial),
  };
  let error: DumpError | undefined;
  try {
    for (const part of parts) {
      error = await dumpPart(part, job);
      if (error !== undefined || interrupt.signal.aborted || limitReached(job)) break;
    }
  } finally {
    sink.flush();
    process.removeListener('SIGINT', onInterrupt);
  }
  sink.finish();
  if (sink.undecodable > 0) printNote(`records whose content could not be decoded: ${sink.undecodable}`, io);
  if (interrupt.signal.aborted) return EXIT_OK;
  if (error !== undefined) throw error;
  return job.partial ? EXIT_PARTIAL : EXIT_OK;
}

async function timeOf(
  option: string,
  text: string | undefined,
  zone: TimeZone,
  io: Io,
): Promise<TimestampTz | undefined> {
  if (text === undefined) return undefined;
  return (await import('./window.js')).windowTime(option, text, zone, io);
}

function outputOf({ quiet, stats, json, blockDetails }: DumpOptions): DumpOutput {
  if (quiet) return { kind: 'none' };
  if (stats !== undefined) return { kind: 'stats' };
  return json ? { kind: 'json' } : { kind: 'text', blockDetails };
}

const FOLLOW_WAIT_MS = 1000;

/**
 * @returns the error that PostgreSQL's reader ends with, after which statistics are printed all the same
 * @throws DumpError where a file cannot be read, after which `pg_waldump` prints none
 */
async function dumpPart(part: DumpPart, job: Job): Promise<DumpError | undefined> {
  const { since } = job;
  const { follow } = part;
  const place: Place = { next: part.startLsn, last: INVALID_LSN, seenAny: false };
  if (since !== undefined) {
    const start = await startOfWindow(part, since);
    if (!start.found && !follow) return undefined;
    place.next = start.lsn;
  }
  if (isForWorkers(part, place, job)) {
    const { dumpInWorkers } = await import('./workers.js');
    if ((await dumpInWorkers(part, place, job)) || job.interrupt.aborted) return undefined;
  }
  for (;;) {
    const end = await readOn(part, place, job);
    if (job.interrupt.aborted) return undefined;
    if (end.kind === 'done' || !follow) return errorAtEnd(end, part, place, job);
    job.sink.flush();
    await setTimeout(FOLLOW_WAIT_MS, undefined, { signal: job.interrupt }).catch(() => {});
    if (job.interrupt.aborted) return undefined;
  }
}

function isForWorkers({ endLsn, format }: DumpPart, { next }: Place, { options, until }: Job): boolean {
  const { jobs, follow, limit, saveFullpage } = options;
  // these end or act within a segment, at a record that only reading in order tells
  if (jobs === 1 || follow || limit > 0 || saveFullpage !== undefined || until !== undefined) return false;
  return next === undefined || endLsn === undefined || endLsn - next > 2n * BigInt(format.segmentSize);
}

/** Why reading came to an end. */
type ReadEnd =
  /** All that was asked for is read. */
  | { kind: 'done' }
  /** There are no more segments. */
  | { kind: 'used-up' }
  /** No valid record comes after this. `problem`: what is wrong with the file as such. */
  | { kind: 'fault'; fault: ReadFault; problem: WalError | undefined }
  /** Valid records come after this. */
  | { kind: 'damage'; fault: ReadFault; problem: WalError | undefined };

/** Reads on from `place`, in this thread, and moves it to where that comes to an end. */
async function readOn(part: DumpPart, place: Place, job: Job): Promise<ReadEnd> {
  const latest = new RecordPosition();
  const end = await readRecords(part, place, job, latest);
  place.last = latest.lsn ?? place.last;
  place.next = latest.endLsn ?? place.next;
  return end;
}

async function readRecords(part: DumpPart, place: Place, job: Job, latest: RecordPosition): Promise<ReadEnd> {
  const { skipDamage } = job.options;
  const { endLsn, whole } = part;
  const { version } = part.format;
  const resume = whole || skipDamage;
  const reader = new WalReader({
    startLsn: place.next,
    endLsn,
    onFault: resume ? 'resume' : 'stop',
    transient: true,
  });
  let problem: WalError | undefined;
  let readTo = INVALID_LSN;
  for await (const loaded of readFiles(part, place.next)) {
    problem = loaded.problem ?? problem;
    const { segment } = loaded;
    reader.push(segment);
    const gap = reader.gaps.pop() ?? gapBefore(segment, place, readTo);
    if (gap !== undefined) {
      printNote(gapText(gap, version), job.io);
      job.partial = true;
    }
    for (;;) {
      const step = showRecords(reader, part, place, job, latest);
      if (step === 'done') return { kind: 'done' };
      if (step === 'used-up') break;
      if (step !== 'pause') return { kind: 'damage', fault: step.fault, problem };
      await setImmediate(); // for Ctrl-C
      if (job.interrupt.aborted) return { kind: 'done' };
    }
    if (reader.endReached) return { kind: 'done' };
    if (reader.fault !== undefined && !resume) return { kind: 'fault', fault: reader.fault, problem };
    job.sink.flush();
    if (job.interrupt.aborted) return { kind: 'done' };
    readTo = segment.start + BigInt(segment.size);
  }
  if (reader.fault !== undefined) return { kind: 'fault', fault: reader.fault, problem };
  return endLsn !== undefined && readTo >= endLsn ? { kind: 'done' } : { kind: 'used-up' };
}

/** WAL that is missing before the first segment read here, where another reader has read up to `place`. */
function gapBefore({ start }: Segment, { next, seenAny }: Place, readTo: Lsn): Gap | undefined {
  const isFirst = readTo === INVALID_LSN;
  return isFirst && seenAny && next !== undefined && next < start ? { from: next, to: start } : undefined;
}

const RECORDS_BETWEEN_PAUSES = 16_384;

/**
 * Shows the next records of the segment. A function of its own, which is compiled once for all segments.
 * @returns why it ends: all that was asked for is shown, the segment is used up, damage, or it is time for a pause
 */
function showRecords(
  reader: WalReader,
  part: DumpPart,
  place: Place,
  job: Job,
  latest: RecordPosition,
): 'done' | 'used-up' | 'pause' | Damage {
  const { until } = job;
  const { skipDamage } = job.options;
  for (let count = 0; count < RECORDS_BETWEEN_PAUSES; count++) {
    const record = reader.next();
    if (record === undefined) return 'used-up';
    if (reader.damages.length > 0) {
      const damage = reader.damages.pop()!;
      if (!skipDamage) return damage;
      printNote(damageText(damage.fault, damage.resumedAt, part.format.version), job.io);
      job.partial = true;
    }
    if (!place.seenAny) begin(record.lsn, part, place, job);
    if (until !== undefined && (transactionEnd(record)?.time ?? until) > until) return 'done';
    latest.set(record);
    show(record, part, job);
    if (limitReached(job)) return 'done';
  }
  return 'pause';
}

function errorAtEnd(end: ReadEnd, part: DumpPart, place: Place, { since }: Job): DumpError | undefined {
  const { startLsn, whole, format } = part;
  const { version } = format;
  const fault = 'fault' in end ? end.fault : undefined;
  if ('fault' in end && end.fault.kind === 'short-file')
    throw shortFileError(end.fault, end.problem, version);
  // where all that there is was asked for, the end of it is no error
  if (whole && end.kind !== 'damage') return undefined;
  if (!place.seenAny && startLsn !== undefined && since === undefined) {
    throw noRecordError(startLsn, fault, version);
  }
  return fault && recordError(fault, place.last, version);
}
