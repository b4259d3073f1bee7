/** A frame of Zstandard. */
export interface ZstdFrame {
  bytes: Uint8Array;
  /** How much it says that it unpacks to. */
  contentSize: number | undefined;
}

const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const CHECKSUM_SIZE = 4;
/** Two bits of the descriptor say how long what follows it is (RFC 8878, 3.1.1.1). */
const DICTIONARY_SIZES = [0, 1, 2, 4];
const CONTENT_SIZES = [0, 2, 4, 8];
/** Of two bytes, this is added to what they say. */
const SHORT_BASE = 256;
const RLE = 1;
const RESERVED = 3;

/**
 * The frames of a file, but for those that hold no data, by the sizes of their blocks alone (RFC 8878, 3.1.1).
 * @param most how many there may be
 * @returns undefined where there are more, anything else is among them, or the last one is not whole
 */
export function zstdFrames(file: Uint8Array, most: number): ZstdFrame[] | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const frames: ZstdFrame[] = [];
  let at = 0;
  try {
    while (at < file.length) {
      const magic = view.getUint32(at, true);
      if ((magic & ~0xf) === SKIPPABLE_MAGIC) {
        at += 8 + view.getUint32(at + 4, true);
        continue;
      }
      if (magic !== FRAME_MAGIC || frames.length === most) return undefined;
      const { contentSize, end } = frameAt(view, at);
      if (end > file.length) return undefined;
      frames.push({ bytes: file.subarray(at, end), contentSize });
      at = end;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return at === file.length ? frames : undefined;
}

/** @throws RangeError where it is not whole */
function frameAt(view: DataView, start: number): { contentSize: number | undefined; end: number } {
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const sizeOfSize = CONTENT_SIZES[descriptor >> 6] || Number(isSingleSegment);
  let at = start + 5 + Number(!isSingleSegment) + DICTIONARY_SIZES[descriptor & 3];
  const contentSize = sizeAt(view, at, sizeOfSize);
  at += sizeOfSize;
  for (let isLast = false; !isLast; ) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const type = (header >> 1) & 3;
    if (type === RESERVED) throw new RangeError('there is no such block');
    isLast = (header & 1) !== 0;
    at += 3 + (type === RLE ? 1 : header >> 3);
  }
  return { contentSize, end: at + (hasChecksum ? CHECKSUM_SIZE : 0) };
}

function sizeAt(view: DataView, at: number, bytes: number): number | undefined {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, true) + SHORT_BASE;
    case 4:
      return view.getUint32(at, true);
    case 8:
      return Number(view.getBigUint64(at, true));
    default:
      return undefined;
  }
}
