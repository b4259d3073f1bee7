import { InvalidArgumentError } from 'commander';
import { type Lsn, parseLsn } from '../wal/lsn.js';
import { FIRST_NORMAL_XID, withoutEpoch } from '../wal/xid.js';

/** An option's LSN, for commander. */
export function lsnValue(text: string): Lsn {
  const lsn = parseLsn(text);
  if (lsn === undefined) throw new InvalidArgumentError('it is no LSN: give one such as 0/04000680');
  return lsn;
}

/** What an option says that may be there more than once, for commander. */
export const severalValues = (text: string, before: unknown): string[] => [
  ...(Array.isArray(before) ? before : []),
  text,
];

/** An option's whole number of 1 or more, for commander. */
export function countValue(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 0xffff_ffff) {
    throw new InvalidArgumentError('it is no whole number of 1 or more: give one such as 4');
  }
  return value;
}

/**
 * The id of an ordinary transaction, which 0, 1 and 2 are not, with an epoch or without one. Numbers are written as the
 * server takes them in `recovery_target_xid`: 0x before hexadecimal digits, 0 before octal ones (`strtou64` with base 0 in
 * `check_recovery_target_xid`, src/backend/access/transam/xlogrecovery.c).
 * @returns undefined when the text is none, also where it is none without its epoch, which 19 refuses and before that
 *   no transaction has
 */
export function parseXid(text: string): number | bigint | undefined {
  if (!/^(?:0x[\da-f]+|0[0-7]*|[1-9]\d*)$/i.test(text)) return undefined;
  const xid = BigInt(text.replace(/^0(?=\d)/, '0o'));
  if (xid > LARGEST_FULL_XID || withoutEpoch(xid) < FIRST_NORMAL_XID) return undefined;
  return xid > Number.MAX_SAFE_INTEGER ? xid : Number(xid);
}

const LARGEST_FULL_XID = 0xffff_ffff_ffff_ffffn;

/** {@link parseXid} of an option, for commander. */
export function xidValue(text: string): number | bigint {
  const xid = parseXid(text);
  if (xid === undefined) throw new InvalidArgumentError('it is no transaction id: give a number such as 756');
  return xid;
}

/** An option's timeline for recovery, for commander. */
export function timelineValue(text: string): number | 'latest' | 'current' {
  return text === 'latest' || text === 'current' ? text : countValue(text);
}
