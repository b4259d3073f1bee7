/** walscan on Node: all of the portable entry; its questions take paths as well, and share work between threads. */
export * from './index.js';
export { fileSource, folderSource } from './node/files.js';
export {
  type Abortable,
  examineArchive,
  findCommit,
  // the names of these two before they took anything but paths
  findCommit as findCommitInPaths,
  findIncidents,
  findIncidents as findIncidentsInPaths,
  findInLogs,
  findMoment,
  makeFacts,
  planRecovery,
  readBaseBackup,
  readChanges,
  readRelationNames,
  readReport,
  readSegment,
  readSegments,
  recoverRows,
  takeInventory,
  takeUsableInventory,
  transactionsOf,
  undoChanges,
} from './node/questions.js';
export { localTimeZone } from './node/timezone.js';
export type { SegmentRead, SourceSegment } from './sources/read-segments.js';
