/**
 * The parts that walscan's questions are made of: scans of single segments and what joins them, replay, pages, tuples.
 * What is here may change in minor versions. It is used beside what `walscan` has.
 */

export { backupOfControl, backupOfHistory, backupOfLabel, backupOfManifest } from './cluster/base-backup.js';
export { missingWithin, timelinesOf } from './cluster/chain.js';
export type { DumpOutput } from './dump/printer.js';
export { type DumpQuery, dumpSegment, type SegmentDump } from './dump/segment-dump.js';
export { parseRelation } from './follow/relation.js';
export type { RowChanges, RowChangesTable } from './follow/row-changes.js';
export { HeapPage, type ItemId } from './heap/page.js';
export { deformTuple, formatTupleId, type PlacedTuple, TupleHeader } from './heap/tuple.js';
export { builtinTypes } from './heap/types/builtin.js';
export { formatStored } from './heap/types/index.js';
export { ArchiveRun } from './questions/archive/run.js';
export { type ArchivePart, scanForArchive } from './questions/archive/scan.js';
export { FindCommitRun, type SegmentTask } from './questions/find-commit/run.js';
export {
  type FindCommitChunk,
  type FindCommitPart,
  type FindCommitQuery,
  mergeParts,
  scanSegment,
} from './questions/find-commit/scan.js';
export { FindCommitSearch } from './questions/find-commit/search.js';
export { IncidentsRun } from './questions/incidents/run.js';
export { type IncidentPart, scanForIncidents } from './questions/incidents/scan.js';
export { momentInChain, type SegmentTimes, scanForTimes } from './questions/moment/run.js';
export { RecoveryPlanner } from './questions/plan/run.js';
export { makeSegment } from './reader/segment.js';
export { joinSpans, type ReadSpanOptions, readSpan, type WalSpan } from './reader/span.js';
export { type BlockStore, MemoryBlockStore } from './replay/block-store.js';
export { HeapReplay, type ReplayOptions } from './replay/heap-replay.js';
export { formatRelationName } from './replay/relation-names.js';
export { ReplayedRelation } from './replay/replayed-relation.js';
