import { joined, type Message, type MessageValue, message } from '../wal/message.js';

/** Names for a message, the first few of them: `a, b, c and 4 more`. */
export function listed(names: readonly MessageValue[], most: number, between = ', '): Message {
  const more = names.length - most;
  const first = joined(names.slice(0, most), between);
  return more > 0 ? message`${first} and ${more} more` : first;
}
