import { WalError } from '../../wal/error.js';
import { GREATEST_RATIO, lz4BlockInto } from '../../wal/lz4.js';
import { type Message, message } from '../../wal/message.js';
import { WindowRoom } from '../../wal/window-room.js';
import type { ChunkReader } from '../chunk-reader.js';

const FRAME_MAGIC = 0x184d2204;
const SKIPPABLE_MAGIC = 0x184d2a50;
/** How far back a match may reach. */
const WINDOW = 64 * 1024;
const BLOCK_SIZES: { [code: number]: number } = { 4: 64 << 10, 5: 256 << 10, 6: 1 << 20, 7: 4 << 20 };

/**
 * Unpacks LZ4 frames, as the `lz4` program and backup tools write them, one block at a time.
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 *
 * The frame's own checksums (xxHash) are passed over: what is in WAL carries its CRC-32C.
 */
export async function* lz4Frames(input: ChunkReader): AsyncGenerator<Uint8Array> {
  // one for all frames: to take memory for each would take longer than to unpack it
  const room = new WindowRoom();
  for (let magic = await input.take(4); magic; magic = await input.take(4)) {
    const value = u32(magic);
    if ((value & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) await skip(input, u32(await need(input, 4)));
    else if (value === FRAME_MAGIC) yield* frame(input, room);
    else throw corrupt(message`has something else after a frame`);
  }
}

async function* frame(input: ChunkReader, room: WindowRoom): AsyncGenerator<Uint8Array> {
  const [flags, blockDescriptor] = await need(input, 2);
  const blockSize = BLOCK_SIZES[blockDescriptor >> 4];
  if (flags >> 6 !== 1 || blockSize === undefined) throw corrupt(message`has an unknown frame header`);
  if (flags & 1) throw corrupt(message`needs a dictionary`);
  const independent = (flags & 0x20) !== 0;
  const blockChecksumSize = flags & 0x10 ? 4 : 0;
  const contentSize = flags & 8 ? u64(await need(input, 8)) : undefined;
  await need(input, 1); // header checksum

  room.used = 0;
  let unpacked = 0;
  for (;;) {
    const header = u32(await need(input, 4));
    if (header === 0) break;
    const size = header & 0x7fffffff;
    if (size > blockSize) throw corrupt(message`has too large a block`);
    const block = await need(input, size);
    if (blockChecksumSize > 0) await need(input, blockChecksumSize);
    if (independent) room.used = 0;
    const isPacked = header === size;
    const most = isPacked ? Math.min(blockSize, size * GREATEST_RATIO) : size;
    room.reserve(most, WINDOW, 2 * blockSize);
    const at = room.used;
    if (isPacked) room.used = lz4BlockInto(block, room.bytes.subarray(0, at + most), at);
    else {
      room.bytes.set(block, at);
      room.used += size;
    }
    if (room.used > at) yield room.bytes.slice(at, room.used);
    unpacked += room.used - at;
  }
  if (contentSize !== undefined && contentSize !== unpacked) {
    throw corrupt(message`does not unpack to the size it states`);
  }
  await need(input, flags & 4 ? 4 : 0); // content checksum
}

async function need(input: ChunkReader, size: number): Promise<Uint8Array> {
  const bytes = await input.take(size);
  if (bytes === undefined) throw corrupt(message`ends too early`);
  return bytes;
}

async function skip(input: ChunkReader, size: number): Promise<void> {
  for (let left = size; left > 0; left -= Math.min(left, WINDOW)) await need(input, Math.min(left, WINDOW));
}

const u32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);

const u64 = (bytes: Uint8Array): number =>
  Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));

function corrupt(what: Message): WalError {
  return new WalError('corrupt-compression', message`LZ4 data ${what}`);
}
