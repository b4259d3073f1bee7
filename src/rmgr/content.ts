/*
 * All that a record's content is made of: types only.
 */
import type { BrinRecord } from './brin.js';
import type { BtreeRecord } from './btree.js';
import type { ClogRecord } from './clog.js';
import type { CommitTsRecord } from './commit-ts.js';
import type { DatabaseRecord } from './database.js';
import type { GenericRecord } from './generic.js';
import type { GinRecord } from './gin.js';
import type { GistRecord } from './gist.js';
import type { HashRecord } from './hash.js';
import type { HeapRecord } from './heap.js';
import type { Heap2Record } from './heap2.js';
import type { LogicalMessageRecord } from './logical-message.js';
import type { MultiXactRecord } from './multixact.js';
import type { RelmapRecord } from './relmap.js';
import type { ReplicationOriginRecord } from './replication-origin.js';
import type { CustomRecord, UndecodableRecord, UnknownRecord } from './rmgr.js';
import type { SequenceRecord } from './sequence.js';
import type { SpgistRecord } from './spgist.js';
import type { StandbyRecord } from './standby.js';
import type { StorageRecord } from './storage.js';
import type { TablespaceRecord } from './tablespace.js';
import type { TransactionRecord } from './transaction.js';
import type { XlogRecord } from './xlog.js';
import type { Xlog2Record } from './xlog2.js';

export type { Lsn } from '../wal/lsn.js';
export type { RelFileLocator } from '../wal/record.js';
export type { TimestampTz } from '../wal/timestamp.js';
export type {
  BrinCreateIndex,
  BrinDesummarize,
  BrinInsert,
  BrinRecord,
  BrinRevmapExtend,
  BrinSamepageUpdate,
  BrinUpdate,
} from './brin.js';
export type {
  BtreeDedup,
  BtreeDelete,
  BtreeDeletions,
  BtreeInsert,
  BtreeMarkPageHalfDead,
  BtreeMetaCleanup,
  BtreeNewRoot,
  BtreeRecord,
  BtreeReusePage,
  BtreeSplit,
  BtreeUnlinkPage,
  BtreeUpdate,
  BtreeVacuum,
  BtreeVacuumRange,
} from './btree.js';
export type { ClogRecord, ClogTruncate, ClogZeroPage } from './clog.js';
export type { CommitTsRecord, CommitTsSet, CommitTsTruncate, CommitTsZeroPage } from './commit-ts.js';
export type {
  DatabaseCreateFileCopy,
  DatabaseCreateWalLog,
  DatabaseDrop,
  DatabaseRecord,
} from './database.js';
export type { GenericBlock, GenericRecord, GenericRegion } from './generic.js';
export type {
  GinCreateIndex,
  GinCreatePtree,
  GinDeleteListPage,
  GinDeletePage,
  GinEntryChange,
  GinImageChange,
  GinInsert,
  GinInsertListPage,
  GinInternalChange,
  GinLeafChange,
  GinRecord,
  GinSegmentAction,
  GinSplit,
  GinUpdateMetaPage,
  GinVacuumDataLeafPage,
  GinVacuumPage,
} from './gin.js';
export type {
  GistAssignLsn,
  GistCreateIndex,
  GistDelete,
  GistPageDelete,
  GistPageReuse,
  GistPageSplit,
  GistPageUpdate,
  GistRecord,
} from './gist.js';
export type {
  HashAddOvflPage,
  HashDelete,
  HashInitBitmapPage,
  HashInitMetaPage,
  HashInsert,
  HashMovePageContents,
  HashRecord,
  HashSplitAllocatePage,
  HashSplitCleanup,
  HashSplitComplete,
  HashSplitPage,
  HashSqueezePage,
  HashUpdateMetaPage,
  HashVacuumOnePage,
} from './hash.js';
export type {
  HeapConfirm,
  HeapDelete,
  HeapInplace,
  HeapInsert,
  HeapLock,
  HeapRecord,
  HeapTruncate,
  HeapUpdate,
} from './heap.js';
export type { FreezePlan, PruneFreeze, PruneItems } from './heap-prune.js';
export type {
  Heap2CleanupInfo,
  Heap2FreezePage,
  Heap2LockUpdated,
  Heap2MultiInsert,
  Heap2NewCid,
  Heap2Prune,
  Heap2PruneFreeze,
  Heap2Record,
  Heap2Rewrite,
  Heap2Vacuum,
  Heap2Visible,
} from './heap2.js';
export type { InvalidationMessage, Invalidations } from './invalidation.js';
export type { TupleId } from './locator.js';
export type { LogicalMessageRecord } from './logical-message.js';
export type {
  MultiXactCreate,
  MultiXactMember,
  MultiXactRecord,
  MultiXactTruncateOlder,
  MultiXactTruncateRanges,
  MultiXactZeroPage,
} from './multixact.js';
export type { RelmapRecord } from './relmap.js';
export type {
  ReplicationOriginDrop,
  ReplicationOriginRecord,
  ReplicationOriginSet,
} from './replication-origin.js';
export type { CustomRecord, UndecodableRecord, UnknownRecord } from './rmgr.js';
export type { SequenceRecord } from './sequence.js';
export type {
  SpgistAddLeaf,
  SpgistAddNode,
  SpgistCreateIndex,
  SpgistMoveLeafs,
  SpgistPickSplit,
  SpgistRecord,
  SpgistSplitTuple,
  SpgistState,
  SpgistVacuumLeaf,
  SpgistVacuumRedirect,
  SpgistVacuumRoot,
} from './spgist.js';
export type {
  RunningXacts,
  StandbyInvalidations,
  StandbyLock,
  StandbyLocks,
  StandbyRecord,
} from './standby.js';
export type { SmgrCreate, SmgrTruncate, StorageRecord } from './storage.js';
export type { TablespaceCreate, TablespaceDrop, TablespaceRecord } from './tablespace.js';
export type {
  DroppedStats,
  TransactionRecord,
  XactAbort,
  XactAssignment,
  XactCommit,
  XactCompletion,
  XactInvalidations,
  XactOrigin,
  XactPrepare,
} from './transaction.js';
export type {
  XlogBackupEnd,
  XlogBare,
  XlogCheckpoint,
  XlogCheckpointRedo,
  XlogEndOfRecovery,
  XlogFpwChange,
  XlogLogicalDecodingStatusChange,
  XlogNextOid,
  XlogOverwriteContrecord,
  XlogParameterChange,
  XlogRecord,
  XlogRestorePoint,
} from './xlog.js';
export type { Xlog2Record } from './xlog2.js';

/** What a record says, as typed data: switch on `rmgr`, then on `type`. */
export type RecordData =
  | XlogRecord
  | TransactionRecord
  | StorageRecord
  | ClogRecord
  | DatabaseRecord
  | TablespaceRecord
  | MultiXactRecord
  | RelmapRecord
  | StandbyRecord
  | Heap2Record
  | HeapRecord
  | BtreeRecord
  | HashRecord
  | GinRecord
  | GistRecord
  | SequenceRecord
  | SpgistRecord
  | BrinRecord
  | CommitTsRecord
  | ReplicationOriginRecord
  | GenericRecord
  | LogicalMessageRecord
  | Xlog2Record
  | CustomRecord
  | UndecodableRecord
  | UnknownRecord;
