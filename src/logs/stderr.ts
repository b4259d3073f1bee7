import type { LogClock } from './clock.js';
import type { LogEntry } from './entry.js';
import type { LinePrefix } from './prefix.js';

/** The most that is kept of a message or a field of it, in characters. */
const MOST_OF_TEXT = 64 * 1024;

/**
 * Puts together what a server wrote to `stderr`: a message may go on in lines that begin with a tab, and have more to it in
 * lines of their own (DETAIL, STATEMENT).
 */
export class StderrLog {
  private open: LogEntry | undefined;
  /** What the next line that begins with a tab goes on with. */
  private field: 'message' | 'detail' | 'statement' | undefined;

  constructor(
    private readonly prefix: LinePrefix,
    private readonly clock: LogClock,
  ) {}

  /** @returns what ended before this line */
  take(line: string): LogEntry | undefined {
    if (line.startsWith('\t')) {
      this.goOn(line.slice(1));
      return undefined;
    }
    const read = this.prefix.read(line, this.clock);
    if (read === undefined) {
      // some other program's
      this.field = undefined;
      return undefined;
    }
    const { kind, entry } = read;
    if (kind === 'message') {
      const ended = this.open;
      this.open = entry;
      this.field = 'message';
      return ended;
    }
    const isOfOpen =
      this.open !== undefined && this.open.pid === entry.pid && this.open.session === entry.session;
    this.field = isOfOpen && kind !== 'other' ? kind : undefined;
    if (this.open !== undefined && this.field !== undefined) this.open[this.field] = entry.message;
    return undefined;
  }

  /** @returns what no line came after */
  end(): LogEntry | undefined {
    const ended = this.open;
    this.open = undefined;
    this.field = undefined;
    return ended;
  }

  private goOn(text: string): void {
    const { open, field } = this;
    if (open === undefined || field === undefined) return;
    const before = open[field] ?? '';
    if (before.length < MOST_OF_TEXT) open[field] = `${before}\n${text}`;
  }
}
