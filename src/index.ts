/**
 * walscan reads PostgreSQL's write-ahead log. This entry is portable, with nothing of Node in it. `walscan/node` adds
 * files, folders and threads; `walscan/parts` has what the questions are made of.
 */

export type { AnswerHead, HeadJson } from './cluster/answer-head.js';
export {
  type BackupHistory,
  type BackupLabel,
  parseBackupHistory,
  parseBackupLabel,
} from './cluster/backup-label.js';
export {
  type BackupManifest,
  type CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  type ManifestFile,
  type ManifestWalRange,
  parseBackupManifest,
} from './cluster/backup-manifest.js';
export type { BaseBackup, ConsistencyRule } from './cluster/base-backup.js';
export type { Branch, ForeignBranch } from './cluster/branches.js';
export {
  type ChainSegment,
  type MissingSegments,
  type TimelineChain,
  timelineChain,
  type WalReset,
  type WalStock,
} from './cluster/chain.js';
export { formatControlData } from './cluster/control-data.js';
export {
  type CLUSTER_STATES,
  type ClusterState,
  type ControlCheckPoint,
  type ControlFile,
  parseControlFile,
  type UnixSeconds,
  type WAL_LEVELS,
  type WalLevel,
} from './cluster/control-file.js';
export {
  type ControlJson,
  controlJson,
  type FieldInJson,
  type FieldsInJson,
} from './cluster/control-json.js';
export {
  historyFileName,
  parseHistory,
  parseHistoryFileName,
  type TimelineHistoryEntry,
  type TimelineSwitch,
  timelineHistory,
} from './cluster/history.js';
export type { PlacedSegment } from './cluster/placed-segment.js';
export type { TimelineChoice } from './cluster/recovery-timeline.js';
export type { ConfigLine } from './cluster/server-config.js';
export type { MappedTablespace } from './cluster/tablespace-map.js';
export { matches, type RecordFilter } from './dump/filter.js';
export { type BlockJson, type RecordJson, recordJson } from './dump/json.js';
export { type RecordTextOptions, recordText } from './dump/line.js';
export { type RecordPiece, recordLayout } from './dump/record-layout.js';
export {
  countRecord,
  emptyStats,
  formatStats,
  type KindStats,
  mergeStats,
  type StatsRange,
  type WalStats,
} from './dump/stats.js';
export type { RelationFilter } from './follow/relation.js';
export type { RemovalKind } from './follow/removal.js';
export type { RowInsert } from './follow/row-changes.js';
export type { TimelineStart, TimelineStarts } from './follow/timeline-start.js';
export type { EndRecord, TransactionEnd, TransactionPoint } from './follow/transaction-end.js';
export type { Row, Value } from './heap/row.js';
export type { Layout, StoredAttribute } from './heap/tuple.js';
export type { Column, ObjectType, Type, TypeContext } from './heap/types/type.js';
export type { LogSession } from './logs/entry.js';
export type { ArchiveExamined, ExamineOptions } from './questions/archive/ask.js';
export type { ArchiveBackup, BackupReport } from './questions/archive/backups.js';
export {
  type ArchiveJson,
  archiveJson,
  type MissingJson,
  type RunJson,
  type StoredBackupJson,
  type VerifiedJson,
} from './questions/archive/json.js';
export type { OlderInArchive } from './questions/archive/limit.js';
export type {
  ArchiveReport,
  ArchiveTimeline,
  ForeignSegments,
  RunContent,
  SegmentRun,
} from './questions/archive/run.js';
export type { WalFacts } from './questions/archive/scan.js';
export type { StoredBackupFacts } from './questions/archive/stored-backups.js';
export type { VerifiedBackup } from './questions/archive/verify.js';
export type { FactsOptions, OnProgress, Phase, Progress, QuestionOptions } from './questions/asking.js';
export type { Changes, ChangesOptions } from './questions/changes/ask.js';
export type {
  Change,
  ChangedColumn,
  ChangedKey,
  ChangedTable,
  ChangedTransaction,
  ChangedValue,
  ChangeOf,
  ChangesOrder,
  ForeignKeySql,
  RowChanged,
  TableDefined,
  TableEmptied,
} from './questions/changes/change.js';
export { type ChangeFormat, formatChanges, type LeftOut } from './questions/changes/print.js';
export type { FactsMade, MakeFactsOptions } from './questions/facts/ask.js';
export type { FactFile } from './questions/facts/collector.js';
export { type FactsJson, factsJson } from './questions/facts/json.js';
export type { FactsPlace } from './questions/facts/layout.js';
export type { FactsCounts } from './questions/facts/run.js';
export type {
  FactsStore,
  Making,
  Put,
  PutOptions,
  StoredFacts,
  StoredTable,
} from './questions/facts/store.js';
export type { TableSeal, TableSeals } from './questions/facts/table-seals.js';
export type { FindCommitOptions, TransactionsOptions } from './questions/find-commit/ask.js';
export {
  type CommitJson,
  type FindCommitJson,
  findCommitJson,
  type RecoveryTargetJson,
  type RelationJson,
  type TransactionJson,
} from './questions/find-commit/json.js';
export type { RecoveryTarget, RecoveryTargets } from './questions/find-commit/recovery-target.js';
export type { FindCommitResult, RelationAnswer, RelationTransaction } from './questions/find-commit/run.js';
export type {
  CommitFound,
  DatabaseDropFound,
  DeleteFound,
  InsertFound,
  RelationFound,
  RemovalFound,
  RowCounts,
  TransactionFound,
  TransactionStatus,
} from './questions/find-commit/search.js';
export type { StoredBackupName } from './questions/given.js';
export type { IncidentsOptions } from './questions/incidents/ask.js';
export type { Incident } from './questions/incidents/incident.js';
export { type IncidentJson, type IncidentsJson, incidentsJson } from './questions/incidents/json.js';
export type { IncidentFound, IncidentsResult } from './questions/incidents/run.js';
export type { IncidentQuery } from './questions/incidents/search.js';
export type { MomentAnswer, MomentFound, MomentOptions } from './questions/moment/ask.js';
export type { MomentInChain } from './questions/moment/bisect.js';
export { type MomentJson, momentJson, type TransactionMomentJson } from './questions/moment/json.js';
export type { TransactionMoment } from './questions/moment/scan.js';
export type { PlannedRecovery, PlanOptions, PlanTarget } from './questions/plan/ask.js';
export type { BeforeDelete, Loss, SparedLoss } from './questions/plan/before-delete.js';
export {
  type CommitPointJson,
  type LossJson,
  type PlanJson,
  planJson,
  type ServerJson,
  type SparedLossJson,
  type ToolJson,
} from './questions/plan/json.js';
export type { Archiving } from './questions/plan/leftovers.js';
export type { Obstacle } from './questions/plan/obstacle.js';
export { type ObstacleText, obstacleText, type PlannedFor } from './questions/plan/obstacle-text.js';
export type { NeededFile } from './questions/plan/restore-command.js';
export type { RecoveryPlan, ServerOutlook } from './questions/plan/run.js';
export {
  formatSettings,
  recoverySettings,
  type Settings,
  type TargetAction,
} from './questions/plan/settings.js';
export type { ToolCommand } from './questions/plan/tool-command/index.js';
export {
  examineArchive,
  findCommit,
  findIncidents,
  findInLogs,
  findMoment,
  makeFacts,
  planRecovery,
  readChanges,
  readReport,
  recoverRows,
  transactionsOf,
  undoChanges,
} from './questions/portable.js';
export type { Report, ReportOptions } from './questions/report/ask.js';
export type { CheckpointVolume } from './questions/report/checkpoints.js';
export type { ClockStep } from './questions/report/clock.js';
export { type RenderReportOptions, renderReport } from './questions/report/html.js';
export {
  type BackupReachJson,
  type CheckpointJson,
  type ClockStepJson,
  type ImagesJson,
  type NearestJson,
  type OverTimeJson,
  type RelationVolumesJson,
  type ReportJson,
  type RestorePointJson,
  type RmgrVolumeJson,
  reportJson,
  type TransactionVolumesJson,
  type VolumeJson,
  type WalReportJson,
} from './questions/report/json.js';
export type { StepsOverTime, TimeSums } from './questions/report/over-time.js';
export type { BackupReach } from './questions/report/reach.js';
export type { RelationVolume } from './questions/report/relation-volumes.js';
export type { WalReport } from './questions/report/run.js';
export type {
  CheckpointKind,
  ImageSums,
  ReportedCheckpoint,
  ReportedRestorePoint,
} from './questions/report/scan.js';
export type { LeftOutJson } from './questions/report/shorten.js';
export type { TransactionVolume } from './questions/report/transaction-volumes.js';
export type { Volume } from './questions/report/volume.js';
export type { EndOnTimeline } from './questions/report/window-start.js';
export type { RecoverRowsOptions, RowsQuestion } from './questions/rows/ask.js';
export { parseColumns } from './questions/rows/columns.js';
export { type DataValue, rowData } from './questions/rows/data.js';
export { formatRows, type RowFormat } from './questions/rows/format.js';
export { type RowJson, type RowsJson, rowJson, rowsJson, type TableJson } from './questions/rows/json.js';
export type { Lifetime } from './questions/rows/lifetime.js';
export type { MissingRow, MissingRows } from './questions/rows/missing-rows.js';
export type { RecoveredRow, RecoveredRows } from './questions/rows/recovered-rows.js';
export type { RecoveredTable } from './questions/rows/table.js';
export type { SoFar } from './questions/so-far.js';
export type { SearchedWal } from './questions/timeline-searches.js';
export type { Undo, UndoOptions } from './questions/undo/ask.js';
export type { CommandPlaces } from './questions/undo/command.js';
export { type UndoJson, type UndoneTableJson, undoJson } from './questions/undo/json.js';
export type { OnConflict } from './questions/undo/script.js';
export type { TableSummary } from './questions/undo/step.js';
export type { WalReach } from './questions/wal-reach.js';
export type { InLogsOptions, LogOptions } from './questions/who/ask.js';
export type { Deed } from './questions/who/fitting.js';
export type { LoggedStatementJson, SuspectJson, WhoJson } from './questions/who/json.js';
export type { LoggedStatement } from './questions/who/sessions.js';
export {
  type AskedTransaction,
  type LogsRead,
  type Suspect,
  type WhoByTransaction,
  type WhoDidIt,
  whoKey,
} from './questions/who/who.js';
export {
  faultMessage,
  type PageFault,
  type PagePlace,
  type ReadFault,
  type RecordFault,
  type ShortFile,
} from './reader/fault.js';
export { gunzipSegment } from './reader/gunzip.js';
export { walRecords } from './reader/records.js';
export {
  type OpenSegmentOptions,
  openNextSegment,
  openSegment,
  type Segment,
  type WalFormat,
} from './reader/segment.js';
export {
  type Damage,
  type Gap,
  type RecordHead,
  type RecordTail,
  WalReader,
  type WalReaderOptions,
} from './reader/wal-reader.js';
export type { RelationVersion } from './replay/catalog.js';
export type { HeldLock } from './replay/held-locks.js';
export type { QualifiedName } from './replay/live-catalog.js';
export type { NamesFound, TableChoice } from './replay/names-of-backup.js';
export type { RecoveryEvent, RecoveryStop, RestorePoint, StopTarget } from './replay/recovery.js';
export type { ColumnDrop, RelationName, RelationNames } from './replay/relation-names.js';
export type { CreatedTablespace, RaisedSettings, RequiredSettings } from './replay/server-needs.js';
export type { ToolName } from './repos/index.js';
export type * from './rmgr/content.js';
export {
  type DescribeContext,
  decode,
  describe,
  identify,
  type RecordData,
  rmgrId,
  rmgrName,
  rmgrNames,
} from './rmgr/index.js';
export type { AbortSignalLike } from './sources/abort.js';
export type { ConfigSetting } from './sources/backup-config.js';
export type { ByteSource, FolderEntry, OpenOptions, SourceFolder } from './sources/byte-source.js';
export type { HistoryFile } from './sources/histories.js';
export type { Input, Inputs, NamedBytes } from './sources/input.js';
export type {
  ArchiveStatus,
  BackupFile,
  Inventory,
  InventoryOptions,
  OtherCluster,
  SegmentFile,
  UnusedFile,
  UsableInventory,
} from './sources/inventory.js';
export { type BlobLike, blobSource, memorySource } from './sources/memory-source.js';
export { parsePosixTz } from './text/posix-tz.js';
export type { TableLayout } from './text/table.js';
export { formatTimestampTz, type LocalTimeType, type TimeZone, UTC } from './text/timezone.js';
export type { Tongue } from './text/tongue.js';
export { parseTzif } from './text/tzif.js';
export type { ByteView } from './wal/byte-view.js';
export type { CheckPoint } from './wal/check-point.js';
export {
  type ERROR_KINDS,
  type ErrorCode,
  type ErrorKind,
  type Problem,
  WalError,
  type WalErrorPlace,
} from './wal/error.js';
export { formatLsn, type Lsn, parseLsn } from './wal/lsn.js';
export { type Message, type MessageValue, message } from './wal/message.js';
export { type LongPageHeader, parseLongPageHeader } from './wal/page-header.js';
export { restoreImage } from './wal/page-image.js';
export {
  type BlockImage,
  type BlockPool,
  BlockReference,
  FORK_NAMES,
  type FragmentFault,
  type ImageCompression,
  type RecordHome,
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
