import type { TimeZone } from '../text/timezone.js';
import type { Message } from '../wal/message.js';

/** What a description depends on besides the decoded record. */
export interface DescribeContext {
  /** PostgreSQL major version whose `pg_waldump` text is wanted: the one that wrote the record. */
  version: number;
  /** For times. */
  zone: TimeZone;
}

/**
 * A record whose content does not fit what its resource manager writes: a length that runs over the record's end,
 * for instance. Nothing of it is guessed.
 */
export interface UndecodableRecord {
  rmgr: string;
  type: 'undecodable';
  /** What the record says it is, as far as its info bits name a kind. */
  identity: string | undefined;
  reason: Message;
}

/** A record with info bits that this version's resource manager does not have. */
export interface UnknownRecord {
  rmgr: string;
  type: 'unknown';
  /** The resource manager's part of `xl_info`. */
  info: number;
}

/** A record of an extension's resource manager (ids 128 … 255, since 15), of which WAL tells the id only. */
export interface CustomRecord {
  rmgr: 'custom';
  type: 'custom';
  rmid: number;
  info: number;
}
