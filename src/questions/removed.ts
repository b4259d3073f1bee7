import type { RemovalKind } from '../follow/removal.js';

/** What a transaction did that removed a table's file, in words. */
export const REMOVED: Readonly<Record<RemovalKind, string>> = {
  drop: 'dropped',
  truncate: 'truncated',
  'drop-or-truncate': 'dropped or truncated',
  rewrite: 'rewrote',
  unknown: 'dropped, truncated or rewrote',
};
