import type { LogClock } from './clock.js';
import { readEpoch } from './clock.js';
import { emptyEntry, known, type LogEntry, numberOf } from './entry.js';
import { headAt, type LineKind } from './words.js';

/** A line of a log as `stderr` has it, taken apart. */
export interface PrefixedLine {
  kind: LineKind;
  entry: LogEntry;
}

/** Of a line no more than that is looked at for its prefix. */
const MOST_OF_PREFIX = 2048;
/** Names are shorter than 64 bytes, addresses with a port and command tags than this. */
const MOST_OF_FIELD = 256;
/** Of ways to take a line apart no more are tried: a line that a server wrote takes some hundreds. */
const MOST_TRIES = 20_000;

/** What an escape stands for. */
interface Escape {
  /** What it matches; left out, it is any text. */
  form?: RegExp;
  /** A name or an address, which has hardly ever a space in it. */
  isWord?: boolean;
  /** What it tells. */
  read?(text: string, clock: LogClock): Partial<LogEntry> | undefined;
}

const TIME: Escape = {
  form: /\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{3})? [^\s\])}>,;:|]{1,32}/y,
  read: (text, clock) => clock.read(text),
};
const CLIENT: Escape = { isWord: true, read: (text) => ({ client: known(text) }) };

/** The escapes of `log_line_prefix` (`log_status_format`, src/backend/utils/error/elog.c). */
const ESCAPES: Readonly<Record<string, Escape>> = {
  a: { read: (text) => ({ application: known(text) }) },
  u: { isWord: true, read: (text) => ({ user: known(text) }) },
  d: { isWord: true, read: (text) => ({ database: known(text) }) },
  r: CLIENT,
  h: CLIENT,
  L: {},
  b: {},
  p: { form: /\d{1,10}/y, read: (text) => ({ pid: numberOf(text) }) },
  P: { form: /\d{0,10}/y },
  t: TIME,
  m: TIME,
  n: { form: /\d{1,12}\.\d{3}/y, read: readEpoch },
  i: {},
  e: { form: /[\dA-Z]{5}/y },
  c: { form: /[\da-f]{1,16}\.[\da-f]{1,8}/y, read: (text) => ({ session: text }) },
  l: { form: /\d{1,20}/y },
  s: { form: /\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d [^\s\])}>,;:|]{1,32}/y },
  v: { form: /(?:\d{1,10}\/\d{1,10})?/y, read: (text) => ({ virtualXid: known(text) }) },
  x: { form: /\d{1,10}/y, read: (text) => ({ xid: numberOf(text) }) },
  Q: { form: /-?\d{1,20}/y },
};

/** What an escape prints; with a width, between spaces. */
interface FieldPart {
  kind: 'field';
  escape: Escape;
  isPadded: boolean;
}

type Part =
  | { kind: 'literal'; text: string }
  | FieldPart
  /** `%q`: lines of processes that are no sessions end their prefix there. */
  | { kind: 'sessions' };

/** A `log_line_prefix`, which takes lines apart. */
export class LinePrefix {
  private readonly parts: readonly Part[];

  constructor(readonly text: string) {
    this.parts = partsOf(text);
  }

  /** @returns undefined for a line that does not begin so, or says nothing of the server's then */
  read(line: string, clock: LogClock): PrefixedLine | undefined {
    let match = new Match(this.parts, line, true);
    // where a name has spaces, it is not known where it begins and ends
    const isCertain = match.from(0, 0);
    if (!isCertain) match = new Match(this.parts, line, false);
    if (!isCertain && !match.from(0, 0)) return undefined;
    const { kind, severity, message } = headAt(line, match.end)!;
    const entry = { ...emptyEntry(), severity, message };
    for (const { escape: of, start, end } of match.fields) {
      if (!isCertain && of.form === undefined) continue;
      Object.assign(entry, of.read?.(line.slice(start, end).trim(), clock));
    }
    return { kind, entry };
  }
}

/** How a line begins with a prefix. What fails is remembered, and tries are counted: no line takes long, whatever it has. */
class Match {
  readonly fields: { escape: Escape; start: number; end: number }[] = [];
  /** Where the prefix ends. */
  end = 0;
  private readonly failed = new Set<number>();
  private tries = 0;
  private readonly limit: number;

  constructor(
    private readonly parts: readonly Part[],
    private readonly line: string,
    private readonly areWords: boolean,
  ) {
    this.limit = Math.min(line.length, MOST_OF_PREFIX);
  }

  /** Whether the parts from one on fit the line from a place on. */
  from(index: number, at: number): boolean {
    const key = index * (MOST_OF_PREFIX + 1) + at;
    if (at > this.limit || this.tries++ > MOST_TRIES || this.failed.has(key)) return false;
    const fits = this.tried(index, at);
    if (!fits) this.failed.add(key);
    return fits;
  }

  private tried(index: number, at: number): boolean {
    const part = this.parts[index];
    if (part === undefined) return this.ends(at);
    if (part.kind === 'sessions') return this.from(index + 1, at) || this.ends(at);
    if (part.kind === 'literal') {
      return this.line.startsWith(part.text, at) && this.from(index + 1, at + part.text.length);
    }
    const start = part.isPadded ? this.afterSpaces(at) : at;
    const [least, most] = this.lengthsOf(part.escape, start);
    for (let length = least; length <= most; length++) {
      if (this.takes(index, part, start, start + length)) return true;
    }
    return false;
  }

  private takes(index: number, { escape: of, isPadded }: FieldPart, start: number, end: number): boolean {
    const before = this.fields.length;
    this.fields.push({ escape: of, start, end });
    if (this.from(index + 1, end) || (isPadded && this.from(index + 1, this.afterSpaces(end)))) return true;
    this.fields.length = before;
    return false;
  }

  private ends(at: number): boolean {
    this.end = at;
    return headAt(this.line, at) !== undefined;
  }

  /** How long a field may be; nothing where the most is less than the least. */
  private lengthsOf({ form, isWord }: Escape, at: number): [least: number, most: number] {
    if (form === undefined) {
      const space = isWord === true && this.areWords ? this.line.indexOf(' ', at) : -1;
      return [0, Math.min(MOST_OF_FIELD, (space < 0 ? this.limit : Math.min(space, this.limit)) - at)];
    }
    form.lastIndex = at;
    const length = form.exec(this.line)?.[0].length;
    return length === undefined ? [0, -1] : [length, length];
  }

  private afterSpaces(at: number): number {
    let end = at;
    while (this.line[end] === ' ') end++;
    return end;
  }
}

function partsOf(prefix: string): Part[] {
  const parts: Part[] = [];
  const literal = (text: string): void => {
    const last = parts.at(-1);
    if (last?.kind === 'literal') last.text += text;
    else if (text !== '') parts.push({ kind: 'literal', text });
  };
  for (const [text, padding, letter] of prefix.matchAll(/%(-?\d*)(.)|[^%]+|%$/gs)) {
    if (letter === undefined) literal(text === '%' ? '' : text);
    else if (letter === '%') literal('%');
    else if (letter === 'q') parts.push({ kind: 'sessions' });
    // what it does not know the server leaves out
    else if (letter in ESCAPES)
      parts.push({ kind: 'field', escape: ESCAPES[letter], isPadded: padding !== '' });
  }
  return parts;
}

/**
 * What servers are set to as a rule: PostgreSQL's own default, those of packages and services, what log analysers ask for.
 * Where two fit the same lines, the first is taken, which tells more.
 */
const USUAL = [
  '<%t [%x-%v] %r %a %d %u %p %c %i>',
  '%m [%p] %q%u@%d ',
  '%m [%p] %q%u@%d %a %h ',
  '%m [%p] %u@%d ',
  '%t [%p] %q%u@%d ',
  '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%t [%p]: user=%u,db=%d,app=%a,client=%h ',
  '%m [%p]: user=%u,db=%d,app=%a,client=%h ',
  '%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ',
  '%t [%p]: [%l-1] user=%u,db=%d ',
  '%m [%p]: [%l-1] db=%d,user=%u ',
  '%t [%p]: [%l] user=%u,db=%d,app=%a,client=%h ',
  '%m [%p] %q[user=%u,db=%d,app=%a] ',
  '%m [%p] %q[user=%u,db=%d,app=%a,client=%h] ',
  '%m [%p] %r %u@%d %a ',
  '%m %u@%d [%p] ',
  '%t:%r:%u@%d:[%p]:',
  '%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:',
  '%t-%c-',
  '%m [%p:%v:%x] ',
  '%m [%p] [%x] ',
  '%m [%p-%x] ',
  '%m %p %x %v %u %d %a %r ',
  '%m [%p] %c %x %v %u %d %a %r ',
  '%m [%p] %x ',
  '%m [%p] ',
  '%t [%p] ',
  '%m [%p]: ',
  '%t [%p]: ',
  '%t [%p]: [%l-1] ',
  '%m %p ',
  '%n [%p] ',
  '%m ',
  '%t ',
  '',
];

/** The prefix that most of the lines begin with, of those that are usual; undefined where that is less than half of them. */
export function guessPrefix(lines: readonly string[], clock: LogClock): LinePrefix | undefined {
  const own = lines.filter((line) => line !== '' && !line.startsWith('\t'));
  let best: { prefix: LinePrefix; count: number } | undefined;
  for (const prefix of USUAL.map((text) => new LinePrefix(text))) {
    const count = own.filter((line) => prefix.read(line, clock) !== undefined).length;
    if (count > (best?.count ?? 0)) best = { prefix, count };
  }
  return best !== undefined && 2 * best.count >= own.length ? best.prefix : undefined;
}
