import { type Message, message } from '../../wal/message.js';
import type { ChunkReader } from '../chunk-reader.js';
import { type Codec, corrupt } from './codec.js';

const BITE = 64 * 1024;

export const xz = {
  name: 'xz',
  magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  suffixes: ['xz'],
  command: 'xz -dc',
  async *unpack({ input }) {
    const { XzReadableStream } = await import('./xz-library.js');
    try {
      yield* new XzReadableStream(webStream(input));
    } catch (error) {
      const [, code] = (error instanceof Error && /error code (\d)$/.exec(error.message)) || [];
      throw code === undefined ? error : corrupt(ERRORS[Number(code)] ?? message`xz error ${code}`);
    }
  },
} as const satisfies Codec;

/** Pieces are asked for as they are needed, and no longer than that. */
function webStream(input: ChunkReader): ReadableStream<Uint8Array> {
  const pieces = input.pieces(BITE);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

/** What the codes of the xz library mean (`enum xz_ret`, XZ Embedded). */
const ERRORS: { [code: number]: Message } = {
  3: message`there is not enough memory for its dictionary`,
  4: message`it needs a dictionary of more than 64 MiB`,
  5: message`not in xz format`,
  6: message`compressed with options that are not supported (SHA-256 checks, filters)`,
  7: message`the data are damaged`,
  8: message`the file ends too early or is damaged`,
};
