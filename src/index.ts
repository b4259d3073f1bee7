/**
 * walscan reads PostgreSQL's write-ahead log. This entry is portable: synchronous, over bytes in memory, with
 * nothing of Node in it. `walscan/node` adds files and folders.
 */

export {
  type ArchiveReport,
  ArchiveRun,
  type ArchiveTimeline,
  type RunContent,
  type SegmentRun,
} from './analysis/archive.js';
export type { ArchiveBackup, BackupReport } from './analysis/archive-backup.js';
export { type ArchiveJson, archiveJson } from './analysis/archive-json.js';
export { type ArchivePart, scanForArchive, type WalFacts } from './analysis/archive-part.js';
export {
  type FindCommitResult,
  FindCommitRun,
  type RelationAnswer,
  type SegmentTask,
} from './analysis/find-commit.js';
export { type FindCommitOptions, findCommit, type WalFile } from './analysis/find-commit-buffers.js';
export {
  type CommitJson,
  type FindCommitJson,
  findCommitJson,
  type RecoveryTargetJson,
  type RelationJson,
} from './analysis/find-commit-json.js';
export {
  type FindCommitChunk,
  type FindCommitPart,
  type FindCommitQuery,
  mergeParts,
  scanSegment,
} from './analysis/find-commit-part.js';
export {
  type CommitFound,
  type DeleteFound,
  FindCommitSearch,
  type InsertFound,
  type RelationFound,
  type RemovalFound,
  type RowCounts,
  type TransactionFound,
  type TransactionStatus,
} from './analysis/find-commit-search.js';
export { type IncidentPart, scanForIncidents } from './analysis/incident-part.js';
export type { Incident, IncidentQuery } from './analysis/incident-search.js';
export { type IncidentFound, type IncidentsResult, IncidentsRun } from './analysis/incidents.js';
export { type IncidentJson, type IncidentsJson, incidentsJson } from './analysis/incidents-json.js';
export {
  type MomentInChain,
  momentInChain,
  type SegmentTimes,
  scanForTimes,
  type TransactionMoment,
} from './analysis/moment.js';
export { type ObstacleText, obstacleText, type PlannedFor } from './analysis/obstacle-text.js';
export {
  type Lifetime,
  type RecoveredRow,
  RecoveredRows,
  type RecoveredTable,
} from './analysis/recovered-rows.js';
export type { RecoveryStop, StopTarget } from './analysis/recovery.js';
export {
  type CommitPoint,
  type Obstacle,
  type RecoveryPlan,
  RecoveryPlanner,
} from './analysis/recovery-plan.js';
export { type RecoveryPlanJson, recoveryPlanJson } from './analysis/recovery-plan-json.js';
export { formatSettings, recoverySettings, type Settings } from './analysis/recovery-settings.js';
export type { RecoveryTarget } from './analysis/recovery-target.js';
export type { TimelineChoice } from './analysis/recovery-timeline.js';
export { parseRelation, type RelationFilter } from './analysis/relation-filter.js';
export { formatRelationName, type RelationName, RelationNames } from './analysis/relation-names.js';
export type { RemovalKind } from './analysis/removal.js';
export type { RowChanges, RowChangesTable, RowInsert } from './analysis/row-changes.js';
export { parseColumns } from './analysis/row-columns.js';
export { type DataValue, rowData } from './analysis/row-data.js';
export { formatRows, type RowFormat, rowToJson } from './analysis/row-format.js';
export type { MissingRow } from './analysis/rows.js';
export {
  type BackupHistory,
  type BackupLabel,
  parseBackupHistory,
  parseBackupLabel,
} from './cluster/backup-label.js';
export { type BackupManifest, type ManifestFile, parseBackupManifest } from './cluster/backup-manifest.js';
export {
  type BaseBackup,
  backupOfControl,
  backupOfHistory,
  backupOfLabel,
  backupOfManifest,
  type ConsistencyRule,
} from './cluster/base-backup.js';
export {
  type ChainSegment,
  type MissingSegments,
  missingWithin,
  type PlacedSegment,
  type TimelineChain,
  timelineChain,
  timelinesOf,
  type WalStock,
} from './cluster/chain.js';
export { formatControlData } from './cluster/control-data.js';
export { type ControlCheckPoint, type ControlFile, parseControlFile } from './cluster/control-file.js';
export {
  historyFileName,
  parseHistory,
  parseHistoryFileName,
  type TimelineHistoryEntry,
  type TimelineSwitch,
  timelineHistory,
} from './cluster/history.js';
export { matches, type RecordFilter } from './dump/filter.js';
export { type BlockJson, type RecordJson, recordJson } from './dump/json.js';
export { type RecordTextOptions, recordText } from './dump/line.js';
export type { DumpOutput } from './dump/printer.js';
export { type DumpQuery, dumpSegment, type SegmentDump } from './dump/segment-dump.js';
export {
  countRecord,
  emptyStats,
  formatStats,
  type KindStats,
  mergeStats,
  type StatsRange,
  type WalStats,
} from './dump/stats.js';
export { type BlockStore, MemoryBlockStore } from './heap/block-store.js';
export { HeapPage, type ItemId } from './heap/page.js';
export { HeapReplay, type ReplayOptions } from './heap/replay.js';
export { type PlacedTuple, ReplayedRelation } from './heap/replayed-relation.js';
export type { Row, Value } from './heap/row.js';
export { deformTuple, formatTupleId, TupleHeader, type TupleId } from './heap/tuple.js';
export { builtinTypes } from './heap/types/builtin.js';
export { formatStored } from './heap/types/index.js';
export type { Column, Type, TypeContext } from './heap/types/type.js';
export { faultMessage, type ReadFault } from './reader/fault.js';
export { gunzipSegment } from './reader/gunzip.js';
export { walRecords } from './reader/records.js';
export {
  makeSegment,
  type OpenSegmentOptions,
  openNextSegment,
  openSegment,
  type Segment,
  type WalFormat,
} from './reader/segment.js';
export { joinSpans, type ReadSpanOptions, readSpan, type WalSpan } from './reader/span.js';
export { type Damage, type Gap, WalReader, type WalReaderOptions } from './reader/wal-reader.js';
export { type DescribeContext, decode, describe, identify, type RecordData, rmgrName } from './rmgr/index.js';
export { WalError, type WalErrorPlace } from './wal/error.js';
export { formatLsn, type Lsn, parseLsn } from './wal/lsn.js';
export { type LongPageHeader, parseLongPageHeader } from './wal/page-header.js';
export { restoreImage } from './wal/page-image.js';
export { parsePosixTz } from './wal/posix-tz.js';
export {
  type BlockImage,
  BlockReference,
  FORK_NAMES,
  type RelFileLocator,
  WalRecord,
} from './wal/record.js';
export {
  parseSegmentFileName,
  type SegmentName,
  segmentFileName,
  segmentFileNameOf,
} from './wal/segment-name.js';
export { formatTimestampIso, type TimestampTz, timestampToUnixMs } from './wal/timestamp.js';
export { formatTimestampTz, type TimeZone, UTC } from './wal/timezone.js';
export { parseTzif } from './wal/tzif.js';
