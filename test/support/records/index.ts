import { brinKinds } from './brin.js';
import { btreeKinds } from './btree.js';
import { ginKinds } from './gin.js';
import { gistKinds } from './gist.js';
import { hashKinds } from './hash.js';
import { heapKinds } from './heap.js';
import { heap2Kinds } from './heap2.js';
import type { Kind } from './kind.js';
import { serverKinds } from './server.js';
import { spgistKinds } from './spgist.js';
import { transactionKinds } from './transaction.js';
import { xlogKinds } from './xlog.js';

export type { Kind } from './kind.js';

/** Every kind of record that a version knows. */
export function recordKinds(version: number): Kind[] {
  return [
    ...xlogKinds(version),
    ...transactionKinds(version),
    ...serverKinds(version),
    ...heap2Kinds(version),
    ...heapKinds(version),
    ...btreeKinds(version),
    ...hashKinds(version),
    ...ginKinds(version),
    ...gistKinds(version),
    ...spgistKinds(version),
    ...brinKinds(),
  ];
}
