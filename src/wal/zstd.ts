import { Decompress } from 'fzstd';
import { concat } from './concat.js';
import { WalError } from './error.js';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const LONGEST_FRAME_HEADER = 18;
const LARGEST_BLOCK = 128 * 1024;
/** The greatest window that `zstd` itself unpacks without being told to (`--long=27`). */
const LARGEST_WINDOW = 128 * 1024 * 1024;

/**
 * Unpacks one Zstandard frame, as full-page images hold it (since 15). A window much larger than what comes out is
 * refused: to allocate 128 MiB for each of a segment's images would take half an hour.
 * @param rawSize bytes the frame must unpack to, as stored beside it
 * @throws WalError `corrupt-compression`
 */
export function zstdDecompress(source: Uint8Array, rawSize: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new ZstdStream(
    (part) => {
      size += part.length;
      if (size > rawSize) throw corrupt('unpacks to more than the size it states');
      parts.push(part);
    },
    Math.max(rawSize, LARGEST_BLOCK),
  );
  stream.push(source);
  stream.end();
  if (size !== rawSize) throw corrupt('unpacks to less than the size it states');
  return parts.length === 1 ? parts[0] : concat(parts);
}

/**
 * Unpacks Zstandard frames piece by piece. fzstd does the unpacking; it is handed one frame at a time and one
 * block at a time, so that the window a frame asks for is checked before it is allocated, and no input makes
 * more than 128 KiB of output at once.
 * Format: RFC 8878.
 */
export class ZstdStream {
  private pending: Uint8Array = new Uint8Array(0);
  private frame: { decoder: Decompress; checksumSize: number } | undefined;
  private readonly parts: Uint8Array[] = [];
  private skip = 0;

  /** @param largestWindow in bytes; frames that need a larger one are refused */
  constructor(
    private readonly output: (part: Uint8Array) => void,
    private readonly largestWindow = LARGEST_WINDOW,
  ) {}

  /** @throws WalError `corrupt-compression`, and whatever `output` throws */
  push(chunk: Uint8Array): void {
    this.pending = this.pending.length === 0 ? chunk : concat([this.pending, chunk]);
    while (this.step(false));
  }

  /** @throws WalError `corrupt-compression` when the input ends within a frame */
  end(): void {
    while (this.step(true));
    if (this.frame || this.skip > 0 || this.pending.length > 0) throw corrupt('ends too early');
  }

  /** Takes one unit off the pending bytes: a frame header, a block or bytes to skip; false when it needs more. */
  private step(final: boolean): boolean {
    if (this.pending.length === 0) return false;
    if (this.skip > 0) {
      const skipped = Math.min(this.skip, this.pending.length);
      this.skip -= skipped;
      this.pending = this.pending.subarray(skipped);
      return true;
    }
    return this.frame ? this.takeBlock(this.frame) : this.takeFrameHeader(final);
  }

  private takeFrameHeader(final: boolean): boolean {
    if (this.pending.length < LONGEST_FRAME_HEADER && !final) return false;
    const view = new DataView(this.pending.buffer, this.pending.byteOffset, this.pending.byteLength);
    if (view.byteLength < 8) throw corrupt('ends within a frame header');
    const magic = view.getUint32(0, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      this.skip = 8 + view.getUint32(4, true);
      return true;
    }
    if (magic !== FRAME_MAGIC) throw corrupt('does not begin with a frame');
    const { size, windowSize, checksumSize } = frameHeader(view);
    if (size > view.byteLength) throw corrupt('ends within a frame header');
    if (windowSize > this.largestWindow)
      throw corrupt(`needs a window of ${windowSize} bytes, too much to be true`);
    this.frame = { decoder: new Decompress((part) => this.parts.push(part)), checksumSize };
    this.feed(size, false);
    return true;
  }

  private takeBlock(frame: { checksumSize: number }): boolean {
    if (this.pending.length < 3) return false;
    const header = this.pending[0] | (this.pending[1] << 8) | (this.pending[2] << 16);
    const last = (header & 1) === 1;
    const isRunLength = ((header >> 1) & 3) === 1;
    const blockSize = header >> 3;
    if (blockSize > LARGEST_BLOCK) throw corrupt('has too large a block');
    const size = 3 + (isRunLength ? 1 : blockSize) + (last ? frame.checksumSize : 0);
    if (this.pending.length < size) return false;
    this.feed(size, last);
    if (last) this.frame = undefined;
    return true;
  }

  private feed(size: number, last: boolean): void {
    const unit = this.pending.subarray(0, size);
    this.pending = this.pending.subarray(size);
    try {
      this.frame?.decoder.push(unit, last);
    } catch (error) {
      // nothing but the library can have failed
      throw corrupt(`is damaged (${(error as Error).message})`);
    }
    for (const part of this.parts.splice(0)) if (part.length > 0) this.output(part);
  }
}

/** RFC 8878, section 3.1.1.1: how long the header is, what it asks to allocate and whether a checksum follows. */
function frameHeader(view: DataView): { size: number; windowSize: number; checksumSize: number } {
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionarySize = [0, 1, 2, 4][descriptor & 3];
  const contentSizeFlag = descriptor >> 6;
  const contentSizeSize = contentSizeFlag > 0 ? 1 << contentSizeFlag : singleSegment ? 1 : 0;
  const contentSizeAt = 5 + (singleSegment ? 0 : 1) + dictionarySize;
  const size = contentSizeAt + contentSizeSize;
  if (size > view.byteLength) throw corrupt('ends within a frame header');
  return {
    size,
    windowSize: singleSegment
      ? contentSize(view, contentSizeAt, contentSizeSize)
      : windowSize(view.getUint8(5)),
    checksumSize: descriptor & 4 ? 4 : 0,
  };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(view: DataView, at: number, size: number): number {
  if (size === 1) return view.getUint8(at);
  if (size === 2) return view.getUint16(at, true) + 256;
  return size === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

function corrupt(what: string): WalError {
  return new WalError('corrupt-compression', `Zstandard data ${what}`);
}
