import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';

/** A run of blocks that follow each other in a file and in a super block. */
export interface BlockRun {
  /** Of the backup that has them, in the manifest's list. */
  reference: number;
  /** 0 where the file lies by itself. */
  bundleId: number;
  /** Where the super block begins in the bundle or file, and how many bytes it has there. */
  offset: number;
  size: number;
  /** Bytes of the super block, unpacked. */
  superBlockSize: number;
  /** The first block in the super block, and how many there are. */
  block: number;
  count: number;
}

/** The flags in the map's numbers (src/command/backup/blockMap.c, pgBackRest 2.46 to 2.60). */
const LAST = 1n;
const BUNDLE_ID = 2n;
const CONTINUE = 2n;
const OFFSET = 4n;
const CONTINUE_LAST = 4n;
const SUPER_BLOCK_CHANGE = 2n;
const TOTAL_OFFSET = 4n;
const SHIFT = 3n;
const SIZE_REMAINDER = 1n;
const BLOCKS_OFFSET = 1n;

/** What was last said of a reference. */
interface ReferenceState {
  bundleId: number;
  offset: number;
  size: number;
  superBlockSize: number;
  /** The next block in the super block. */
  block: number;
}

/**
 * Reads a block map: of what a file is made up, in its order. Super blocks of a reference come in the order in which
 * they are stored, and so do blocks of a super block, so that each is unpacked once.
 * @throws WalError `corrupt-compression`, without a file's name
 */
export function readBlockMap(bytes: Uint8Array, blockSize: number, checksumSize: number): BlockRun[] {
  const input = new MapReader(bytes);
  if ((input.number() & 1n) !== 0n) throw damaged(message`its version is not known`);
  const runs: BlockRun[] = [];
  const states = new Map<number, ReferenceState>();
  let lastSize = 0n;
  for (let isLastReference = false; !isLastReference; ) {
    const encoded = input.number();
    isLastReference = (encoded & LAST) !== 0n;
    const reference = count(encoded >> SHIFT);
    let state = states.get(reference);
    let isContinued = false;
    if (state === undefined) {
      const bundleId = encoded & BUNDLE_ID ? count(input.number()) : 0;
      const offset = encoded & OFFSET ? count(input.number()) : 0;
      state = { bundleId, offset, size: 0, superBlockSize: blockSize, block: 0 };
      states.set(reference, state);
    } else if (encoded & CONTINUE) isContinued = true;
    else {
      const gap = encoded & OFFSET ? count(input.number()) : 0;
      state.offset = count(BigInt(state.offset) + BigInt(state.size) + BigInt(gap));
    }
    for (let isFirst = true, isLast = false; !isLast; isFirst = false) {
      let hasTotal = true;
      if (isContinued) {
        isLast = (encoded & CONTINUE_LAST) !== 0n;
        isContinued = false;
      } else {
        const said = input.number();
        isLast = (said & LAST) !== 0n;
        hasTotal = (said & TOTAL_OFFSET) !== 0n;
        const size = said >> SHIFT;
        if (said & SUPER_BLOCK_CHANGE) {
          const unit = input.number();
          const rest = unit & SIZE_REMAINDER ? input.number() : 0n;
          state.superBlockSize = count((unit >> 1n) * BigInt(blockSize) + rest);
          if (state.superBlockSize === 0) throw damaged(message`it has a super block of nothing`);
        }
        if (!isFirst) state.offset = count(BigInt(state.offset) + lastSize);
        state.size = count(lastSize === 0n ? size : fromZigZag(size) + lastSize);
        state.block = 0;
      }
      lastSize = BigInt(state.size);
      let blocks = Math.ceil(state.superBlockSize / blockSize);
      if (hasTotal) {
        const total = input.number();
        blocks = count((total >> 1n) + 1n);
        if (total & BLOCKS_OFFSET) state.block = count(BigInt(state.block) + input.number());
      }
      input.skip(blocks * checksumSize);
      const { bundleId, offset, size, superBlockSize, block } = state;
      if ((block + blocks - 1) * blockSize >= superBlockSize)
        throw damaged(message`it has blocks beyond their super block`);
      runs.push({ reference, bundleId, offset, size, superBlockSize, block, count: blocks });
      state.block += blocks;
    }
  }
  return runs;
}

export const fromZigZag = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

function count(value: bigint): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw damaged(message`it has a number that cannot be right`);
  return Number(value);
}

const damaged = (why: Message): WalError =>
  new WalError('corrupt-compression', message`its block map is damaged: ${why}`);

/** Numbers of seven bits a byte, the lowest first, with one more bit for whether another byte comes. */
class MapReader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  number(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.at >= this.bytes.length) throw damaged(message`it ends too early`);
      const byte = this.bytes[this.at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw damaged(message`it has a number without an end`);
  }

  /** Passes over checksums: the file's own says whether the blocks are right. */
  skip(size: number): void {
    this.at += size;
    if (this.at > this.bytes.length) throw damaged(message`it ends too early`);
  }
}
