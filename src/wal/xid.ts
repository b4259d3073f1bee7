/**
 * Which of two transaction ids was given out first: negative where it is `a`, as `Array.sort` takes it. Ids go round in
 * a circle, in which half of all are older than any (`TransactionIdPrecedes`, src/backend/access/transam/transam.c).
 */
export const compareXids = (a: number, b: number): number => (a - b) | 0;

/** The first id that a transaction has; those before it have meanings of their own (`FirstNormalTransactionId`). */
export const FIRST_NORMAL_XID = 3;

/** What is given out after it (`FullTransactionIdAdvance`, src/include/access/transam.h). */
export const nextXidAfter = (xid: number): number => Math.max((xid + 1) >>> 0, FIRST_NORMAL_XID);

/**
 * A transaction id without its epoch, as the WAL has it. Functions give ids of 64 bits (`txid_current()`,
 * `pg_current_xact_id()`), and `recovery_target_xid` takes them, of which the server keeps the lower half
 * (`check_recovery_target_xid`, src/backend/access/transam/xlogrecovery.c; in 12 to 15 guc.c, before xlog.c).
 */
export const withoutEpoch = (xid: number | bigint): number => Number(BigInt.asUintN(32, BigInt(xid)));
