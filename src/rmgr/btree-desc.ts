import { formatF } from '../text/printf.js';
import { arrayText } from './arrays.js';
import type {
  BtreeDelete,
  BtreeDeletions,
  BtreeInsert,
  BtreeMarkPageHalfDead,
  BtreeMetaCleanup,
  BtreeReusePage,
  BtreeSplit,
  BtreeUnlinkPage,
  BtreeVacuum,
} from './btree.js';
import { flagLetter, formatFullXid } from './desc-text.js';
import { offText } from './heap.js';
import { formatLocator } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** Texts of `btree_desc` (src/backend/access/rmgrdesc/nbtdesc.c). */

export function insertText({ offnum }: BtreeInsert, { version }: DescribeContext): string {
  return offText(offnum, version);
}

export function vacuumText({ ndeleted, nupdated, items }: BtreeVacuum, { version }: DescribeContext): string {
  if (version < 16) return `ndeleted ${ndeleted}; nupdated ${nupdated}`;
  return `ndeleted: ${ndeleted}, nupdated: ${nupdated}${deletionsText(items)}`;
}

export function halfDeadText(data: BtreeMarkPageHalfDead, { version }: DescribeContext): string {
  const { topparent, leafblk, leftblk, rightblk } = data;
  if (version < 16) return `topparent ${topparent}; leaf ${leafblk}; left ${leftblk}; right ${rightblk}`;
  return `topparent: ${topparent}, leaf: ${leafblk}, left: ${leftblk}, right: ${rightblk}`;
}

export function splitText(data: BtreeSplit, { version }: DescribeContext): string {
  const { level, firstrightoff, newitemoff, postingoff } = data;
  if (version < 13) return `level ${level}, firstright ${firstrightoff}`;
  return version < 16
    ? `level ${level}, firstrightoff ${firstrightoff}, newitemoff ${newitemoff}, postingoff ${postingoff}`
    : `level: ${level}, firstrightoff: ${firstrightoff}, newitemoff: ${newitemoff}, postingoff: ${postingoff}`;
}

export function deleteText(data: BtreeDelete, { version }: DescribeContext): string {
  const { snapshotConflictHorizon: horizon, ndeleted, nupdated } = data;
  if (version < 12) return `${ndeleted} items`;
  if (version === 12) return `${ndeleted} items, latest removed xid ${horizon}`;
  if (version === 13) return `latestRemovedXid ${horizon}; ndeleted ${ndeleted}`;
  if (version < 16) return `latestRemovedXid ${horizon}; ndeleted ${ndeleted}; nupdated ${nupdated}`;
  const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
  const counts = `ndeleted: ${ndeleted}, nupdated: ${nupdated}${catalog}`;
  return `snapshotConflictHorizon: ${horizon}, ${counts}${deletionsText(data.items)}`;
}

/** `delvacuum_desc` */
function deletionsText(items: BtreeDeletions | undefined): string {
  if (items === undefined) return '';
  const updated = items.updated.map(
    ({ offset, deletedTids }) =>
      `{ off: ${offset}, nptids: ${deletedTids.length}, ptids:${arrayText(deletedTids)} }`,
  );
  return `, deleted:${arrayText(items.deleted)}, updated:${arrayText(updated)}`;
}

export function unlinkPageText(data: BtreeUnlinkPage, { version }: DescribeContext): string {
  const { leftsib, rightsib, level, safexid, leafleftsib, leafrightsib, leaftopparent } = data;
  if (version < 14) {
    const page = `left ${leftsib}; right ${rightsib}; btpo_xact ${safexid}`;
    return `${page}; leafleft ${leafleftsib}; leafright ${leafrightsib}; topparent ${leaftopparent}`;
  }
  const xid = formatFullXid(safexid);
  if (version < 16) {
    const page = `left ${leftsib}; right ${rightsib}; level ${level}; safexid ${xid}`;
    return `${page}; leafleft ${leafleftsib}; leafright ${leafrightsib}; leaftopparent ${leaftopparent}`;
  }
  const page = `left: ${leftsib}, right: ${rightsib}, level: ${level}, safexid: ${xid}`;
  return `${page}, leafleft: ${leafleftsib}, leafright: ${leafrightsib}, leaftopparent: ${leaftopparent}`;
}

export function reusePageText(data: BtreeReusePage, { version }: DescribeContext): string {
  const rel = formatLocator(data.locator);
  const horizon = data.snapshotConflictHorizon;
  if (version < 14) return `rel ${rel}; latestRemovedXid ${horizon}`;
  if (version < 16) return `rel ${rel}; latestRemovedXid ${formatFullXid(horizon)}`;
  const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
  return `rel: ${rel}, snapshotConflictHorizon: ${formatFullXid(horizon)}${catalog}`;
}

export function metaCleanupText(data: BtreeMetaCleanup, { version }: DescribeContext): string {
  if (version >= 14) {
    return `last_cleanup_num_delpages${version >= 16 ? ':' : ''} ${data.lastCleanupNumDelpages}`;
  }
  const tuples = formatF(data.lastCleanupNumHeapTuples ?? 0);
  return `oldest_btpo_xact ${data.oldestBtpoXact}; last_cleanup_num_heap_tuples: ${tuples}`;
}
