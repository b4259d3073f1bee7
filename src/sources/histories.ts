import { parseHistory, type TimelineSwitch } from '../cluster/history.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { ByteSource } from './byte-source.js';
import type { ProblemList } from './problem-list.js';
import { readWhole } from './read.js';
import type { Reading } from './reading.js';
import { problemOf } from './stored-bytes.js';

/** A timeline history file. */
export interface HistoryFile {
  timeline: number;
  source: ByteSource;
  /** Empty where the file is of no use. */
  switches: TimelineSwitch[];
  /** Why it is of no use, where it is not; among the inventory's problems as well. */
  problem: WalError | undefined;
  /** It names no ancestor: the server takes the timeline to have none. */
  isEmpty: boolean;
}

/** A history file has a line of some 50 bytes for each ancestor; this is room for thousands. */
const LARGEST_HISTORY = 256 * 1024;
/** No cluster was promoted so often; and what all the files together may have of lines, as each has those before it. */
const MOST_HISTORIES = 10_000;
const MOST_SWITCHES = 500_000;

/** The history files that were found, each timeline once. */
export class Histories {
  private readonly byTimeline = new Map<number, HistoryFile>();
  private switches = 0;

  /** @param conflicts told of files that tell different histories of one timeline */
  constructor(
    private readonly reading: Reading,
    private readonly problems: ProblemList,
    private readonly conflicts: ProblemList,
  ) {}

  /** By timeline. */
  all(): HistoryFile[] {
    return [...this.byTimeline.values()].sort((a, b) => a.timeline - b.timeline);
  }

  of(timeline: number): HistoryFile | undefined {
    return this.byTimeline.get(timeline);
  }

  async add(source: ByteSource, timeline: number): Promise<void> {
    try {
      const history = await readHistory(source, timeline, this.reading);
      const { switches, problem } = history;
      const known = this.byTimeline.get(timeline);
      if (known === undefined) this.keep(history);
      if (problem !== undefined) this.problems.add(problem);
      if (known === undefined || problem !== undefined) return;
      if (known.problem !== undefined) this.keep(history);
      else if (!sameSwitches(known.switches, switches)) {
        const text = message`${known.source.name} and ${source.name} tell different histories of timeline ${timeline}; give only the right one`;
        this.conflicts.add(new WalError('different-content', text, { file: source.name }));
      }
    } catch (error) {
      this.problems.add(problemOf(error));
    }
  }

  /** @throws WalError `file-too-large` */
  private keep(history: HistoryFile): void {
    const { timeline, source, switches } = history;
    const isMore = !this.byTimeline.has(timeline) && this.byTimeline.size >= MOST_HISTORIES;
    if (isMore || this.switches + switches.length > MOST_SWITCHES) {
      const text = message`${source.name} was left out: there are history files of more timelines than can be right; give those of the timelines that matter`;
      throw new WalError('file-too-large', text, { file: source.name });
    }
    this.switches += switches.length;
    this.byTimeline.set(timeline, history);
  }
}

/** A file that can be read, but says nothing that the server can go by, is there all the same, and not missing. */
async function readHistory(source: ByteSource, timeline: number, reading: Reading): Promise<HistoryFile> {
  const bytes = await readWhole(source, LARGEST_HISTORY, reading);
  try {
    const switches = parseHistory(bytes, timeline, source.name);
    const isEmpty = switches.length === 0 && timeline > 1;
    const problem = isEmpty ? emptyHistory(source, timeline) : undefined;
    return { timeline, source, switches, problem, isEmpty };
  } catch (error) {
    return { timeline, source, switches: [], problem: problemOf(error), isEmpty: false };
  }
}

function emptyHistory({ name }: ByteSource, timeline: number): WalError {
  const text = message`${name} names no timeline that timeline ${timeline} comes from: to the server it begins from nothing, and no backup of before can be recovered to it; get the file again from the server that wrote it`;
  return new WalError('bad-history', text, { file: name });
}

function sameSwitches(a: readonly TimelineSwitch[], b: readonly TimelineSwitch[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ timeline, switchLsn }, i) => timeline === b[i].timeline && switchLsn === b[i].switchLsn)
  );
}

/**
 * History files that tell different beginnings of the same ancestor: they are of several servers or restores. Takes
 * time as the files have lines: equal beginnings of lists have the same number.
 */
export function* disagreements(histories: readonly HistoryFile[]): Generator<WalError> {
  const usable = histories.filter(({ problem }) => problem === undefined);
  const numbers = new Map<string, number>();
  /** The numbers of a list's beginnings: of none of it, of the first of it, and so on. */
  const numbersOf = ({ switches }: HistoryFile): number[] => {
    const found = [0];
    for (const { timeline, switchLsn } of switches) {
      const key = `${found[found.length - 1]} ${timeline} ${switchLsn}`;
      const number = numbers.get(key) ?? numbers.size + 1;
      numbers.set(key, number);
      found.push(number);
    }
    return found;
  };
  const all = usable.map((history) => ({ history, numbers: numbersOf(history) }));
  const byTimeline = new Map(all.map((one) => [one.history.timeline, one]));
  for (const { history, numbers: own } of all) {
    const { source, switches } = history;
    for (const [at, { timeline }] of switches.entries()) {
      const other = byTimeline.get(timeline);
      if (other === undefined || own[at] === other.numbers.at(-1)) continue;
      const text = message`${source.name} and ${other.history.source.name} tell different histories of timeline ${timeline}: several servers or restores have archived here, keep their files apart`;
      yield new WalError('wrong-history', text, { file: source.name });
    }
  }
}
