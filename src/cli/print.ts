import { stripVTControlCharacters } from 'node:util';
import { printableJson } from '../text/printable.js';
import type { Io } from './io.js';
import { page } from './pager.js';

/** Prints a text for people; on a terminal, in a pager where it is longer than the screen. */
export function printText(text: string, io: Io): void {
  const shown = isColoured(io) ? text : stripVTControlCharacters(text);
  if (!isPaged(shown, io) || !page(shown, io.env)) io.write(shown);
}

/** In colours on a terminal, unless NO_COLOR is set; FORCE_COLOR, unless it is 0, has them anywhere, as Node takes it. */
function isColoured({ isTerminal, env: { NO_COLOR, FORCE_COLOR } }: Io): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTerminal && !NO_COLOR;
}

const isPaged = (text: string, { isTerminal, telling, screenLines }: Io): boolean =>
  isTerminal && telling.pager && text.split('\n').length > (screenLines ?? 0);

/** A value as `--json` prints it. */
export const jsonText = (value: object): string => `${printableJson(JSON.stringify(value, null, 2))}\n`;

/** Prints a value as `--json` does. */
export function printJson(value: object, { write }: Io): void {
  write(jsonText(value));
}
