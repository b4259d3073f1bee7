import { formatF } from '../text/printf.js';
import type { TextBuffer } from '../text/text-buffer.js';
import { arrayText } from './arrays.js';
import type {
  BtreeDelete,
  BtreeDeletions,
  BtreeInsert,
  BtreeMetaCleanup,
  BtreeRecord,
  BtreeReusePage,
  BtreeSplit,
  BtreeUnlinkPage,
} from './btree.js';
import { flagLetter, formatFullXid } from './desc-text.js';
import { writeOff } from './heap.js';
import { formatLocator } from './locator.js';
import type { DescribeContext } from './rmgr.js';

/** `btree_desc` (src/backend/access/rmgrdesc/nbtdesc.c). 16 changed the layout to `key: value, …`. */
export function btreeDescribe(out: TextBuffer, data: BtreeRecord, { version }: DescribeContext): void {
  // as bytes: these come with nearly every row that is inserted
  if (data.type === 'insert') writeOff(out, data.offnum, version);
  else out.text(btreeText(data, version));
}

function btreeText(data: Exclude<BtreeRecord, BtreeInsert>, version: number): string {
  switch (data.type) {
    case 'split':
      return splitText(data, version);
    case 'dedup':
      return version >= 16 ? `nintervals: ${data.nintervals}` : `nintervals ${data.nintervals}`;
    case 'vacuum':
      if (version < 16) return `ndeleted ${data.ndeleted}; nupdated ${data.nupdated}`;
      return `ndeleted: ${data.ndeleted}, nupdated: ${data.nupdated}${deletionsText(data.items)}`;
    case 'vacuum-range':
      return `lastBlockVacuumed ${data.lastBlockVacuumed}`;
    case 'delete':
      return deleteText(data, version);
    case 'mark-page-halfdead': {
      const { topparent, leafblk, leftblk, rightblk } = data;
      if (version < 16) return `topparent ${topparent}; leaf ${leafblk}; left ${leftblk}; right ${rightblk}`;
      return `topparent: ${topparent}, leaf: ${leafblk}, left: ${leftblk}, right: ${rightblk}`;
    }
    case 'unlink-page':
      return unlinkPageText(data, version);
    case 'newroot':
      return version >= 16 ? `level: ${data.level}` : `lev ${data.level}`;
    case 'reuse-page':
      return reusePageText(data, version);
    case 'meta-cleanup':
      return metaCleanupText(data, version);
  }
}

function splitText(data: BtreeSplit, version: number): string {
  const { level, firstrightoff, newitemoff, postingoff } = data;
  if (version < 13) return `level ${level}, firstright ${firstrightoff}`;
  return version < 16
    ? `level ${level}, firstrightoff ${firstrightoff}, newitemoff ${newitemoff}, postingoff ${postingoff}`
    : `level: ${level}, firstrightoff: ${firstrightoff}, newitemoff: ${newitemoff}, postingoff: ${postingoff}`;
}

function deleteText(data: BtreeDelete, version: number): string {
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

function unlinkPageText(data: BtreeUnlinkPage, version: number): string {
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

function reusePageText(data: BtreeReusePage, version: number): string {
  const rel = formatLocator(data.locator);
  const horizon = data.snapshotConflictHorizon;
  if (version < 14) return `rel ${rel}; latestRemovedXid ${horizon}`;
  if (version < 16) return `rel ${rel}; latestRemovedXid ${formatFullXid(horizon)}`;
  const catalog = version >= 17 ? `, isCatalogRel: ${flagLetter(data.isCatalogRel === true)}` : '';
  return `rel: ${rel}, snapshotConflictHorizon: ${formatFullXid(horizon)}${catalog}`;
}

function metaCleanupText(data: BtreeMetaCleanup, version: number): string {
  if (version >= 14) {
    return `last_cleanup_num_delpages${version >= 16 ? ':' : ''} ${data.lastCleanupNumDelpages}`;
  }
  const tuples = formatF(data.lastCleanupNumHeapTuples ?? 0);
  return `oldest_btpo_xact ${data.oldestBtpoXact}; last_cleanup_num_heap_tuples: ${tuples}`;
}
