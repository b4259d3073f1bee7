import type { DumpOutput } from '../../dump/printer.js';
import { NODE_READING } from '../../node/reading.js';
import { mapSegments, usefulJobs } from '../../node/worker-pool.js';
import type { ScanTask } from '../../questions/scan-task.js';
import { joinSpans, type WalSpan } from '../../reader/span.js';
import type { SourceSegment } from '../../sources/read-segments.js';
import { windowSizeOf } from '../../sources/segment-bytes.js';
import { WalError } from '../../wal/error.js';
import type { DumpPart } from './input.js';
import { begin, type Job, type Place, show } from './job.js';

/** Kinds of output that are larger than the segment: the thread that makes it writes it (docs/decisions/threads.md). */
const IS_TEXT: ReadonlySet<DumpOutput['kind']> = new Set(['text', 'json']);

/** How many segments may be done, or worked on, before the one whose turn it is, for each thread. */
const TEXTS_PER_JOB = 1.5;
const COUNTS_PER_JOB = 4;

/**
 * Dumps the segments of a part in worker threads, as far as they hold nothing but valid records one after the
 * other. Where anything else comes, a fault, a gap or the end of WAL, `place` is left before it, for the
 * reader in this thread to tell it in the words of `pg_waldump`.
 * @returns whether all that was asked for is read
 */
export async function dumpInWorkers(part: DumpPart, place: Place, job: Job): Promise<boolean> {
  const files = await availableFiles(part, place);
  const plain = files.filter(({ source }) => source.path !== undefined);
  const jobs = usefulJobs(job.options.jobs, plain.length);
  const isText = IS_TEXT.has(job.sink.output.kind);
  const { forThreads } = job.io;
  if (jobs === 1 || (isText && (forThreads === undefined || job.sink.hasNames))) return false;
  // a thread keeps the text of a segment until its turn comes
  if (isText && windowSizeOf(part.format.segmentSize, NODE_READING) < part.format.segmentSize) return false;

  const ahead = jobs * (isText ? TEXTS_PER_JOB : COUNTS_PER_JOB);
  const writeTo = isText ? forThreads?.open() : undefined;
  const results = mapSegments<'dump'>(tasksOf(files, part, place, job), { jobs, ahead, writeTo });
  const startLsn = place.next;
  let before: WalSpan | undefined;
  for await (const { part: value, problem, write } of results) {
    if (problem !== undefined || job.interrupt.aborted) return false;
    const { span, record } = before ? joinSpans(before, value.span) : { span: value.span, record: undefined };
    if (span.fault !== undefined || span.damages.length > 0 || span.gaps.length > 0) return false;
    // one that begins before the start runs over from its page, too
    const runsOver = record !== undefined && (startLsn === undefined || record.lsn >= startLsn);
    const first = runsOver ? record.lsn : value.span.firstRecord;
    if (first !== undefined && !place.seenAny) begin(first, part, place, job);
    if (runsOver) show(record, part, job);
    job.sink.append(value);
    await write?.().catch((error: unknown) => {
      throw error instanceof WalError ? error : job.io.forThreads?.failureOf(error);
    });
    place.last = span.lastRecord ?? place.last;
    place.next = span.lastRecordEnd ?? place.next;
    if (part.endLsn !== undefined && span.end >= part.endLsn) return !part.whole && place.seenAny;
    before = { ...span, heads: [] };
  }
  return false;
}

/** The files up to the first that is missing, which is for the reader in this thread to tell. */
async function availableFiles(part: DumpPart, place: Place): Promise<SourceSegment[]> {
  const files: SourceSegment[] = [];
  try {
    for await (const file of part.files(place.next)) files.push(file);
  } catch {
    // told when reading comes to it
  }
  return files;
}

function* tasksOf(
  files: readonly SourceSegment[],
  { format, endLsn }: DumpPart,
  { next }: Place,
  { options, sink }: Job,
): Generator<ScanTask<'dump'>> {
  const windowSize = windowSizeOf(format.segmentSize, NODE_READING);
  const query = { startLsn: next, endLsn, filter: options.filter, output: sink.output };
  for (const { source, timeline, start, partial, placedByName } of files) {
    const end = start + BigInt(format.segmentSize);
    yield { source, timeline, start, partial, placedByName, end, format, windowSize, kind: 'dump', query };
  }
}
