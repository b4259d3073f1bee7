import { WalError } from '../../wal/error.js';
import type { Message } from '../../wal/message.js';

/** Of what is no table of facts, or one that contradicts itself. Whoever reads the file names it. */
export const noFacts = (why: Message): WalError => new WalError('bad-facts', why);
