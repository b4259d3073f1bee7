import type { Codec } from './codec.js';
import { lz4Frames } from './lz4-frame.js';

export const lz4 = {
  name: 'lz4',
  magic: [0x04, 0x22, 0x4d, 0x18],
  suffixes: ['lz4'],
  command: 'lz4 -dc',
  acceptsNothing: true,
  unpack: ({ input }) => lz4Frames(input),
} as const satisfies Codec;
