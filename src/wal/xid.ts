/**
 * Which of two transaction ids was given out first: negative where it is `a`, as `Array.sort` takes it. Ids go round in
 * a circle, in which half of all are older than any (`TransactionIdPrecedes`, src/backend/access/transam/transam.c).
 */
export const compareXids = (a: number, b: number): number => (a - b) | 0;

/** The first id that a transaction has; those before it have meanings of their own (`FirstNormalTransactionId`). */
export const FIRST_NORMAL_XID = 3;
