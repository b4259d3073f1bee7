/** walscan on Node: all of the portable entry, and files and folders. */
export * from './index.js';
export { localTimeZone } from './node/timezone.js';
export { type ArchiveExamined, type ExamineOptions, examineArchive } from './questions/archive/ask.js';
export {
  type FindCommitInPathsOptions,
  findCommitInPaths,
  type TransactionsOptions,
  transactionsOf,
} from './questions/find-commit/ask.js';
export { findIncidentsInPaths, type IncidentsInPathsOptions } from './questions/incidents/ask.js';
export { findMoment, type MomentAnswer, type MomentFound } from './questions/moment/ask.js';
export {
  type PlannedRecovery,
  type PlanOptions,
  type PlanTarget,
  planRecovery,
} from './questions/plan/ask.js';
export { type RecoverRowsOptions, type RowsQuestion, recoverRows } from './questions/rows/ask.js';
export { type NamesFound, readRelationNames, type TableChoice } from './replay/names-of-backup.js';
export {
  type Inventory,
  type InventoryOptions,
  type SegmentFile,
  takeInventory,
  takeUsableInventory,
  type UsableInventory,
} from './sources/inventory.js';
export { readBaseBackup } from './sources/read-base-backup.js';
export { readSegment, readSegments, type SegmentRead } from './sources/read-segments.js';
export { type ByteSource, fileSource, memorySource } from './sources/source.js';
