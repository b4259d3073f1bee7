import type { LogEntry, LogSession } from '../../logs/entry.js';
import { type StatementTold, statementOf } from '../../logs/words.js';
import { decodeText, encodeText } from '../../text/encoding.js';
import type { TimestampTz } from '../../wal/timestamp.js';

/** A statement as a log has it. */
export interface LoggedStatement {
  /** When it began, as far as the log tells it. */
  time: TimestampTz;
  text: string;
  /** The text was longer. */
  isCut: boolean;
  /** Its parameters or what it was prepared as, in the words of the log; as much of that as of the text. */
  detail: string | undefined;
  /** In milliseconds, where the log tells it. */
  duration: number | undefined;
}

/** What a session did in one transaction, or may have done in one, as a log tells it. */
export interface LoggedTransaction {
  session: LogSession;
  statements: readonly LoggedStatement[];
  /** So many more are not kept: the first ones, but for the very first. */
  omitted: number;
  /** Where a line tells it. */
  xid: number | undefined;
  /** Its end lies between these; it has none yet where there is no later one. */
  from: TimestampTz;
  to: TimestampTz | undefined;
}

/** Of statements so much is kept. */
const MOST_STATEMENTS = 20;
const MOST_CHARACTERS = 4096;
/** The most sessions that are followed at a time. */
const MOST_SESSIONS = 10_000;

const MILLISECOND = 1000;

const BEGINS = /^\s*(?:begin|start\s+transaction)\b/i;
const COMMITS = /^\s*(?:(?:commit|end)\b(?!\s+prepared)|prepare\s+transaction\b)/i;
const ROLLS_BACK = /^\s*(?:rollback|abort)\b(?!\s+(?:(?:work|transaction)\s+)?to\b|\s+prepared\b)/i;
const SAVEPOINT = /^\s*savepoint\b/i;
const CHAINS = /\band\s+chain\b/i;
/** Where such statements are in the log, all are. */
const OF_ALL = /^\s*(?:begin|start|commit|end|rollback|select|show|set)\b/i;

/** A transaction that has not ended as far as the log was read. */
interface Open {
  statements: LoggedStatement[];
  omitted: number;
  xid: number | undefined;
  virtualXid: string | undefined;
  from: TimestampTz;
  /** Between BEGIN and its end. */
  isBlock: boolean;
  /** Its COMMIT is there. */
  isEnding: boolean;
  isExtended: boolean;
  hasSavepoint: boolean;
  hasFailed: boolean;
}

interface Session {
  info: LogSession;
  open: Open | undefined;
  /** Its place among those that the server has for sessions: `3` of `3/12`. */
  place: string | undefined;
}

/**
 * Follows the sessions of a log, whose lines come in the order in which they were written, and tells their transactions.
 *
 * A statement is told of when it begins (`log_statement`) or when it has ended (`log_min_duration_statement`). Where the log
 * has virtual transaction ids, lines of one transaction have the same one; else a block goes from BEGIN to COMMIT, and any
 * other statement is a transaction for itself. Where BEGIN and COMMIT are not in the log, a session's statement before may
 * be of the same transaction. A session that goes often leaves no line, but the next one that has its place in the server,
 * the first number of virtual transaction ids (storage/ipc/sinvaladt.c, since 17 storage/lmgr/proc.c), tells that it has.
 */
export class LoggedSessions {
  private readonly sessions = new Map<string, Session>();
  /** The keys of the sessions in their places. */
  private readonly places = new Map<string, string>();
  /** Whether the log has statements that change nothing, too. */
  private hasAll = false;

  constructor(private readonly told: (transaction: LoggedTransaction) => void) {}

  /** @param time of the entry */
  take(entry: LogEntry, time: TimestampTz): void {
    const key = entry.session ?? entry.pid?.toString();
    if (key === undefined) return;
    const session = this.sessionOf(key, entry);
    this.takePlace(key, session, entry, time + entry.precision);
    const statement = entry.severity === 'LOG' ? statementOf(entry.message) : undefined;
    if (statement?.text !== undefined) this.hasAll ||= OF_ALL.test(statement.text);
    const until = time + entry.precision;
    if (session.open !== undefined && !this.goesOn(session.open, entry, statement)) {
      if (statement !== undefined && statement.text === undefined) noteDuration(session.open, statement);
      this.end(session, until);
    }
    if (statement?.text !== undefined)
      this.addStatement(session, entry, { ...statement, text: statement.text }, time);
    else if (statement !== undefined) this.addDuration(session, statement, until);
    else if (session.open === undefined && isInside(entry)) session.open = newOpen(time, true);
    if (session.open !== undefined) note(session.open, entry, time);
  }

  /** There are no more lines. */
  finish(): void {
    for (const session of this.sessions.values()) this.end(session, undefined);
    this.sessions.clear();
    this.places.clear();
  }

  private sessionOf(key: string, entry: LogEntry): Session {
    const session = this.sessions.get(key) ?? { info: sessionIn(entry), open: undefined, place: undefined };
    this.sessions.delete(key);
    this.sessions.set(key, session);
    for (const [name, value] of Object.entries(sessionIn(entry))) {
      if (value !== undefined) session.info = { ...session.info, [name]: value };
    }
    if (this.sessions.size > MOST_SESSIONS) {
      const [[oldest]] = this.sessions;
      this.forget(oldest, undefined);
    }
    return session;
  }

  private takePlace(key: string, session: Session, { virtualXid }: LogEntry, until: TimestampTz): void {
    const place = virtualXid?.split('/', 1)[0];
    if (place === undefined || place === session.place) return;
    const before = this.places.get(place);
    if (before !== undefined) this.forget(before, until);
    if (session.place !== undefined) this.places.delete(session.place);
    session.place = place;
    this.places.set(place, key);
  }

  private forget(key: string, to: TimestampTz | undefined): void {
    const session = this.sessions.get(key);
    if (session === undefined) return;
    this.end(session, to);
    this.sessions.delete(key);
    if (session.place !== undefined) this.places.delete(session.place);
  }

  /** Whether a line is of the transaction that is open. */
  private goesOn(open: Open, entry: LogEntry, statement: StatementTold | undefined): boolean {
    const { virtualXid, xid } = entry;
    if (virtualXid !== undefined && open.virtualXid !== undefined) return virtualXid === open.virtualXid;
    if (xid !== undefined && xid > 0 && (open.xid === undefined || open.xid === xid)) return true;
    if (xid !== undefined && open.xid !== undefined && xid !== open.xid) return false;
    if (open.isBlock && !open.isEnding) return true;
    if (statement === undefined) return true;
    return statement.text === undefined && open.isExtended;
  }

  private addStatement(
    session: Session,
    entry: LogEntry,
    told: StatementTold & { text: string },
    time: TimestampTz,
  ): void {
    const { text, isExtended, duration } = told;
    if (ROLLS_BACK.test(text)) {
      session.open = CHAINS.test(text) ? newOpen(time, true) : undefined;
      return;
    }
    const open = session.open ?? newOpen(time, false);
    session.open = open;
    const isOver = duration !== undefined && !isExtended;
    open.isBlock ||= BEGINS.test(text) || (isOver && isInside(entry));
    open.isEnding ||= COMMITS.test(text);
    open.hasSavepoint ||= SAVEPOINT.test(text);
    open.isExtended = isExtended;
    const began = duration === undefined ? time : time - BigInt(Math.ceil(duration * MILLISECOND));
    open.from = isOver && open.isBlock && !open.isEnding ? time : began;
    const detail = entry.detail && beginningOf(entry.detail);
    const isCut = text.length > MOST_CHARACTERS;
    keep(open, { time: began, text: beginningOf(text), isCut, detail, duration });
    if (isOver && (!open.isBlock || open.isEnding) && (this.hasAll || isOutside(entry))) {
      this.end(session, time + entry.precision);
    }
  }

  private addDuration(session: Session, told: StatementTold, until: TimestampTz): void {
    const { open } = session;
    if (open === undefined) return;
    noteDuration(open, told);
    if (!open.isExtended && (!open.isBlock || open.isEnding)) this.end(session, until);
  }

  private end(session: Session, to: TimestampTz | undefined): void {
    const { open, info } = session;
    session.open = undefined;
    if (open === undefined) return;
    const { statements, omitted, xid, from, hasFailed } = open;
    if (!hasFailed) this.told({ session: info, statements: [...statements], omitted, xid, from, to });
    const isChained = CHAINS.test(open.statements.at(-1)?.text ?? '');
    if (isChained) session.open = newOpen(from, true);
    else if (to !== undefined && !this.hasAll && open.virtualXid === undefined && xid === undefined) {
      // its end is not in the log
      session.open = { ...open, isBlock: false, isEnding: false, hasFailed: false };
    }
  }
}

/** Whether a line says that its session is in no transaction, or in one that has changed nothing. */
const isOutside = ({ virtualXid, xid }: LogEntry): boolean =>
  virtualXid === undefined ? xid === 0 : virtualXid.endsWith('/0');

/** Whether a line says that its session is in a transaction. */
const isInside = ({ virtualXid, xid }: LogEntry): boolean =>
  (xid !== undefined && xid > 0) || (virtualXid !== undefined && !virtualXid.endsWith('/0'));

const sessionIn = ({ user, database, client, application, pid, session }: LogEntry): LogSession => ({
  user,
  database,
  client,
  application,
  pid,
  session,
});

const newOpen = (time: TimestampTz, isBlock: boolean): Open => ({
  statements: [],
  omitted: 0,
  xid: undefined,
  virtualXid: undefined,
  from: time,
  isBlock,
  isEnding: false,
  isExtended: false,
  hasSavepoint: false,
  hasFailed: false,
});

/** What any line tells of the transaction that it is of. */
function note(open: Open, entry: LogEntry, time: TimestampTz): void {
  const { xid, virtualXid, severity, statement } = entry;
  if (xid !== undefined && xid > 0) open.xid ??= xid;
  if (isInside(entry)) open.virtualXid ??= virtualXid;
  const isKnown = open.virtualXid !== undefined && virtualXid === open.virtualXid;
  if (isKnown && open.from < time) open.from = time;
  if (!['ERROR', 'FATAL', 'PANIC'].includes(severity) || open.hasSavepoint) return;
  const isOfLast = statement !== undefined && beginningOf(statement) === open.statements.at(-1)?.text;
  open.hasFailed ||= isKnown || isOfLast;
}

function noteDuration(open: Open, { duration }: StatementTold): void {
  const last = open.statements.at(-1);
  if (last !== undefined) last.duration ??= duration;
}

/** As much of a text as is kept. As new text, for a part of a long one keeps all of that in memory (V8). */
const beginningOf = (text: string): string =>
  text.length > MOST_CHARACTERS ? decodeText(encodeText(text.slice(0, MOST_CHARACTERS))) : text;

function keep(open: Open, statement: LoggedStatement): void {
  open.statements.push(statement);
  if (open.statements.length <= MOST_STATEMENTS) return;
  open.statements.splice(1, 1);
  open.omitted++;
}
