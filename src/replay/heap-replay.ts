import { RelationAt } from '../follow/relation-at.js';
import { isBareEnd } from '../follow/transaction-end.js';
import { HeapPage } from '../heap/page.js';
import type { DatabaseCreateFileCopy } from '../rmgr/database.js';
import type { HeapRecord, HeapUpdate } from '../rmgr/heap.js';
import type { Heap2Record } from '../rmgr/heap2.js';
import { decode, type RecordData } from '../rmgr/index.js';
import { formatLocator } from '../rmgr/locator.js';
import { WalError } from '../wal/error.js';
import { formatLsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import { restoreImage } from '../wal/page-image.js';
import {
  BLCKSZ,
  type BlockReference,
  MAIN_FORK,
  type RelFileLocator,
  type WalRecord,
} from '../wal/record.js';
import { RM_DBASE_ID, RM_HEAP_ID, RM_HEAP2_ID, RM_SMGR_ID, RM_XACT_ID, RM_XLOG_ID } from '../wal/rmgr-id.js';
import * as redo from './redo.js';
import type { ReplayedRelation } from './replayed-relation.js';

const SMGR_TRUNCATE_HEAP = 1;

/** What the WAL itself does not tell of the cluster that it is replayed for; pg_control does. */
export interface ReplayOptions {
  /** Whether changes of hints are in the WAL: the cluster has checksums, or `wal_log_hints` is on. */
  hintsLogged?: boolean;
  /** Asked once for a file that a record is the first to name: whether it is to be replayed, too. */
  discover?: (file: RelFileLocator) => ReplayedRelation | undefined;
}

/** A file that was asked for, and its relation where that is replayed. */
interface Slot {
  spcOid: number;
  relation: ReplayedRelation | undefined;
}

/**
 * Applies WAL to the heap pages of some relations as recovery does (PostgreSQL: xlogutils.c, heapam_xlog.c,
 * storage.c). Records go in one after the other, from the backup's redo point on.
 */
export class HeapReplay {
  /** By relfilenode, then database: in that, one for each tablespace. */
  private readonly slots = new Map<number, Map<number, Slot[]>>();
  private readonly byDatabase = new Map<number, Set<ReplayedRelation>>();
  private readonly hintsLogged: boolean;
  private readonly discover: ReplayOptions['discover'];
  private readonly at = new RelationAt();
  /** What was found last: each record asks for its file several times. */
  private last: { file: RelFileLocator; relation: ReplayedRelation | undefined } | undefined;

  constructor({ hintsLogged = false, discover }: ReplayOptions = {}) {
    this.hintsLogged = hintsLogged;
    this.discover = discover;
  }

  track(relation: ReplayedRelation): void {
    const { dbOid } = relation.file;
    this.setSlot(relation.file, relation);
    const known = this.byDatabase.get(dbOid);
    if (known === undefined) this.byDatabase.set(dbOid, new Set([relation]));
    else known.add(relation);
  }

  /** From now on a file is not replayed. */
  ignore(relation: ReplayedRelation): void {
    this.setSlot(relation.file, undefined);
    this.byDatabase.get(relation.file.dbOid)?.delete(relation);
  }

  /** Forgets all of a file: one of the same number is another. */
  forget({ relNumber, dbOid, spcOid }: RelFileLocator): void {
    this.last = undefined;
    const byDatabase = this.slots.get(relNumber);
    const ofDatabase = byDatabase?.get(dbOid);
    const at = ofDatabase?.findIndex((slot) => slot.spcOid === spcOid) ?? -1;
    if (byDatabase === undefined || ofDatabase === undefined || at < 0) return;
    const [{ relation }] = ofDatabase.splice(at, 1);
    if (relation) this.byDatabase.get(dbOid)?.delete(relation);
    if (ofDatabase.length === 0) byDatabase.delete(dbOid);
    if (byDatabase.size === 0) this.slots.delete(relNumber);
  }

  /** All that are replayed of a database. */
  relationsOf(dbOid: number): Iterable<ReplayedRelation> {
    return this.byDatabase.get(dbOid) ?? [];
  }

  private setSlot(
    { relNumber, dbOid, spcOid }: RelFileLocator,
    relation: ReplayedRelation | undefined,
  ): void {
    this.last = undefined;
    const byDatabase = this.slots.get(relNumber) ?? new Map<number, Slot[]>();
    this.slots.set(relNumber, byDatabase);
    const ofDatabase = byDatabase.get(dbOid) ?? [];
    byDatabase.set(dbOid, ofDatabase);
    const known = ofDatabase.find((slot) => slot.spcOid === spcOid);
    if (known) known.relation = relation;
    else ofDatabase.push({ spcOid, relation });
  }

  private slotOf({ relNumber, dbOid, spcOid }: RelFileLocator): Slot | undefined {
    return this.slots
      .get(relNumber)
      ?.get(dbOid)
      ?.find((slot) => slot.spcOid === spcOid);
  }

  /** The relation of a file, where it is replayed by now. */
  known(file: RelFileLocator): ReplayedRelation | undefined {
    return this.slotOf(file)?.relation;
  }

  /** The relation of a file, where it is replayed. */
  find(file: RelFileLocator): ReplayedRelation | undefined {
    if (this.last?.file === file) return this.last.relation;
    const relation = this.lookUp(file);
    this.last = { file, relation };
    return relation;
  }

  private lookUp(file: RelFileLocator): ReplayedRelation | undefined {
    const slot = this.slotOf(file);
    if (slot !== undefined || this.discover === undefined) return slot?.relation;
    const relation = this.discover(file);
    if (relation) this.track(relation);
    else this.setSlot(file, undefined);
    return relation;
  }

  /**
   * Applies a record to those of its pages that belong to a relation that is replayed.
   * @returns what the record says, where it is one of such pages
   * @throws WalError `replay-failed` when it does not fit a page that is fully known
   */
  apply(record: WalRecord): RecordData | undefined {
    switch (record.rmid) {
      case RM_HEAP_ID:
      case RM_HEAP2_ID:
        return this.isOfOthers(record) ? undefined : this.applyToBlocks(record);
      case RM_XLOG_ID:
        return this.applyToBlocks(record);
      case RM_XACT_ID:
        if (!isBareEnd(record)) this.applyToFiles(decode(record));
        break;
      case RM_SMGR_ID:
      case RM_DBASE_ID:
        this.applyToFiles(decode(record));
    }
    return undefined;
  }

  /** Whether a record of rows is known to be of no relation that is replayed: all its blocks are of one. */
  private isOfOthers(record: WalRecord): boolean {
    if (this.discover !== undefined) return false;
    return !this.at.seek(record) || !this.slots.has(this.at.relNumber);
  }

  private applyToBlocks(record: WalRecord): RecordData | undefined {
    const { blocks } = record;
    for (let i = 0; i < blocks.length; i++) if (this.targetOf(blocks[i])) return this.guardedApply(record);
    return undefined;
  }

  private targetOf(block: BlockReference): ReplayedRelation | undefined {
    return block.fork === MAIN_FORK ? this.find(block.rel) : undefined;
  }

  private guardedApply(record: WalRecord): RecordData {
    try {
      return this.applyToPages(record);
    } catch (error) {
      // of the disk that pages are kept on, say, which tells nothing of backup and WAL
      if (!(error instanceof WalError) || error.kind === 'system') throw error;
      const block = record.blocks.find((one) => this.targetOf(one));
      const page = block
        ? message`block ${block.blockNumber} of ${formatLocator(block.rel)}`
        : message`a page`;
      throw new WalError(
        'replay-failed',
        message`the record at ${formatLsn(record.lsn)} cannot be applied to ${page}: ${error.said}; backup and WAL are not of one piece`,
        { lsn: record.lsn, cause: error },
      );
    }
  }

  private applyToPages(record: WalRecord): RecordData {
    const data = decode(record);
    if (data.type === 'undecodable') throw new WalError('corrupt-record', data.reason);
    if (data.rmgr === 'Heap' && data.type !== 'unknown') this.applyHeap(record, data);
    else if (data.rmgr === 'Heap2' && data.type !== 'unknown') this.applyHeap2(record, data);
    else for (const block of record.blocks) this.restore(record, block);
    return data;
  }

  private applyHeap(record: WalRecord, data: HeapRecord): void {
    switch (data.type) {
      case 'insert':
        this.change(record, 0, (target) => redo.redoInsert(target, data), data.initPage);
        break;
      case 'delete':
        this.change(record, 0, (target) => redo.redoDelete(target, data));
        break;
      case 'update':
      case 'hot-update':
        this.update(record, data);
        break;
      case 'lock':
        this.change(record, 0, (target) => redo.redoLock(target, data));
        break;
      case 'confirm':
        this.change(record, 0, (target) => redo.redoConfirm(target, data.offnum));
        break;
      case 'inplace':
        this.change(record, 0, (target) => redo.redoInplace(target, data));
        break;
      case 'truncate':
        break;
    }
  }

  private applyHeap2(record: WalRecord, data: Heap2Record): void {
    switch (data.type) {
      case 'multi-insert':
        this.change(record, 0, (target) => redo.redoMultiInsert(target, data), data.initPage);
        break;
      case 'lock-updated':
        this.change(record, 0, (target) => redo.redoLockUpdated(target, data));
        break;
      case 'prune':
        this.change(record, 0, (target) => redo.redoPrune(target, data));
        break;
      case 'vacuum':
        this.change(record, 0, (target) => redo.redoVacuum(target, data));
        break;
      case 'freeze-page':
        this.change(record, 0, (target) => redo.redoFreezePage(target, data));
        break;
      case 'prune-freeze':
        this.change(record, 0, (target) => redo.redoPruneFreeze(target, data, this.hintsLogged));
        break;
      case 'visible':
        this.change(record, 1, (target) => redo.redoVisible(target, this.hintsLogged));
        break;
    }
  }

  /** Puts a full-page image into place, where the block has one that replay applies. */
  private restore(record: WalRecord, block: BlockReference): boolean {
    const relation = this.targetOf(block);
    if (!relation || !block.image?.apply) return false;
    const page = new HeapPage(restoreImage(block));
    if (!page.isNew) page.setLsn(record.endLsnHi, record.endLsnLo);
    relation.replace(block.blockNumber, page);
    return true;
  }

  /** Changes the page of a block reference, unless an image stands for the change or the page has it already. */
  private change(record: WalRecord, id: number, change: (target: redo.Target) => void, init = false): void {
    const block = record.block(id);
    if (!block || this.restore(record, block)) return;
    const target = this.open(record, block, init);
    if (!target) return;
    target.page.setLsn(record.endLsnHi, record.endLsnLo);
    change(target);
    target.relation.write(target.block, target.page);
  }

  private open(record: WalRecord, block: BlockReference, init: boolean): redo.Target | undefined {
    const relation = this.targetOf(block);
    if (!relation) return undefined;
    const number = block.blockNumber;
    if (init) relation.replace(number, HeapPage.empty(BLCKSZ));
    const page = relation.page(number, BLCKSZ);
    const { lsnHi, lsnLo } = page;
    const { endLsnHi, endLsnLo } = record;
    if (!init && (lsnHi > endLsnHi || (lsnHi === endLsnHi && lsnLo >= endLsnLo))) return undefined;
    return { relation, block: number, page, record, data: block.data, lsnHi, lsnLo };
  }

  /** An UPDATE changes two tuples, of one page or of two. */
  private update(record: WalRecord, data: HeapUpdate): void {
    const newBlock = record.block(0);
    if (!newBlock) return;
    const newTid = { block: newBlock.blockNumber, offset: data.newOffnum };
    const oldBlock = record.block(1);
    // another block 1 is one of the visibility map (since 19, and late minor releases of 17 and 18)
    if (oldBlock && oldBlock.fork === MAIN_FORK) {
      let old: Uint8Array | undefined;
      this.change(record, 1, (target) => {
        old = redo.redoUpdateOld(target, data, newTid);
      });
      this.change(record, 0, (target) => redo.redoUpdateNew(target, data, old), data.initPage);
      return;
    }
    this.change(record, 0, (target) => {
      const old = redo.redoUpdateOld(target, data, newTid);
      redo.redoUpdateNew(target, data, old);
    });
  }

  private applyToFiles(data: RecordData): void {
    if (data.rmgr === 'Storage') {
      if (data.type === 'create' && data.forkNum === MAIN_FORK) this.find(data.rlocator)?.create();
      else if (data.type === 'truncate' && data.flags & SMGR_TRUNCATE_HEAP) {
        this.find(data.rlocator)?.truncate(data.blkno);
      }
    } else if (data.rmgr === 'Database' && data.type === 'create-file-copy') {
      this.copyDatabase(data);
    } else if (data.rmgr === 'Transaction' && 'xlocators' in data && data.type !== 'prepare') {
      for (const file of data.xlocators) this.find(file)?.truncate(0);
    }
  }

  /** A database made as a copy of another one's files. */
  private copyDatabase(copy: DatabaseCreateFileCopy): void {
    for (const relation of this.byDatabase.get(copy.dbId) ?? []) {
      const { file } = relation;
      if (file.spcOid !== copy.tablespaceId) continue;
      const source = this.find({ ...file, dbOid: copy.srcDbId, spcOid: copy.srcTablespaceId });
      if (source) relation.copy(source);
    }
  }
}
