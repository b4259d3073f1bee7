import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { formatTimestampIso } from '../../wal/timestamp.js';
import type { LoggedStatement } from './sessions.js';
import { type Suspect, type WhoByTransaction, type WhoDidIt, whoKey } from './who.js';

/** Who did it as JSON: times in UTC, null for what the log does not tell. */
export interface WhoJson {
  /** By what it is known; null where nothing in the log fits. */
  sure: 'transaction-id' | 'session-and-time' | null;
  /** Whether the log has lines of before the commit and of after it. */
  covered: boolean;
  /** The times of the lines next to the commit. */
  lineBefore: string | null;
  lineAfter: string | null;
  /** One with `transaction-id`; else any of them may be the one. */
  suspects: SuspectJson[];
  /** How many more there are. */
  more: number;
}

/** A session that may have done it. */
export interface SuspectJson {
  user: string | null;
  database: string | null;
  client: string | null;
  application: string | null;
  pid: number | null;
  session: string | null;
  /** Whether one of the statements does what the transaction did; else it may have, by a function or a trigger. */
  fits: boolean;
  namesTable: boolean;
  statements: LoggedStatementJson[];
  /** So many more statements are left out. */
  omitted: number;
}

/** A statement of a log. */
export interface LoggedStatementJson {
  time: string;
  text: string;
  /** The text was longer. */
  cut: boolean;
  detail: string | null;
  /** In milliseconds. */
  duration: number | null;
}

/** The key `who` of a transaction; none where no log was given. */
export function whoJson(who: WhoByTransaction | undefined, transaction: TransactionPoint): { who?: WhoJson } {
  const found = who?.get(whoKey(transaction));
  return found === undefined ? {} : { who: jsonOfWho(found) };
}

/** Who did it as JSON. */
export const jsonOfWho = ({ sure, isCovered, before, after, suspects, more }: WhoDidIt): WhoJson => ({
  sure: sure ?? null,
  covered: isCovered,
  lineBefore: timeOf(before),
  lineAfter: timeOf(after),
  suspects: suspects.map(suspectJson),
  more,
});

const timeOf = (time: TimestampTz | undefined): string | null =>
  time === undefined ? null : formatTimestampIso(time);

const suspectJson = (one: Suspect): SuspectJson => ({
  user: one.user ?? null,
  database: one.database ?? null,
  client: one.client ?? null,
  application: one.application ?? null,
  pid: one.pid ?? null,
  session: one.session ?? null,
  fits: one.fits,
  namesTable: one.namesTable,
  statements: one.statements.map(statementJson),
  omitted: one.omitted,
});

const statementJson = ({ time, text, isCut, detail, duration }: LoggedStatement): LoggedStatementJson => ({
  time: formatTimestampIso(time),
  text,
  cut: isCut,
  detail: detail ?? null,
  duration: duration ?? null,
});
