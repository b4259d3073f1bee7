/** walscan on Node: all of the portable entry, and files and folders. */
export * from './index.js';
export { type ArchiveExamined, type ExamineOptions, examineArchive } from './input/archive.js';
export { findMoment, type MomentAnswer, type MomentFound } from './input/archive-moment.js';
export { type FindCommitInPathsOptions, findCommitInPaths } from './input/find-commit.js';
export { findIncidentsInPaths, type IncidentsInPathsOptions } from './input/incidents.js';
export {
  type Inventory,
  type InventoryOptions,
  type SegmentFile,
  takeInventory,
  takeUsableInventory,
  type UsableInventory,
} from './input/inventory.js';
export {
  type PlannedRecovery,
  type PlanOptions,
  type PlanTarget,
  planRecovery,
} from './input/plan-recovery.js';
export { readBaseBackup } from './input/read-base-backup.js';
export { readSegment, readSegments, type SegmentRead } from './input/read-segments.js';
export { type RecoverRowsOptions, type RowsQuestion, recoverRows } from './input/recover-rows.js';
export { type NamesFound, readRelationNames, type TableChoice } from './input/relation-names.js';
export { type ByteSource, fileSource, memorySource } from './input/source.js';
export { localTimeZone } from './input/timezone.js';
