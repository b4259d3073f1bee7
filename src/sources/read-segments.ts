import type { ChainSegment } from '../cluster/chain.js';
import type { PlacedSegment } from '../cluster/placed-segment.js';
import { makeWindow, type Segment, type WalFormat } from '../reader/segment.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { parseLongPageHeader, XLP_PAGEADDR } from '../wal/page-header.js';
import { segmentFileNameOf } from '../wal/segment-name.js';
import { takeTurnsAtTimes } from './abort.js';
import type { ByteSource } from './byte-source.js';
import { emptyRoom, type Reading, type Room } from './reading.js';
import { SegmentBytes, type WindowBytes, windowSizeOf } from './segment-bytes.js';
import { problemOf } from './stored-bytes.js';

/** A segment to be read. */
export interface SourceSegment extends PlacedSegment {
  source: ByteSource;
  /** Further files with the same content, or with the beginning of it: for when {@link source} cannot be read any more. */
  copies?: readonly ByteSource[];
}

/** A segment in memory, or a window of one, ready for a `WalReader`. */
export interface SegmentRead<S extends SourceSegment = SourceSegment> {
  segment: Segment;
  file: S;
  /** Why it is not whole: what could be read of it is in {@link segment} all the same. */
  problem: WalError | undefined;
  /**
   * It is a `.partial` file that ends before the segment does. That is no problem: zeroes stand for what is not written
   * yet, as in a file that `pg_receivewal` does not compress.
   */
  padded: boolean;
}

/** A window of a segment; what is said of the file is said with the last one. */
export interface WindowRead<S extends SourceSegment = SourceSegment> extends SegmentRead<S> {
  isLast: boolean;
}

/** Enough that unpacking goes on while one is decoded. Large ones take memory enough by themselves. */
const READ_AHEAD = 2;
const READ_AHEAD_BYTES = 32 * 1024 * 1024;

/**
 * Reads segments one after the other. The next few ({@link READ_AHEAD}) are read in the meantime, so that never more
 * than that many and the one given are in memory, whatever the number of segments.
 */
export function readSegments<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>>,
  format: WalFormat,
  reading: Reading,
): AsyncGenerator<SegmentRead<S>> {
  return readAhead(segments, format, reading, format.segmentSize, READ_AHEAD, emptyRoom);
}

/**
 * Reads segments one after the other, large ones window by window, in the same memory again and again: a window's bytes,
 * and the records in it, are good until the one after the next is asked for.
 * @param most how many windows are read ahead
 */
export function readWindows<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>> | AsyncIterable<ChainSegment<S>>,
  format: WalFormat,
  reading: Reading,
  most = READ_AHEAD,
): AsyncGenerator<WindowRead<S>> {
  // those being read, the one given, and the one before it
  const rooms = Array.from({ length: most + 2 }, emptyRoom);
  let turn = 0;
  const windowSize = windowSizeOf(format.segmentSize, reading);
  return readAhead(segments, format, reading, windowSize, most, () => rooms[turn++ % rooms.length]);
}

async function* readAhead<S extends SourceSegment>(
  segments: Iterable<ChainSegment<S>> | AsyncIterable<ChainSegment<S>>,
  format: WalFormat,
  reading: Reading,
  windowSize: number,
  readAheadAtMost: number,
  nextRoom: () => Room,
): AsyncGenerator<WindowRead<S>> {
  const most = Math.min(readAheadAtMost, Math.floor(READ_AHEAD_BYTES / windowSize));
  const ahead: { file: SegmentWindows<S>; window: Promise<WindowRead<S> | undefined> }[] = [];
  const next = (): Promise<WindowRead<S> | undefined> => ahead.shift()!.window;
  let failure: { error: unknown } | undefined;
  try {
    const there = untilFailure(segments, (error) => {
      failure = { error };
    });
    for await (const segment of there) {
      const file = new SegmentWindows(segment, format, reading, windowSize);
      for (let at = 0; at < format.segmentSize; at += windowSize) {
        const window = file.next(nextRoom());
        window.catch(() => {}); // it is looked at when its turn comes
        ahead.push({ file, window });
        if (ahead.length <= most) continue;
        const read = await next();
        if (read !== undefined) yield read;
      }
    }
    // what there is before a file that is missing comes first
    while (ahead.length > 0) {
      const read = await next();
      if (read !== undefined) yield read;
    }
  } finally {
    await Promise.all(ahead.map(({ file }) => file.close()));
  }
  if (failure !== undefined) throw failure.error;
}

/** What there is before the iteration fails, if it does. */
async function* untilFailure<T>(
  items: Iterable<T> | AsyncIterable<T>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    onFailure(error);
  }
}

/**
 * Reads one segment. What is wrong with it is told in {@link SegmentRead.problem}. The rest as of `readSegmentBytes`.
 * Where a server has taken a file away meanwhile, a copy of it stands in that has WAL to the end of the segment.
 *
 * `pg_receivewal` compresses as it receives: what it writes to ends anywhere in the compressed data, or has no bytes
 * yet (src/bin/pg_basebackup/walmethods.c; gzip since 10, LZ4 since 15).
 */
export async function readSegment<S extends SourceSegment>(
  segment: ChainSegment<S>,
  format: WalFormat,
  reading: Reading,
  room = emptyRoom(),
): Promise<SegmentRead<S>> {
  const { isLast, ...read } = (await new SegmentWindows(segment, format, reading, format.segmentSize).next(
    room,
  ))!;
  return read;
}

/** Reads one segment as {@link readSegment} does, window by window. */
export class SegmentWindows<S extends SourceSegment> {
  private readonly bytes: SegmentBytes;
  private at = 0;
  private isFirstPage = true;
  /** Nothing more is in the file, and zeroes stand for the rest. */
  private padded = false;
  /** What is read instead, from some window on. */
  private copy: { file: S; windows: SegmentWindows<S> } | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly wanted: ChainSegment<S>,
    private readonly format: WalFormat,
    private readonly reading: Reading,
    private readonly windowSize = windowSizeOf(format.segmentSize, reading),
  ) {
    this.bytes = new SegmentBytes(wanted.file.source, format.segmentSize, reading, windowSize);
  }

  /**
   * The next window, which is there when those asked for before are.
   * @param room to read it into
   * @returns undefined after the last
   */
  next(room: Room): Promise<WindowRead<S> | undefined> {
    const window = this.turn.then(() => this.read(room));
    this.turn = window;
    return window;
  }

  /** Ends reading before the last window. */
  async close(): Promise<void> {
    await this.turn.catch(() => {});
    this.at = this.format.segmentSize;
    await this.copy?.windows.close();
    await this.bytes.close();
  }

  private async read(room: Room): Promise<WindowRead<S> | undefined> {
    const { at, copy } = this;
    if (copy !== undefined) return ofCopy(await copy.windows.next(room), copy.file);
    if (at >= this.format.segmentSize) return undefined;
    const window = await this.readFile(room);
    const { file } = this.wanted;
    if (window.problem?.kind !== 'system' || file.placedByName === true) return window;
    for (const source of file.copies ?? []) {
      const read = await this.readCopy({ ...file, source }, at);
      if (read !== undefined) return read;
    }
    return window;
  }

  private async readFile(room: Room): Promise<WindowRead<S>> {
    const { file, end } = this.wanted;
    const { at, format, windowSize } = this;
    const start = file.start + BigInt(at);
    const size = Math.min(windowSize, format.segmentSize - at);
    await takeTurnsAtTimes(this.reading.signal);
    const read = this.padded ? NOTHING : await this.bytes.next(room);
    const { bytes: written, problem } = read;
    this.padded ||= file.partial === true && isCut(problem);
    const isLast = at + size === format.segmentSize || (read.isLast && !this.padded);
    const bytes = this.padded ? withZeroes(written, size, room) : written;
    // what comes after a switch point is another timeline's: to a reader WAL ends there
    if (end < start + BigInt(size)) bytes.fill(0, Math.max(0, Number(end - start)));
    const stretch = isLast ? format.segmentSize - at : size;
    const segment = makeWindow(bytes, format, start, file.timeline, stretch);
    this.at += stretch;
    if (at === 0) this.isFirstPage = file.placedByName === true || isFirstPageOf(segment);
    const whole = { segment, file, padded: isLast && this.padded, isLast };
    if (!isLast || this.padded) return { ...whole, problem: undefined };
    if (problem === undefined) {
      return { ...whole, problem: this.isFirstPage ? undefined : replaced(file, segment) };
    }
    return { ...whole, problem: isCut(problem) ? placed(problem, segment, written) : problem };
  }

  /** Goes on with a copy, where that is whole. */
  private async readCopy(file: S, from: number): Promise<WindowRead<S> | undefined> {
    const { end } = this.wanted;
    const alone = { file: { ...file, copies: [] }, end };
    const newCopy = (): SegmentWindows<S> =>
      new SegmentWindows(alone, this.format, this.reading, this.windowSize);
    const room = emptyRoom();
    const whole = newCopy();
    for (;;) {
      const { at } = whole;
      const window = await whole.next(room);
      if (window === undefined || window.problem !== undefined) return undefined;
      if (!window.isLast) continue;
      if (!hasLastPage(window.segment)) return undefined;
      if (at === from) return ofCopy(window, file);
      break;
    }
    this.copy = { file, windows: newCopy() };
    for (;;) {
      const window = await this.copy.windows.next(emptyRoom());
      if (window === undefined || window.segment.start === file.start + BigInt(from))
        return ofCopy(window, file);
    }
  }
}

const ofCopy = <S extends SourceSegment>(
  window: WindowRead<S> | undefined,
  file: S,
): WindowRead<S> | undefined => window && { ...window, file };

const NOTHING: WindowBytes = { bytes: new Uint8Array(0), problem: undefined, isLast: true };

/**
 * A file that is another segment by now, or none: a server renames its old segments and uses them again, and whoever
 * copies files may put others in their place.
 */
function replaced({ source, start }: SourceSegment, { timeline, segmentSize }: Segment): WalError {
  const name = segmentFileNameOf(timeline, start, segmentSize);
  const text = message`${source.name} does not begin as segment ${name} does, and not as it did before: it was replaced while it was being read; ask again`;
  return new WalError('unreadable', text, { file: source.name, lsn: start });
}

/** WAL is written in order: with the last page all before it is there. What is cut before its end may not have it. */
function hasLastPage({ bytes, start, size, blockSize }: Segment): boolean {
  const at = size - blockSize;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getBigUint64(at + XLP_PAGEADDR, true) === start + BigInt(at);
}

function isFirstPageOf({ bytes, start, systemIdentifier }: Segment): boolean {
  try {
    const header = parseLongPageHeader(bytes);
    return header.pageAddress === start && header.systemIdentifier === systemIdentifier;
  } catch (error) {
    problemOf(error);
    return false;
  }
}

/** With the LSN of the first page that is not whole: from there on nothing can be read. */
function placed(problem: WalError, { start, blockSize }: Segment, { length }: Uint8Array): WalError {
  const { code, said, file, cause } = problem;
  return new WalError(code, said, { file, lsn: start + BigInt(length - (length % blockSize)), cause });
}

const isCut = (problem: WalError | undefined): boolean =>
  problem?.code === 'truncated-segment' || problem?.kind === 'broken-file';

function withZeroes(bytes: Uint8Array, size: number, room: Room): Uint8Array {
  if (room.bytes.length < size) room.bytes = new Uint8Array(size);
  room.bytes.set(bytes);
  return room.bytes.subarray(0, size).fill(0, bytes.length);
}
