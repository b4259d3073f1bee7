/** Resource managers by the ids that records bear (src/include/access/rmgrlist.h), the same in 10 … 19. */
export const RM_XLOG_ID = 0;
export const RM_XACT_ID = 1;
export const RM_SMGR_ID = 2;
export const RM_DBASE_ID = 4;
export const RM_TBLSPC_ID = 5;
export const RM_MULTIXACT_ID = 6;
export const RM_RELMAP_ID = 7;
export const RM_STANDBY_ID = 8;
export const RM_HEAP2_ID = 9;
export const RM_HEAP_ID = 10;
export const RM_BTREE_ID = 11;
export const RM_HASH_ID = 12;
export const RM_GIN_ID = 13;
export const RM_GIST_ID = 14;
export const RM_SEQ_ID = 15;
export const RM_SPGIST_ID = 16;
export const RM_BRIN_ID = 17;
/** The last one that every version has. */
export const RM_LOGICALMSG_ID = 21;
/** Since 19. */
export const RM_XLOG2_ID = 22;

/** Those of extensions, since 15 (src/include/access/rmgr.h). */
export const RM_MIN_CUSTOM_ID = 128;
export const RM_MAX_ID = 255;
