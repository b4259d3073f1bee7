import { type ChainSegment, isWithin, type LsnRange, timelineChain, timelinesOf } from '../cluster/chain.js';
import { groupBy } from '../cluster/group-by.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { DISORDER_US } from '../follow/disorder.js';
import type { WalFormat } from '../reader/segment.js';
import type { Lsn } from '../wal/lsn.js';
import type { LongPageHeader } from '../wal/page-header.js';
import { parseSegmentFileName, segmentStart } from '../wal/segment-name.js';
import type { TimestampTz } from '../wal/timestamp.js';
import { compareXids } from '../wal/xid.js';
import { type Bracket, bracket, lastBefore } from './bracket.js';
import type { FoundFile } from './find-files.js';
import { firstEndIn, firstRunningIn, type Running, type Windows } from './glimpse.js';
import type { HistoryFile } from './histories.js';
import type { Identified } from './identify.js';
import { SegmentWindows, type SourceSegment } from './read-segments.js';
import { emptyRoom, type Reading } from './reading.js';
import { windowSizeOf } from './segment-bytes.js';
import type { SegmentFacts } from './segment-facts.js';

/** What of the WAL a question is about: all of it where nothing is said. */
export interface WalBounds {
  /** From this LSN on, and up to that. */
  startLsn?: Lsn | undefined;
  endLsn?: Lsn | undefined;
  /** Transactions that ended at or after this time, and at or before that. */
  since?: TimestampTz | undefined;
  until?: TimestampTz | undefined;
  /** With {@link since}: what these transactions did before that, too, and something of the WAL before. */
  withPast?: boolean | undefined;
  /** Of each timeline its own segments are meant, and not what it shares with its parents. */
  apart?: boolean | undefined;
  /**
   * All WAL from here on matters as well, whatever the bounds are: names are out of it, and a relation is called what it
   * was called last.
   */
  namesFrom?: Lsn | undefined;
}

/** Tells what segments there are, and looks at as few files as that takes. */
export const NAMES_ONLY: WalBounds = { startLsn: 1n << 64n };

/** Whether a question is about some of the WAL only. */
export const isBounded = ({ startLsn, endLsn, since, until }: WalBounds): boolean =>
  [startLsn, endLsn, since, until].some((bound) => bound !== undefined);

/** What matters to a question with bounds. */
export interface Within {
  /** Of the cluster, as some files tell it. */
  header: LongPageHeader;
  /** Where a file lies of which nothing matters but that it is there; undefined for others. */
  outside(file: FoundFile): PlacedSegment | undefined;
  /** By timeline, where times were looked up. */
  ranges: ReadonlyMap<number, LsnRange>;
}

/** Tells what a file is: once for each, however often it is asked. */
export type Identify = (file: FoundFile) => Promise<Identified>;

/** A segment by its name, and the files that are called so. */
interface NamedSegment extends PlacedSegment {
  files: FoundFile[];
}

/**
 * Finds what matters to a question out of the names of files, and of times out of as few of the files as bisection
 * takes.
 * @returns undefined where names do not tell it, so that all files are to be looked at
 */
export async function findWithin(
  files: readonly FoundFile[],
  histories: readonly HistoryFile[],
  bounds: WalBounds,
  identify: Identify,
  reading: Reading,
): Promise<Within | undefined> {
  const header = await headerOf(files, identify);
  if (header === undefined) return undefined;
  const places = new Map<FoundFile, PlacedSegment>();
  for (const file of files) {
    const place = placeOf(file, header);
    if (place !== undefined) places.set(file, place);
  }
  const byPlace = groupBy([...places.keys()], (file) => keyOf(places.get(file)!));
  const segments = Array.from(byPlace.values(), (same): NamedSegment => {
    const [first] = [...same].sort((a, b) => Number(isPartial(a)) - Number(isPartial(b)));
    return { ...places.get(first)!, files: same };
  });
  const size = BigInt(header.segmentSize);
  const mattering = new Set<string>();
  const ranges = new Map<number, LsnRange>();
  if (bounds.since === undefined && bounds.until === undefined) {
    // a record that begins before the end may end in the segment after it
    const range = { ...bounds, endLsn: bounds.endLsn && bounds.endLsn + size };
    for (const one of segments) if (isWithin(one.start, one.start + size, range)) mattering.add(keyOf(one));
  } else {
    const clock = new Clock(header, identify, reading);
    const stock = { format: header, segments, histories };
    for (const timeline of timelinesOf(stock)) {
      const chain = bounds.apart
        ? ownSegments(segments, timeline, size)
        : timelineChain(stock, timeline).segments;
      const range = await clock.rangeOf(chain, bounds);
      ranges.set(timeline, range);
      for (const { file, end } of chain) {
        if (isWithin(file.start, end, range)) mattering.add(keyOf(file));
      }
    }
  }
  const { namesFrom } = bounds;
  if (namesFrom !== undefined) {
    for (const one of segments) if (one.start + size > namesFrom) mattering.add(keyOf(one));
  }
  for (const one of beginningsOf(segments, mattering, size)) mattering.add(keyOf(one));
  return {
    header,
    ranges,
    outside: (file) => {
      const place = places.get(file);
      return place === undefined || mattering.has(keyOf(place)) ? undefined : place;
    },
  };
}

function ownSegments(
  segments: readonly NamedSegment[],
  timeline: number,
  size: bigint,
): ChainSegment<NamedSegment>[] {
  return segments
    .filter((one) => one.timeline === timeline)
    .sort((a, b) => (a.start < b.start ? -1 : 1))
    .map((file) => ({ file, end: file.start + size }));
}

const keyOf = ({ timeline, start }: PlacedSegment): string => `${timeline}/${start}`;

const isPartial = ({ kind }: FoundFile): boolean => kind.kind === 'segment' && kind.partial;

const nameOf = ({ kind }: FoundFile): string => (kind.kind === 'segment' ? kind.segment : '');

function placeOf(file: FoundFile, { segmentSize }: WalFormat): PlacedSegment | undefined {
  const named = parseSegmentFileName(nameOf(file), segmentSize);
  if (named === undefined) return undefined;
  const start = segmentStart(named.segmentNumber, segmentSize);
  return { timeline: named.timeline, start, partial: isPartial(file) };
}

/** So many files are tried at either end. */
const MOST_TRIED = 8;

/** What the first and the last file by their names agree about. */
async function headerOf(
  files: readonly FoundFile[],
  identify: Identify,
): Promise<LongPageHeader | undefined> {
  const sorted = files.filter((file) => nameOf(file) !== '').sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const first = await firstHeader(sorted.slice(0, MOST_TRIED), identify);
  const last = await firstHeader(sorted.slice(-MOST_TRIED).reverse(), identify);
  return first !== undefined && last !== undefined && isSameFormat(first, last) ? first : undefined;
}

async function firstHeader(
  files: readonly FoundFile[],
  identify: Identify,
): Promise<LongPageHeader | undefined> {
  for (const file of files) {
    const one = await identify(file);
    if (one.kind === 'segment') return one.file.header;
  }
  return undefined;
}

/** A server uses old segments of its own again, and no others. */
export const isSameFormat = (a: WalFormat, b: WalFormat): boolean =>
  a.systemIdentifier === b.systemIdentifier &&
  a.version === b.version &&
  a.segmentSize === b.segmentSize &&
  a.blockSize === b.blockSize;

/**
 * Where the stretches begin that what matters lies in, of timelines that have a parent: their first pages tell whether
 * they are of the timeline that their number names (see `branches`).
 */
function beginningsOf(
  segments: readonly NamedSegment[],
  mattering: ReadonlySet<string>,
  size: bigint,
): NamedSegment[] {
  const found: NamedSegment[] = [];
  const children = segments.filter(({ timeline }) => timeline > 1);
  const sorted = children.sort((a, b) => a.timeline - b.timeline || (a.start < b.start ? -1 : 1));
  let begin: NamedSegment | undefined;
  let before: NamedSegment | undefined;
  for (const one of sorted) {
    const isNext = before?.timeline === one.timeline && before.start === one.start - size;
    if (!isNext) begin = one;
    before = one;
    if (begin !== undefined && mattering.has(keyOf(one))) {
      found.push(begin);
      begin = undefined;
    }
  }
  return found;
}

/**
 * So many segments of before are read to know what the files are that a transaction drops: more would be better, and
 * none tells all.
 */
const PAST = 12;

/** What is looked for lies near the beginning of most segments: so much is read and unpacked at a time. */
const GLIMPSE = 256 * 1024;

/** Finds the WAL of times. What it has read it reads no second time. */
class Clock {
  private readonly firstEnds = new Map<string, Promise<Told<TimestampTz>>>();
  private readonly runnings = new Map<string, Promise<Told<Running>>>();
  private readonly rooms = [emptyRoom(), emptyRoom()];

  constructor(
    private readonly format: WalFormat,
    private readonly identify: Identify,
    private readonly reading: Reading,
  ) {}

  /** The stretch of a chain that holds all that the bounds ask for. */
  async rangeOf(chain: readonly ChainSegment<NamedSegment>[], bounds: WalBounds): Promise<LsnRange> {
    const { startLsn, endLsn, since, until, withPast = false } = bounds;
    const times = new Map<number, TimestampTz>();
    /** Whether a segment's first transaction ended later than the time. */
    const isLater =
      (time: TimestampTz) =>
      async (place: number): Promise<boolean | undefined> => {
        const told = await this.firstEndOf(chain[place]);
        if (told === 'later') return true;
        if (told === undefined) return undefined;
        times.set(place, told);
        return told > time;
      };
    const all: Bracket = { before: -1, after: chain.length };
    let first = 0;
    let last = chain.length;
    if (since !== undefined) {
      first = (await bracket(all, isLater(since - DISORDER_US - 1n))).before;
    }
    if (until !== undefined) {
      const limit = until + DISORDER_US;
      const known = [...times].filter(([place, time]) => place > first && time > limit);
      const after = Math.min(chain.length, ...known.map(([place]) => place));
      last = (await bracket({ before: first, after }, isLater(limit))).after;
    }
    if (isSetBack(times)) return { startLsn, endLsn };
    if (withPast) first = Math.max(0, Math.min(await this.beginningOf(chain, first), first - PAST));
    return {
      startLsn: later(startLsn, chain[first]?.file.start),
      // a record that begins before it may end in it
      endLsn: earlier(endLsn, chain[last]?.end),
    };
  }

  /** From where on all that is read which transactions did that end behind the beginning of a segment. */
  private async beginningOf(chain: readonly ChainSegment<NamedSegment>[], at: number): Promise<number> {
    let oldest: number | undefined;
    const told = async (place: number): Promise<boolean | undefined> => {
      const running = await this.runningOf(chain[place]);
      if (running === 'later') return true;
      if (running === undefined) return undefined;
      if (oldest === undefined) {
        oldest = running.oldestXid;
        if (running.oldestXid === running.nextXid) return false;
      }
      return compareXids(running.nextXid, oldest) > 0;
    };
    return lastBefore(at - 1, 0, told);
  }

  private firstEndOf(segment: ChainSegment<NamedSegment>): Promise<Told<TimestampTz>> {
    return this.look(segment, this.firstEnds, {
      inWal: firstEndIn,
      inFacts: (facts) => facts.firstEnd(segment.end),
    });
  }

  private runningOf(segment: ChainSegment<NamedSegment>): Promise<Told<Running>> {
    return this.look(segment, this.runnings, {
      inWal: firstRunningIn,
      inFacts: (facts) => facts.firstRunning(segment.end),
    });
  }

  private look<T>(
    segment: ChainSegment<NamedSegment>,
    known: Map<string, Promise<Told<T>>>,
    lookIn: Glimpse<T>,
  ): Promise<Told<T>> {
    const key = `${keyOf(segment.file)} ${segment.end}`;
    let told = known.get(key);
    if (told === undefined) {
      told = this.lookAnew(segment, lookIn);
      known.set(key, told);
    }
    return told;
  }

  private async lookAnew<T>(
    { file: { files, ...place }, end }: ChainSegment<NamedSegment>,
    { inWal, inFacts }: Glimpse<T>,
  ): Promise<Told<T>> {
    for (const found of files) {
      const one = await this.identify(found);
      // what the server keeps for later use comes behind all WAL
      if (one.kind === 'unused') return 'later';
      if (one.kind !== 'segment' || one.file.start !== place.start) continue;
      if (one.file.facts !== undefined) return inFacts(one.file.facts);
      const file = { ...place, partial: one.file.partial, source: found.source };
      const told = await inWal(this.windowsOf({ file, end }));
      if (told !== undefined) return told;
    }
    return undefined;
  }

  private async *windowsOf(segment: ChainSegment<SourceSegment>): Windows {
    const glimpse = Math.min(GLIMPSE, windowSizeOf(this.format.segmentSize, this.reading));
    const windows = new SegmentWindows(segment, this.format, this.reading, glimpse);
    try {
      for (let turn = 0; ; turn++) {
        const window = await windows.next(this.rooms[turn % 2]);
        if (window === undefined) return;
        yield window;
      }
    } finally {
      await windows.close();
    }
  }
}

/** How something is looked up in a segment. */
interface Glimpse<T> {
  inWal(windows: Windows): Promise<T | undefined>;
  inFacts(facts: SegmentFacts): Promise<T | undefined>;
}

/** What a segment tells; `later`: its file holds no WAL yet. */
type Told<T> = T | 'later' | undefined;

/** Whether the clock was set back, as far as the times tell that were looked at: then they bound nothing. */
function isSetBack(times: ReadonlyMap<number, TimestampTz>): boolean {
  const inOrder = [...times].sort(([a], [b]) => a - b).map(([, time]) => time);
  let latest = inOrder[0];
  for (const time of inOrder) {
    if (time + DISORDER_US < latest) return true;
    if (time > latest) latest = time;
  }
  return false;
}

const later = (a: Lsn | undefined, b: Lsn | undefined): Lsn | undefined =>
  a === undefined || (b !== undefined && b > a) ? b : a;

const earlier = (a: Lsn | undefined, b: Lsn | undefined): Lsn | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;
