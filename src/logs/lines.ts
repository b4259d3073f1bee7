import { decodeText, encodeText } from '../text/encoding.js';
import { concat } from '../wal/concat.js';

/** The most that is kept of a line, in bytes: of a statement longer than that its beginning is enough. */
const MOST_OF_LINE = 1024 * 1024;
const NEWLINE = 0x0a;

/** Whether a line is only the beginning of one that was longer. */
export const isCutOff = (line: string): boolean =>
  // at most three bytes for a unit of UTF-16
  3 * line.length >= MOST_OF_LINE && encodeText(line).length >= MOST_OF_LINE;

/** The lines of a file, a piece's at a time, without their ends. What a line has beyond a mebibyte is left out. */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  let kept: Uint8Array[] = [];
  let length = 0;
  const keep = (bytes: Uint8Array): void => {
    const part = bytes.subarray(0, MOST_OF_LINE - length);
    if (part.length === 0) return;
    kept.push(part);
    length += part.length;
  };
  for await (const piece of pieces) {
    const last = piece.lastIndexOf(NEWLINE);
    if (last < 0) {
      keep(piece);
      continue;
    }
    const first = piece.indexOf(NEWLINE);
    keep(piece.subarray(0, first));
    const lines = [decodeText(concat(kept))];
    if (last > first) lines.push(...decodeText(piece.subarray(first + 1, last)).split('\n'));
    yield lines.map(withoutReturn);
    kept = [];
    length = 0;
    keep(piece.subarray(last + 1));
  }
  if (length > 0) yield [withoutReturn(decodeText(concat(kept)))];
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
