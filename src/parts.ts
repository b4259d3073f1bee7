/**
 * The parts that walscan's questions are made of: scans of single segments and what joins them, replay, pages, tuples.
 * What is here may change in minor versions. It is used beside what `walscan` has.
 */

export { backupOfControl, backupOfHistory, backupOfLabel, backupOfManifest } from './cluster/base-backup.js';
export { missingWithin, timelinesOf } from './cluster/chain.js';
export type { DumpOutput } from './dump/printer.js';
export { type DumpQuery, dumpSegment, type KeepText, type SegmentDump } from './dump/segment-dump.js';
export type { Column, KeepColumn } from './follow/columns.js';
export type { CreatedFile } from './follow/created-files.js';
export type { DatabaseMarked, DatabaseUse, FilesGone } from './follow/database-use.js';
export type { FileAct, FileContent, FileCreation, FileNaming, FileUse } from './follow/file-use.js';
export type { Interruptions } from './follow/interruption.js';
export type {
  DroppedDatabase,
  EndedTransaction,
  KeptOf,
  OpenTransactions,
  RowsAt,
  TransactionQuestion,
  UnendedTransaction,
} from './follow/open-transactions.js';
export { parseRelation, type Relation } from './follow/relation.js';
export type { RelationAt } from './follow/relation-at.js';
export type { CataloguedFiles, FileChanges, FileOwners, Removal, ToastGuess } from './follow/removal.js';
export type { RowChanges, RowChangesTable } from './follow/row-changes.js';
export type { RowSink, WalChunk, WalPart, WalScan } from './follow/scanner.js';
export type {
  SummedChanges,
  SummedCommit,
  SummedDelete,
  SummedInsert,
  SummedTransactions,
} from './follow/summed-transactions.js';
export type { Assignment, TransactionEvents } from './follow/transaction-events.js';
export type { XidHorizon } from './follow/xid-horizon.js';
export { HeapPage, type ItemId } from './heap/page.js';
export type { PageFault } from './heap/page-check.js';
export { deformTuple, formatTupleId, type PlacedTuple, type Stored, TupleHeader } from './heap/tuple.js';
export { builtinTypes } from './heap/types/builtin.js';
export { formatStored } from './heap/types/index.js';
export type { FetchToast, ToastPointer } from './heap/varlena.js';
export { ArchiveRun, type ArchiveRunOptions } from './questions/archive/run.js';
export { type ArchivePart, scanForArchive } from './questions/archive/scan.js';
export { FindCommitRun, type SegmentTask } from './questions/find-commit/run.js';
export {
  type FindCommitChunk,
  type FindCommitPart,
  type FindCommitQuery,
  mergeParts,
  scanSegment,
} from './questions/find-commit/scan.js';
export { type Changes, FindCommitSearch, type TransactionListener } from './questions/find-commit/search.js';
export { IncidentsRun } from './questions/incidents/run.js';
export {
  type IncidentPart,
  type IncidentRows,
  type RowCountColumns,
  scanForIncidents,
} from './questions/incidents/scan.js';
export { momentInChain } from './questions/moment/bisect.js';
export { type SegmentTimes, scanForTimes } from './questions/moment/scan.js';
export { RecoveryPlanner } from './questions/plan/run.js';
export { makeSegment } from './reader/segment.js';
export {
  type JoinedSpans,
  joinSpans,
  type ReadSpanOptions,
  readSpan,
  type SpanHead,
  type SpanHome,
  type SpanTail,
  type WalSpan,
} from './reader/span.js';
export type { BackupDamage, DamagedPage } from './replay/backup-damage.js';
export { type BlockStore, MemoryBlockStore, type Pages } from './replay/block-store.js';
export { HeapReplay, type ReplayOptions } from './replay/heap-replay.js';
export { formatRelationName } from './replay/relation-names.js';
export type { RemovedTuples } from './replay/removed-tuples.js';
export { ReplayedRelation } from './replay/replayed-relation.js';
export type { UnknownRow } from './replay/unknown-rows.js';
export type { FileFault } from './sources/manifest-check.js';
