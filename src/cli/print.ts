import { setImmediate } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { encodeText } from '../text/encoding.js';
import { printableJson } from '../text/printable.js';
import type { Io } from './io.js';
import { page } from './pager.js';
import { wrapped } from './wrap.js';

/** Prints a text for people; on a terminal, no wider than that, and in a pager where it is longer than the screen. */
export function printText(text: string, io: Io): void {
  const fitting = io.screenWidth === undefined ? text : wrapped(text, io.screenWidth);
  const shown = isColoured(io) ? fitting : stripVTControlCharacters(fitting);
  if (!isPaged(shown, io) || !page(shown, io.env)) io.write(shown);
}

/** In colours on a terminal, unless NO_COLOR is set; FORCE_COLOR, unless it is 0, has them anywhere, as Node takes it. */
function isColoured({ isTerminal, env: { NO_COLOR, FORCE_COLOR } }: Io): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && !NO_COLOR;
}

const isPaged = (text: string, io: Io): boolean => mayPage(io) && text.split('\n').length > io.screenLines!;

/** Of a screen whose size is not known (some have 0 lines) nobody can say what is too long for it. */
const mayPage = ({ isTerminal, telling, screenLines = 0 }: Io): boolean =>
  isTerminal && telling.pager && screenLines > 0;

/** As many characters are written at a time, but for the first piece, which waits for no other. */
const AT_ONCE = 1 << 16;

/** More than this goes through no pager, which would get all of it at once. */
const MOST_PAGED = 1 << 24;

/**
 * Prints text that comes in pieces, as much as there is, and lets signals through in between.
 * @param isForPeople on a terminal, in a pager where it is longer than the screen
 */
export async function printPieces(pieces: Iterable<string>, io: Io, isForPeople: boolean): Promise<void> {
  let text = '';
  let waited = 0;
  let atOnce = isForPeople && mayPage(io) ? MOST_PAGED : 1;
  for (const piece of pieces) {
    text += piece;
    if (text.length >= atOnce) {
      io.write(encodeText(text));
      text = '';
      atOnce = AT_ONCE;
    }
    waited += piece.length;
    if (waited < AT_ONCE) continue;
    waited = 0;
    await setImmediate();
  }
  if (text === '') return;
  const isWhole = atOnce === MOST_PAGED;
  if (!isWhole || !isPaged(text, io) || !page(encodeText(text), io.env)) io.write(encodeText(text));
}

/** A value as `--json` prints it. */
export const jsonText = (value: object): string => `${printableJson(JSON.stringify(value, null, 2))}\n`;

/** Prints a value as `--json` does. */
export function printJson(value: object, { write }: Io): void {
  write(jsonText(value));
}
