import { stripVTControlCharacters } from 'node:util';
import { printableJson } from '../text/printable.js';
import type { Io } from './io.js';

/** Prints a text for people: in colours on a terminal, unless NO_COLOR is set. */
export function printText(text: string, { write, isTerminal, env: { NO_COLOR } }: Io): void {
  write(isTerminal && !NO_COLOR ? text : stripVTControlCharacters(text));
}

/** A value as `--json` prints it. */
export const jsonText = (value: object): string => `${printableJson(JSON.stringify(value, null, 2))}\n`;

/** Prints a value as `--json` does. */
export function printJson(value: object, { write }: Io): void {
  write(jsonText(value));
}
