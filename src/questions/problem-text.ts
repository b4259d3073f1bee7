import { printable } from '../text/printable.js';
import type { WalError } from '../wal/error.js';
import { formatLsn } from '../wal/lsn.js';

/** What is wrong with the WAL, as one line of an answer: `Problem at 0/03000000: …`. */
export function problemText({ lsn, message }: WalError): string {
  return `Problem${lsn === undefined ? '' : ` at ${formatLsn(lsn)}`}: ${printable(message)}`;
}
