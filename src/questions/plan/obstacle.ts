import type { MissingSegments, WalReset } from '../../cluster/chain.js';
import type { Lsn } from '../../wal/lsn.js';
import type { Message } from '../../wal/message.js';

/** Why recovery to the target would not give what was asked for. */
export type Obstacle =
  /** It would stop while the data are not consistent, or at data newer than asked for: the backup is too young. */
  | { reason: 'target-before-consistency' }
  /** The WAL ends before the target. */
  | { reason: 'target-not-found' }
  /** The WAL is interrupted, or ends before the backup does. */
  | { reason: 'missing-segment'; missing: MissingSegments[] }
  /**
   * The segment in which the timeline leaves its parent is missing, and the parent's goes on: there the server stays
   * on the parent, from the switch point on.
   */
  | { reason: 'missing-segment'; missing: MissingSegments[]; strayed: { parent: number; switchLsn: Lsn } }
  /** `fatal`: what the server says to it. */
  | { reason: 'timeline-not-descended'; detail: Message; fatal?: string }
  | { reason: 'damaged-wal'; lsn: Lsn; detail: Message }
  /** A segment's file is longer or shorter than a segment, which the server does not take for the end of the WAL. */
  | { reason: 'damaged-wal'; lsn: Lsn; detail: Message; wrongSize: string }
  /** `pg_resetwal` let the WAL begin anew there. */
  | { reason: 'wal-reset'; lsn: Lsn; reset: WalReset }
  /** Written with `wal_level = minimal` from there on: not all changes are in the WAL. */
  | { reason: 'minimal-wal'; lsn: Lsn }
  /** The server was stopped or crashed while the backup was taken, which has therefore no end. */
  | { reason: 'backup-canceled'; lsn: Lsn }
  /** The WAL is of another cluster than the backup. */
  | { reason: 'wrong-system'; detail: Message };
