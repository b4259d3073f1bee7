import type { KeepColumn } from '../../follow/columns.js';
import type { WalPart } from '../../follow/scanner.js';
import type { ReadSpanOptions } from '../../reader/span.js';
import type { SourceFolder } from '../../sources/byte-source.js';
import type { Reading } from '../../sources/reading.js';
import type { WalError } from '../../wal/error.js';
import type { PartOf, QueryOf, ScanKind } from '../registry.js';
import { readChanges, readCounts } from './changes.js';
import { type FactEvents, readEvents } from './events.js';
import { FactsAt } from './facts-at.js';
import { type FactFiles, readFiles } from './file-use.js';
import type { SegmentPlace } from './read-segment.js';
import { spanWithin } from './within.js';

/** What facts say to a question, as if the segment had been scanned; undefined where they are too coarse. */
type ReadPart<K extends ScanKind> = (
  facts: FactsAt,
  query: QueryOf<K>,
  keep: KeepColumn,
) => Promise<PartOf<K> | undefined>;

/** The questions that facts answer. */
const PARTS: { [K in ScanKind]?: ReadPart<K> } = {
  'find-commit': (facts, query, keep) =>
    readWal(facts, query, keep, (ended) => readChanges(facts, [query.relation].flat(), ended, keep)),
  incidents: (facts, query, keep) =>
    readWal(facts, query, keep, async (ended, { indexes }) => {
      return { ...(await readCounts(facts, ended, keep)), indexes };
    }),
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
  facts: FactsAt,
  range: ReadSpanOptions,
  keep: KeepColumn,
  readRows: (ended: FactEvents, files: FactFiles) => Promise<R>,
): Promise<WalPart<R> | undefined> {
  const { span, undecodable } = facts.content.state;
  const within = spanWithin(span, range);
  if (within === undefined || !within.hasRecords) return within && { span: within.span, chunks: [] };
  const ended = await readEvents(facts, keep);
  const { events, assignments } = ended;
  const found = await readFiles(facts);
  const { files, databases } = found;
  const rows = await readRows(ended, found);
  return { span: within.span, chunks: [{ rows, events, assignments, files, databases, undecodable }] };
}
