import { type Input, sizeOf } from './input.js';

const MOST_TRIES = 3000;
const MOST_MS = 10_000;

/** A smaller input that does the same: without parts, without bytes, with zeroes for bytes; as far as it is quickly found. */
export async function minimised(
  input: Input,
  doesTheSame: (input: Input) => Promise<boolean>,
): Promise<Input> {
  let best = input;
  let tries = 0;
  const end = performance.now() + MOST_MS;
  const isOver = (): boolean => tries >= MOST_TRIES || performance.now() > end;

  async function take(candidate: Input): Promise<boolean> {
    if (isOver()) return false;
    tries++;
    if (!(await doesTheSame(candidate))) return false;
    best = candidate;
    return true;
  }

  for (let before = Number.POSITIVE_INFINITY; sizeOf(best) < before && !isOver(); ) {
    before = sizeOf(best);
    for (let i = best.length - 1; i >= 0; i--) await take(best.filter((_, at) => at !== i));
    for (let i = 0; i < best.length; i++) {
      const put = (part: Uint8Array): Promise<boolean> =>
        take(best.map((one, at) => (at === i ? part : one)));
      for (let size = best[i].length; size >= 1; size >>= 1) {
        for (let at = best[i].length - size; at >= 0 && !isOver(); at -= size) {
          await put(Uint8Array.from([...best[i].subarray(0, at), ...best[i].subarray(at + size)]));
        }
      }
      for (let at = 0; at < best[i].length && !isOver(); at++) {
        if (best[i][at] !== 0) await put(best[i].map((byte, j) => (j === at ? 0 : byte)));
      }
    }
  }
  return best;
}
