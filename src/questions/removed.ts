import type { RemovalKind } from '../follow/removal.js';
import { type Message, message } from '../wal/message.js';

/** What a transaction did that removed a table's file, in words. */
export const REMOVED: Readonly<Record<RemovalKind, Message>> = {
  drop: message`dropped`,
  truncate: message`truncated`,
  'drop-or-truncate': message`dropped or truncated`,
  rewrite: message`rewrote`,
  unknown: message`dropped, truncated or rewrote`,
};
