import { WalError } from '../wal/error.js';
import { GunzipStream } from '../wal/gzip.js';
import { message } from '../wal/message.js';
import { LONG_PAGE_HEADER_SIZE, parseLongPageHeader } from '../wal/page-header.js';

/**
 * A byte of deflate data stands for at most 1032 bytes: no bite makes more than 66 MB of output. Smaller ones cost
 * time (docs/decisions/compression.md).
 */
const BITE = 64 * 1024;

/**
 * A segment's bytes as they come out of an archive, unpacked when they are gzip. For where there is no
 * `node:zlib`; never makes more than the size of a segment that the first page states.
 * @throws WalError `corrupt-compression`, `oversized-segment`, and as `parseLongPageHeader` does
 */
export function gunzipSegment(bytes: Uint8Array, file?: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const output = new SegmentOutput(file);
  let pieces: Uint8Array[] = [];
  const stream = new GunzipStream((piece) => pieces.push(piece));
  try {
    for (let at = 0; at < bytes.length; at += BITE) {
      stream.push(bytes.subarray(at, at + BITE));
      for (const piece of pieces) output.add(piece);
      pieces = [];
    }
    stream.end();
  } catch (error) {
    if (!(error instanceof WalError) || error.code !== 'corrupt-compression') throw error;
    const text = message`${file ?? 'this WAL segment'} cannot be unpacked: ${error.said}`;
    throw new WalError(error.code, text, { file, cause: error });
  }
  return output.bytes;
}

class SegmentOutput {
  private room: Uint8Array<ArrayBuffer> = new Uint8Array(64 * 1024);
  private size = 0;
  private limit: number | undefined;

  constructor(private readonly file: string | undefined) {}

  get bytes(): Uint8Array {
    return this.room.subarray(0, this.size);
  }

  add(piece: Uint8Array): void {
    const size = this.size + piece.length;
    if (size > this.room.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.room.length));
      larger.set(this.bytes);
      this.room = larger;
    }
    this.room.set(piece, this.size);
    this.size = size;
    if (size >= LONG_PAGE_HEADER_SIZE) this.limit ??= parseLongPageHeader(this.bytes, this.file).segmentSize;
    if (this.limit !== undefined && size > this.limit) {
      throw new WalError(
        'oversized-segment',
        message`${this.file ?? 'this WAL segment'} unpacks to more than the ${this.limit} bytes that it states as its size`,
        { file: this.file },
      );
    }
  }
}
