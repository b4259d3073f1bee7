import { printable } from '../text/printable.js';
import type { Say } from '../text/tongue.js';
import type { WalError } from '../wal/error.js';
import { formatLsn } from '../wal/lsn.js';

/** What is wrong with the WAL, as one line of an answer: `Problem at 0/03000000: …`. */
export const problemText = ({ lsn, said }: WalError, say: Say): string =>
  printable(lsn === undefined ? say`Problem: ${said}` : say`Problem at ${formatLsn(lsn)}: ${said}`);
