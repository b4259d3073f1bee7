import type { TransactionPoint } from '../../follow/transaction-end.js';
import type { LogSession } from '../../logs/entry.js';
import type { WalError } from '../../wal/error.js';
import type { TimestampTz } from '../../wal/timestamp.js';
import { type Deed, type Fit, fitting, names } from './fitting.js';
import type { LoggedStatement, LoggedTransaction } from './sessions.js';

/** A transaction that committed, of which it is asked who did it. */
export interface AskedTransaction extends TransactionPoint {
  /** What it did; nothing where that is not known. */
  deeds: readonly Deed[];
  /** The names of the tables that it did it to, as far as they are known. */
  tables: readonly string[];
  /** The name of the database that the session must have been in, where that is known. */
  database: string | undefined;
}

/** A session that a log tells of, and what it did in the transaction. */
export interface Suspect extends LogSession {
  /** Whether one of its statements does what the transaction did; else it may have, by a function or a trigger. */
  fits: boolean;
  /** Whether one of its statements names the table. */
  namesTable: boolean;
  statements: readonly LoggedStatement[];
  /** So many more are not kept. */
  omitted: number;
}

/** Who did it, as logs tell it. */
export interface WhoDidIt {
  /**
   * `transaction-id`: a line of the session has the id of the transaction; `session-and-time`: the transaction committed when
   * one of these sessions was at it, and all of them may be the one. Undefined where there is none.
   */
  sure: 'transaction-id' | 'session-and-time' | undefined;
  /** Those that fit and name the table come first, then by time. */
  suspects: readonly Suspect[];
  /** How many more there are. */
  more: number;
  /** Whether the log has lines of before the commit and of after it. */
  isCovered: boolean;
  /** The times of the lines next to the commit. */
  before: TimestampTz | undefined;
  after: TimestampTz | undefined;
}

/** Who did which transaction, by {@link whoKey}. */
export type WhoByTransaction = ReadonlyMap<string, WhoDidIt>;

/** What logs tell of transactions. */
export interface LogsRead {
  /** Of all that were asked for. */
  who: WhoByTransaction;
  /** What `log_line_prefix` was taken for, where it was not given. */
  guessedPrefixes: readonly string[];
  problems: WalError[];
}

/** Transactions of several timelines may have the same id and place. */
export const whoKey = ({ xid, lsn, time }: TransactionPoint): string => `${xid} ${lsn} ${time}`;

/** The most suspects of a transaction. */
const MOST_SUSPECTS = 20;
/** The most characters of statements that are kept of all of them. */
const MOST_KEPT = 64 * 1024 * 1024;
/** Ids are used again, on the fastest servers after a day. */
const DAY = 86_400_000_000n;
const SECOND = 1_000_000n;

interface Ranked extends Suspect {
  /** When the last of its statements began. */
  from: TimestampTz;
}

/** What is known of a transaction that is asked for. */
interface Case {
  asked: AskedTransaction;
  fitOf: (statement: string) => Fit;
  byId: Ranked[];
  byTime: Ranked[];
  more: number;
  before: TimestampTz | undefined;
  after: TimestampTz | undefined;
}

/** Brings transactions of the WAL and of logs together. */
export class WhoSearch {
  /** By the time of their commit. */
  private readonly cases: readonly Case[];
  private readonly byXid = new Map<number, Case[]>();
  private kept = 0;

  constructor(asked: readonly AskedTransaction[]) {
    const fits = new Map<string, (statement: string) => Fit>();
    const fitOf = (deeds: readonly Deed[]): ((statement: string) => Fit) => {
      const key = deeds.join();
      const known = fits.get(key) ?? fitting(deeds);
      fits.set(key, known);
      return known;
    };
    this.cases = [...asked]
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
      .map((one) => newCase(one, fitOf(one.deeds)));
    for (const one of this.cases) {
      const same = this.byXid.get(one.asked.xid);
      if (same === undefined) this.byXid.set(one.asked.xid, [one]);
      else same.push(one);
    }
  }

  /** Takes in when a line of the log was written. */
  line(time: TimestampTz): void {
    const place = this.firstFrom(time);
    const [last, next] = [this.cases[place - 1], this.cases[place]];
    if (last !== undefined && (last.after === undefined || time < last.after)) last.after = time;
    if (next !== undefined && (next.before === undefined || time > next.before)) next.before = time;
  }

  /** Takes in a transaction that a log tells of. */
  transaction(logged: LoggedTransaction): void {
    const { xid, from, to } = logged;
    if (xid !== undefined) {
      for (const one of this.byXid.get(xid) ?? []) {
        const { time } = one.asked;
        if (from <= time && time - from < DAY) this.add(one, one.byId, logged);
      }
      return;
    }
    for (let place = this.firstFrom(from); place < this.cases.length; place++) {
      const one = this.cases[place];
      if (to !== undefined && one.asked.time >= to) return;
      if (isOf(one.asked, logged)) this.add(one, one.byTime, logged);
    }
  }

  finish(): Map<string, WhoDidIt> {
    const { cases } = this;
    for (const [i, one] of cases.entries()) one.before ??= cases[i - 1]?.before;
    for (const [i, one] of [...cases.entries()].reverse()) one.after ??= cases[i + 1]?.after;
    return new Map(cases.map((one) => [whoKey(one.asked), answerOf(one)]));
  }

  /** The place of the first case that is not before a time. */
  private firstFrom(time: TimestampTz): number {
    let [low, high] = [0, this.cases.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.cases[middle].asked.time < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private add(one: Case, suspects: Ranked[], logged: LoggedTransaction): void {
    const { session, statements, omitted, from } = logged;
    const isSure = suspects === one.byId;
    const does = statements.map(({ text, detail = '' }) => one.fitOf(`${text}\n${detail}`));
    const fits = does.includes('fits');
    if (!fits && !isSure && !does.includes('may')) return;
    const namesTable = one.asked.tables.some((table) =>
      statements.some(({ text, detail = '' }) => names(text, table) || names(detail, table)),
    );
    const ranked = { ...session, fits, namesTable, statements, omitted, from };
    const same = suspects.findIndex((other) => isSame(other, ranked));
    if (same >= 0) {
      if (tells(ranked) > tells(suspects[same])) suspects[same] = ranked;
      return;
    }
    this.kept += statements.reduce((sum, { text }) => sum + text.length, 0);
    if (this.kept > MOST_KEPT) {
      one.more++;
      return;
    }
    suspects.push(ranked);
    suspects.sort(byRank);
    if (suspects.length > MOST_SUSPECTS) {
      suspects.pop();
      one.more++;
    }
  }
}

const newCase = (asked: AskedTransaction, fitOf: Case['fitOf']): Case => ({
  asked,
  fitOf,
  byId: [],
  byTime: [],
  more: 0,
  before: undefined,
  after: undefined,
});

/** A session sees no other database than its own. */
const isOf = ({ database }: AskedTransaction, { session }: LoggedTransaction): boolean =>
  database === undefined || session.database === undefined || session.database === database;

const byRank = (a: Ranked, b: Ranked): number =>
  Number(b.fits) - Number(a.fits) ||
  Number(b.namesTable) - Number(a.namesTable) ||
  (a.from < b.from ? 1 : a.from > b.from ? -1 : 0);

/** Whether two are of the same session and statement, which logs of two forms tell, or a transaction that may have gone on. */
function isSame(a: Ranked, b: Ranked): boolean {
  if (a.pid !== undefined && b.pid !== undefined ? a.pid !== b.pid : a.session !== b.session) return false;
  return a.statements.some((one) =>
    b.statements.some(({ text, time }) => {
      const apart = one.time > time ? one.time - time : time - one.time;
      return one.text === text && apart <= SECOND;
    }),
  );
}

/** How much is known of one. */
const tells = ({ user, database, client, application, pid, session, statements, omitted }: Suspect): number =>
  [user, database, client, application, pid, session].filter((one) => one !== undefined).length * 1000 +
  statements.length +
  omitted;

function answerOf({ byId, byTime, more, before, after }: Case): WhoDidIt {
  const sure = byId.length > 0 ? 'transaction-id' : byTime.length > 0 ? 'session-and-time' : undefined;
  const suspects = (byId.length > 0 ? byId : byTime).map(({ from: _, ...suspect }) => suspect);
  const isCovered = before !== undefined && after !== undefined;
  return { sure, suspects, more: byId.length > 0 ? 0 : more, isCovered, before, after };
}
