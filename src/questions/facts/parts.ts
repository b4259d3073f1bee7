import { copyColumn, type KeepColumn } from '../../follow/columns.js';
import type { WalPart } from '../../follow/scanner.js';
import type { SummedTransactions } from '../../follow/summed-transactions.js';
import type { WalFormat } from '../../reader/segment.js';
import type { ReadSpanOptions } from '../../reader/span.js';
import type { SourceFolder } from '../../sources/byte-source.js';
import type { Reading } from '../../sources/reading.js';
import type { RollUp } from '../../sources/segment-facts.js';
import { problemOf } from '../../sources/stored-bytes.js';
import type { WalError } from '../../wal/error.js';
import type { PartOf, QueryOf, RollUpKind, ScanKind } from '../registry.js';
import { readChanges, readCounts } from './changes.js';
import { type FactEvents, readEvents } from './events.js';
import { FactsAt, type TablesAt } from './facts-at.js';
import { type FactFiles, readFiles } from './file-use.js';
import type { SegmentPlace } from './read-segment.js';
import { readSummed } from './roll-up/read-summed.js';
import { RollUpAt } from './roll-up/roll-up-at.js';
import { spanWithin } from './within.js';

/** What facts say to a question, as if the WAL had been scanned; undefined where they are too coarse. */
type ReadPart<K extends ScanKind, F extends TablesAt> = (
  facts: F,
  query: QueryOf<K>,
  keep: KeepColumn,
) => Promise<PartOf<K> | undefined>;

/** The questions that follow transactions. */
const WAL_PARTS: { [K in RollUpKind]: ReadPart<K, TablesAt> } = {
  'find-commit': (facts, query, keep) =>
    readWal(facts, query, keep, (ended) => readChanges(facts, [query.relation].flat(), ended, keep)),
  incidents: (facts, query, keep) =>
    readWal(facts, query, keep, async (ended, { indexes }) => {
      return { ...(await readCounts(facts, ended, keep)), indexes };
    }),
};

/** The questions that facts answer. */
const PARTS: { [K in ScanKind]?: ReadPart<K, FactsAt> } = {
  ...WAL_PARTS,
  archive: async ({ content: { row, state } }) => {
    const { ownFrom, olderUpTo, ...archive } = state.archive;
    const { records, commits, first_commit_time: firstCommit, last_commit_time: lastCommit } = row;
    return {
      span: state.span,
      facts: { ...archive, records, commits, firstCommit, lastCommit },
      ownFrom,
      olderUpTo,
    };
  },
};

/**
 * Reads what a roll-up says to a question about its segments.
 * @returns undefined where it cannot be read, or is no longer there: each segment's facts say the same
 * @throws WalError of the system
 */
export async function readRolledUp<K extends RollUpKind>(
  { kind, query, format }: { kind: K; query: QueryOf<K>; format: WalFormat },
  rollUp: RollUp,
  reading: Reading,
): Promise<PartOf<K> | undefined> {
  try {
    const facts = await RollUpAt.open(rollUp, format, reading);
    const filters = 'relation' in query ? [query.relation].flat() : undefined;
    const part = await WAL_PARTS[kind](facts, query, copyColumn);
    return part && { ...part, summed: await readSummed(facts, filters) };
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

/** What a roll-up has summed up; undefined as of {@link readRolledUp}. */
export async function readSums(
  rollUp: RollUp,
  format: WalFormat,
  reading: Reading,
): Promise<SummedTransactions | undefined> {
  try {
    return await readSummed(await RollUpAt.open(rollUp, format, reading), undefined);
  } catch (error) {
    problemOf(error);
    return undefined;
  }
}

/**
 * Reads what the facts in a folder say to a question about the segment.
 * @returns no part where they are too coarse for it; with why the segment's file was not whole, where it was not
 * @throws WalError `bad-facts`, `facts-version`, `unreadable`
 */
export async function readPart<K extends ScanKind>(
  { kind, query, ...place }: { kind: K; query: QueryOf<K> } & SegmentPlace,
  folder: SourceFolder,
  reading: Reading,
  keep: KeepColumn,
): Promise<{ part: PartOf<K> | undefined; problem: WalError | undefined }> {
  const facts = await FactsAt.open(folder, place, reading);
  const part = await PARTS[kind]?.(facts, query, keep);
  return { part, problem: part && facts.content.problem };
}

async function readWal<R>(
  facts: TablesAt,
  range: ReadSpanOptions,
  keep: KeepColumn,
  readRows: (ended: FactEvents, files: FactFiles) => Promise<R>,
): Promise<WalPart<R> | undefined> {
  const { span, undecodable } = facts.state;
  const within = spanWithin(span, range);
  if (within === undefined || !within.hasRecords) return within && { span: within.span, chunks: [] };
  const ended = await readEvents(facts, keep);
  const { events, assignments } = ended;
  const found = await readFiles(facts);
  const { files, databases } = found;
  const rows = await readRows(ended, found);
  return { span: within.span, chunks: [{ rows, events, assignments, files, databases, undecodable }] };
}
