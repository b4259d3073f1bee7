import { InvalidArgumentError } from 'commander';
import { type Lsn, parseLsn } from '../wal/lsn.js';

/** An option's LSN, for commander. */
export function lsnValue(text: string): Lsn {
  const lsn = parseLsn(text);
  if (lsn === undefined) throw new InvalidArgumentError('It is no LSN, such as 0/04000680.');
  return lsn;
}

/** An option's whole number of 1 or more, for commander. */
export function countValue(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 0xffff_ffff) {
    throw new InvalidArgumentError('It is no whole number of 1 or more.');
  }
  return value;
}

/** The id of an ordinary transaction, which 0, 1 and 2 are not; undefined when the text is none. */
export function parseXid(text: string): number | undefined {
  const xid = Number(text);
  return /^\d{1,10}$/.test(text) && xid >= 3 && xid <= 0xffff_ffff ? xid : undefined;
}

/** {@link parseXid} of an option, for commander. */
export function xidValue(text: string): number {
  const xid = parseXid(text);
  if (xid === undefined) throw new InvalidArgumentError('It is no transaction id.');
  return xid;
}

/** An option's timeline for recovery, for commander. */
export function timelineValue(text: string): number | 'latest' | 'current' {
  return text === 'latest' || text === 'current' ? text : countValue(text);
}
