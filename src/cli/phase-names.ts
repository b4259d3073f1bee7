import type { Phase } from '../questions/asking.js';
import { type Message, message } from '../wal/message.js';

/** What phases are called. */
export const PHASE_NAMES: Readonly<Record<Phase, Message>> = {
  inventory: message`inventory`,
  names: message`names`,
  search: message`search`,
  replay: message`replay`,
  verify: message`verify`,
  wal: message`wal`,
  logs: message`logs`,
};
