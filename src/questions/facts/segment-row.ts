import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { WalFormat } from '../../reader/segment.js';
import type { WalError } from '../../wal/error.js';
import { segmentFileNameOf } from '../../wal/segment-name.js';
import type { FactFile } from './collector.js';
import { encodeRows } from './parquet.js';
import type { FactsPart } from './scan.js';
import { type SegmentState, stateJson } from './state.js';
import { sealsJson } from './table-seals.js';
import { FACTS_VERSION, type FactRow } from './tables.js';
import { volumeRow } from './volumes.js';

/**
 * The files of a segment's facts.
 * @param problem why its file is not whole, where it is not
 */
export function factFiles(
  part: FactsPart,
  segment: PlacedSegment,
  format: WalFormat,
  problem: WalError | undefined,
): FactFile[] {
  const row = segmentRow(part, segment, format, problem);
  return [{ table: 'segments', bytes: encodeRows('segments', [row])! }, ...part.files];
}

function segmentRow(
  { files, sums, span, header, pages }: FactsPart,
  { timeline, start, partial = false, reset = false, beginsTimeline = false }: PlacedSegment,
  { version, systemIdentifier, segmentSize, blockSize }: WalFormat,
  problem: WalError | undefined,
): FactRow<'segments'> {
  const { backupEnds, timelineStarts, lead, firstCommit, lastCommit } = sums.facts;
  const state: SegmentState = {
    ...{ header, span, undecodable: sums.undecodable, unsettled: sums.unsettled },
    archive: { backupEnds, timelineStarts, lead, ...pages },
  };
  const [head] = span.heads;
  return {
    facts_version: FACTS_VERSION,
    name: segmentFileNameOf(timeline, start, segmentSize),
    ...{ system_identifier: systemIdentifier, postgres: version, timeline },
    ...{ start_lsn: start, end_lsn: start + BigInt(segmentSize) },
    ...{ segment_size: segmentSize, block_size: blockSize },
    ...{ partial, reset, begins_timeline: beginsTimeline },
    first_record_lsn: span.firstRecord,
    last_record_lsn: span.lastRecord,
    last_record_end_lsn: span.lastRecordEnd,
    ...volumeRow(sums.volume),
    ...{ commits: sums.commits, aborts: sums.aborts },
    ...{ first_commit_time: firstCommit, last_commit_time: lastCommit },
    head_bytes: head?.remaining ?? 0,
    tail_lsn: span.tail && span.tail.segment.start + BigInt(span.tail.offset),
    tail_bytes: span.tail?.bytes.length ?? 0,
    faults: span.damages.length + (span.fault === undefined ? 0 : 1),
    problem: problem === undefined ? undefined : JSON.stringify(problem),
    tables: sealsJson(files),
    state: stateJson(state),
  };
}
