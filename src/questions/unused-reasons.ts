import type { Inventory } from '../sources/inventory.js';
import { type Message, message } from '../wal/message.js';

/** What a file is that is called as a segment and has no WAL. */
export const UNUSED: Readonly<Record<Inventory['unused'][number]['reason'], Message>> = {
  recycled: message`recycled`,
  zeroed: message`zeroed`,
  empty: message`empty`,
};
