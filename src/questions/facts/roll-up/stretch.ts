import { copyColumn } from '../../../follow/columns.js';
import { RowChangesAt } from '../../../follow/row-changes.js';
import { Scanner, type WalChunk } from '../../../follow/scanner.js';
import { CUT } from '../../../follow/transaction-events.js';
import { isBreak, joinSpans, type WalSpan } from '../../../reader/span.js';
import { formatLocator } from '../../../rmgr/locator.js';
import type { WalRecord } from '../../../wal/record.js';
import { readChangeColumns } from '../changes.js';
import { readEvents } from '../events.js';
import type { FactsAt } from '../facts-at.js';
import { readFiles } from '../file-use.js';
import { FactsSink } from '../sink.js';
import type { RollUpSizes } from './block.js';
import { type Piece, type SummedStretch, Summing } from './summing.js';

/** What segments come to that follow on each other, without anything in them that takes to be read one by one. */
export interface Stretch extends SummedStretch {
  /** Of all of them. */
  span: WalSpan;
}

/** Puts a stretch together, segment by segment. */
export class StretchBuilder {
  private readonly summing: Summing;
  private span: WalSpan;

  constructor(first: SegmentPiece, sizes: RollUpSizes) {
    this.summing = new Summing(sizes);
    this.span = first.span;
    this.summing.add(first);
  }

  /** @returns whether the segment goes on with what came before it; else it is not taken in */
  add(next: SegmentPiece): boolean {
    if (isBreak(this.span, next.span)) return false;
    const { span, record } = joinSpans(this.span, next.span);
    if (!isWhole(span)) return false;
    const joint = record && pieceOf(record);
    if (joint !== undefined && !isPlain(joint.chunk)) return false;
    this.span = span;
    if (joint !== undefined) this.summing.add(joint);
    this.summing.add(next);
    return true;
  }

  /** No more can be added after that. */
  finish(): Stretch {
    return { ...this.summing.finish(), span: this.span };
  }
}

/** What a segment's facts say. */
export interface SegmentPiece extends Piece {
  span: WalSpan;
}

/**
 * Reads a segment's facts for a stretch.
 * @returns undefined where it has to be read by itself: it is not whole, or files were made or removed in it
 * @throws WalError `bad-facts`, `facts-version`, `unreadable`
 */
export async function readPiece(facts: FactsAt): Promise<SegmentPiece | undefined> {
  const { row, state, problem } = facts.content;
  const { span, undecodable } = state;
  const isOdd = row.partial || row.reset || row.begins_timeline || problem !== undefined;
  if (isOdd || undecodable.length > 0 || !isWhole(span) || span.firstRecord === undefined) return undefined;
  const ended = await readEvents(facts, copyColumn);
  const { events, assignments } = ended;
  const { files, databases, indexes } = await readFiles(facts);
  const rest = { events, assignments, files, databases, undecodable };
  if (!isPlain(rest)) return undefined;
  const rows = await readChangeColumns(facts, undefined, ended);
  return { ...{ span, indexes, start: facts.start }, chunk: { ...rest, rows } };
}

const isWhole = ({ fault, damages, gaps, lostRest }: WalSpan): boolean =>
  fault === undefined && damages.length === 0 && gaps.length === 0 && lostRest === 0;

/** Whether no file or database is made or removed, and nothing is cut off. */
function isPlain({ events, files, databases, undecodable }: Omit<WalChunk<unknown>, 'rows'>): boolean {
  const { creations, namings, truncations } = files;
  const acts = [...creations, ...namings, ...truncations, ...databases.filesGone, ...databases.marks];
  return (
    acts.length === 0 && events.dropped.size === 0 && !events.kinds.includes(CUT) && undecodable.length === 0
  );
}

/** @param record which runs over from one segment into the next */
function pieceOf(record: WalRecord): Piece {
  const scanner = new Scanner(new FactsSink());
  scanner.take(record);
  const { rows, ...rest } = scanner.build();
  const { relations, topXids, speculative, settled } = rows.changes;
  const start = record.lsn - 1n; // a place is never 0
  const changes = new RowChangesAt(rows.changes);
  const columns = changes.columns(start);
  changes.release();
  const indexes = rows.indexes.map(formatLocator);
  return { start, indexes, chunk: { ...rest, rows: { columns, relations, topXids, speculative, settled } } };
}
