import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { type Lsn, parseLsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';
import { fileError } from './file-error.js';

/** One line of a timeline history file: where the child of `timeline` branched off. */
export interface TimelineSwitch {
  timeline: number;
  /** The first LSN that is no longer of `timeline`. */
  switchLsn: Lsn;
  /** Why, in the server's words: `before transaction 489`, `no recovery target specified`, … */
  reason: string;
}

/** A stretch of WAL that belongs to one timeline: from `begin` to before `end`. */
export interface TimelineHistoryEntry {
  timeline: number;
  /** 0 for the first timeline. */
  begin: Lsn;
  /** Undefined for the last timeline, which is open. */
  end: Lsn | undefined;
}

const HISTORY_FILE_NAME = /^([0-9A-F]{8})\.history$/;
/** What C takes for white space (`isspace`): no byte order mark, which the server refuses. */
const SPACE = ' \t\v\f\r';
const MAX_TIMELINE = 0xffffffff;

/** `00000002.history` (`TLHistoryFileName`, src/include/access/xlog_internal.h). */
export function historyFileName(timeline: number): string {
  return `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`;
}

/** The timeline whose history file has this name; undefined for any other name. */
export function parseHistoryFileName(name: string): number | undefined {
  const match = HISTORY_FILE_NAME.exec(name);
  return match ? Number.parseInt(match[1], 16) : undefined;
}

/**
 * Reads the history file of `timeline`: one line for each ancestor, oldest first; empty lines and `#` comments
 * are passed over. As strict as the server, and in its words (`readTimeLineHistory`,
 * src/backend/access/transam/timeline.c, the same from 10 to 19).
 *
 * @param file name for errors
 * @throws WalError `bad-history`
 */
export function parseHistory(bytes: Uint8Array, timeline: number, file?: string): TimelineSwitch[] {
  const switches: TimelineSwitch[] = [];
  for (const line of decodeText(bytes).split('\n')) {
    const text = withoutSpaceAround(line);
    if (text === '' || text.startsWith('#')) continue;
    const entry = parseLine(text, file);
    const last = switches.at(-1);
    if (last && entry.timeline <= last.timeline) {
      throw bad(
        message`invalid data in history file: ${text}: timeline IDs must be in increasing sequence`,
        file,
      );
    }
    switches.push(entry);
  }
  const last = switches.at(-1);
  if (last && timeline <= last.timeline) {
    const name = historyFileName(timeline);
    throw bad(
      message`invalid data in history file "${name}": timeline IDs must be less than child timeline's ID`,
      file,
    );
  }
  return switches;
}

/** Not by a regular expression, which takes quadratic time for spaces within the line. */
function withoutSpaceAround(line: string): string {
  let [from, to] = [0, line.length];
  while (from < to && SPACE.includes(line[from])) from++;
  while (from < to && SPACE.includes(line[to - 1])) to--;
  return line.slice(from, to);
}

/** Timeline, switch point and reason, with white space in between. */
function parseLine(text: string, file: string | undefined): TimelineSwitch {
  const [, digits, rest] = /^(\d+)(.*)$/s.exec(text) ?? [];
  const timeline = Number(digits);
  if (digits === undefined || timeline > MAX_TIMELINE) {
    throw bad(message`syntax error in history file: ${text}: expected a numeric timeline ID`, file);
  }
  const [, lsn, reason] = /^[ \t\v\f\r]*([0-9A-Fa-f]+\/[0-9A-Fa-f]+)(.*)$/s.exec(rest) ?? [];
  const switchLsn = lsn === undefined ? undefined : parseLsn(lsn);
  if (switchLsn === undefined) {
    throw bad(
      message`syntax error in history file: ${text}: expected a write-ahead log switchpoint location`,
      file,
    );
  }
  return { timeline, switchLsn, reason: reason.trim() };
}

const bad = (said: Message, file: string | undefined): WalError => fileError('bad-history', said, file);

/**
 * The history of a timeline, newest entry first, out of what {@link parseHistory} read of its own file.
 * Without that file PostgreSQL takes the timeline to have no parents, and so does this; timeline 1 has none.
 */
export function timelineHistory(
  timeline: number,
  switches: TimelineSwitch[] | undefined,
): TimelineHistoryEntry[] {
  const history: TimelineHistoryEntry[] = [];
  let begin: Lsn = 0n;
  for (const { timeline: ancestor, switchLsn } of timeline === 1 ? [] : (switches ?? [])) {
    history.push({ timeline: ancestor, begin, end: switchLsn });
    begin = switchLsn;
  }
  history.push({ timeline, begin, end: undefined });
  return history.reverse();
}

/** True where `timeline` is the history's own timeline or one of its ancestors (`tliInHistory`). */
export function tliInHistory(history: TimelineHistoryEntry[], timeline: number): boolean {
  return history.some((entry) => entry.timeline === timeline);
}

/**
 * The timeline to which the WAL at `lsn` belongs (`tliOfPointInHistory`).
 *
 * @throws WalError `bad-history` where no entry holds it: switch points that do not ascend
 */
export function tliOfPointInHistory(history: TimelineHistoryEntry[], lsn: Lsn): number {
  const entry = history.find(({ begin, end }) => begin <= lsn && (end === undefined || lsn < end));
  if (!entry) throw bad(message`timeline history was not contiguous`, undefined);
  return entry.timeline;
}

/**
 * Where `timeline` was left and for which timeline; both undefined where it is the last one (`tliSwitchPoint`).
 *
 * @throws WalError `timeline-not-in-history`
 */
export function tliSwitchPoint(
  history: TimelineHistoryEntry[],
  timeline: number,
): { switchLsn: Lsn | undefined; nextTimeline: number | undefined } {
  const index = history.findIndex((entry) => entry.timeline === timeline);
  if (index < 0) {
    throw new WalError(
      'timeline-not-in-history',
      message`requested timeline ${timeline} is not in this server's history`,
    );
  }
  return { switchLsn: history[index].end, nextTimeline: history[index - 1]?.timeline };
}
