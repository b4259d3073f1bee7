import { concat } from './concat.js';
import { message } from './message.js';
import { WindowRoom } from './window-room.js';
import { BlockDecoder, LARGEST_BLOCK } from './zstd-block.js';
import { corrupt } from './zstd-entropy.js';

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const SKIPPABLE_HEADER_SIZE = 8;
const BLOCK_HEADER_SIZE = 3;
/** The greatest window that `zstd` itself unpacks without being told to (`--long=27`). */
const LARGEST_WINDOW = 128 * 1024 * 1024;
/** How much comes on top of a window before the window is moved to the front again, at the most. */
const LARGEST_MARGIN = 8 * 1024 * 1024;

/**
 * Unpacks Zstandard frames, as full-page images hold one (since 15).
 * @param rawSize bytes they must unpack to, as stored beside them
 * @throws WalError `corrupt-compression`
 */
export function zstdDecompress(source: Uint8Array, rawSize: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new ZstdStream();
  for (const part of stream.push(source)) {
    size += part.length;
    if (size > rawSize) throw corrupt(message`unpacks to more than the size it states`);
    parts.push(part);
  }
  stream.end();
  if (size !== rawSize) throw corrupt(message`unpacks to less than the size it states`);
  return parts.length === 1 ? parts[0] : concat(parts);
}

/**
 * Unpacks Zstandard frames piece by piece. By no library: docs/decisions/compression.md. A block makes no more than
 * 128 KiB, and memory is taken for what really comes: a window and 8 MiB at the most.
 * Format: RFC 8878. A frame's checksum (xxHash) is passed over: what is in WAL carries its CRC-32C.
 */
export class ZstdStream {
  private waiting: Uint8Array[] = [];
  private available = 0;
  /** How many bytes it takes to go on. */
  private needed = 1;
  private skip = 0;
  private frame: Frame | undefined;
  private readonly room = new WindowRoom();

  /** @throws WalError `corrupt-compression` */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.waiting.push(chunk);
    this.available += chunk.length;
    if (this.available < this.needed) return;
    let bytes = this.waiting.length === 1 ? chunk : concat(this.waiting);
    for (;;) {
      this.needed = this.sizeOfNext(bytes);
      if (this.needed > bytes.length) break;
      const part = this.take(bytes.subarray(0, this.needed));
      bytes = bytes.subarray(this.needed);
      if (part !== undefined && part.length > 0) yield part;
    }
    this.waiting = [bytes];
    this.available = bytes.length;
  }

  /** @throws WalError `corrupt-compression` where the input has ended within a frame */
  end(): void {
    if (this.frame || this.skip > 0 || this.available > 0) throw corrupt(message`ends too early`);
  }

  /** Of a frame's header, a block or bytes to skip; where that is not known yet, what it takes to know more. */
  private sizeOfNext(bytes: Uint8Array): number {
    if (this.skip > 0) return Math.min(this.skip, Math.max(bytes.length, 1));
    const view = viewOf(bytes);
    if (this.frame !== undefined) {
      if (bytes.length < BLOCK_HEADER_SIZE) return BLOCK_HEADER_SIZE;
      const { type, size, isLast } = blockHeader(view);
      if (size > LARGEST_BLOCK) throw corrupt(message`has too large a block`);
      const checksumSize = isLast && this.frame.hasChecksum ? 4 : 0;
      return BLOCK_HEADER_SIZE + (type === RUN ? 1 : size) + checksumSize;
    }
    if (bytes.length < 5) return 5;
    const magic = view.getUint32(0, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return SKIPPABLE_HEADER_SIZE;
    if (magic !== FRAME_MAGIC) throw corrupt(message`does not begin with a frame`);
    return frameHeaderSize(view.getUint8(4));
  }

  /** Takes in what {@link sizeOfNext} tells the size of. @returns what it unpacks to, if it is of that kind */
  private take(bytes: Uint8Array): Uint8Array | undefined {
    if (this.skip > 0) this.skip -= bytes.length;
    else if (this.frame !== undefined) return this.takeBlock(bytes, this.frame);
    else if (viewOf(bytes).getUint32(0, true) !== FRAME_MAGIC) this.skip = viewOf(bytes).getUint32(4, true);
    else this.takeFrameHeader(viewOf(bytes));
    return undefined;
  }

  private takeFrameHeader(view: DataView): void {
    const header = frameHeader(view);
    if (header.windowSize > LARGEST_WINDOW) {
      throw corrupt(message`needs a window of ${header.windowSize} bytes, too much to be true`);
    }
    this.frame = { ...header, blocks: undefined, size: 0 };
    this.room.used = 0;
  }

  private takeBlock(bytes: Uint8Array, frame: Frame): Uint8Array {
    const { room } = this;
    const { windowSize } = frame;
    const { type, size, isLast } = blockHeader(viewOf(bytes));
    const content = bytes.subarray(BLOCK_HEADER_SIZE, BLOCK_HEADER_SIZE + size);
    const most = Math.min(windowSize, LARGEST_BLOCK);
    if (type !== PACKED && size > most) throw corrupt(message`has too large a block`);
    const margin = Math.min(Math.max(windowSize, LARGEST_BLOCK), LARGEST_MARGIN);
    room.reserve(type === PACKED ? most : size, windowSize, margin);
    const from = room.used;
    let to = from + size;
    if (type === RUN) room.bytes.fill(content[0], from, to);
    else if (type === RAW) room.bytes.set(content, from);
    else if (type === PACKED) {
      frame.blocks ??= new BlockDecoder();
      to = frame.blocks.unpack(content, room.bytes, from, windowSize);
    } else throw corrupt(message`has an unknown kind of block`);
    room.used = to;
    frame.size += to - from;
    const { contentSize = frame.size } = frame;
    if (isLast ? frame.size !== contentSize : frame.size > contentSize) {
      throw corrupt(message`does not unpack to the size it states`);
    }
    if (isLast) this.frame = undefined;
    return room.bytes.slice(from, to);
  }
}

interface Frame extends FrameHeader {
  blocks: BlockDecoder | undefined;
  /** What it has been unpacked to so far, in bytes. */
  size: number;
}

interface FrameHeader {
  windowSize: number;
  /** Undefined where it is not stated. */
  contentSize: number | undefined;
  hasChecksum: boolean;
}

/** RFC 8878, section 3.1.1.1. */
function frameHeaderSize(descriptor: number): number {
  return contentSizeAt(descriptor) + contentSizeSize(descriptor);
}

const isSingleSegment = (descriptor: number): boolean => (descriptor & 0x20) !== 0;

const contentSizeAt = (descriptor: number): number =>
  5 + (isSingleSegment(descriptor) ? 0 : 1) + [0, 1, 2, 4][descriptor & 3];

function contentSizeSize(descriptor: number): number {
  const flag = descriptor >> 6;
  return flag > 0 ? 1 << flag : isSingleSegment(descriptor) ? 1 : 0;
}

function frameHeader(view: DataView): FrameHeader {
  const descriptor = view.getUint8(4);
  if (descriptor & 8) throw corrupt(message`has an unknown frame header`);
  const at = contentSizeAt(descriptor);
  const dictionaryAt = isSingleSegment(descriptor) ? 5 : 6;
  for (let i = dictionaryAt; i < at; i++)
    if (view.getUint8(i) !== 0) throw corrupt(message`needs a dictionary`);
  const contentSize = contentSizeOf(view, at, contentSizeSize(descriptor));
  return {
    windowSize: isSingleSegment(descriptor) ? (contentSize ?? 0) : windowSize(view.getUint8(5)),
    contentSize,
    hasChecksum: (descriptor & 4) !== 0,
  };
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSizeOf(view: DataView, at: number, size: number): number | undefined {
  if (size === 0) return undefined;
  if (size === 1) return view.getUint8(at);
  if (size === 2) return view.getUint16(at, true) + 256;
  return size === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

const RAW = 0;
const RUN = 1;
const PACKED = 2;

/** RFC 8878, section 3.1.1.2. */
function blockHeader(view: DataView): { isLast: boolean; type: number; size: number } {
  const header = view.getUint16(0, true) | (view.getUint8(2) << 16);
  return { isLast: (header & 1) === 1, type: (header >> 1) & 3, size: header >> 3 };
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
