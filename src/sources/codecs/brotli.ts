import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import type { Codec } from './codec.js';

/** Unpacked by Node's own zlib alone: of portable libraries none gives it piece by piece. */
export const brotli = {
  name: 'brotli',
  suffixes: ['br'],
  command: 'brotli -dc',
  // biome-ignore lint/correctness/useYield: it has nothing to give
  async *unpack() {
    const why = message`it is compressed by Brotli, which only Node unpacks: use walscan/node, or unpack it first`;
    throw new WalError('unsupported-compression', why);
  },
} as const satisfies Codec;
