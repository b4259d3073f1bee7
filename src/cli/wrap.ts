import { Help } from 'commander';
import stringWidth from 'string-width';
import { isToCopy } from '../text/to-copy.js';

/** What follows of a line that was too wide is so much further in. */
const HANGING = 2;

/** Where lines are narrower than this, nothing is broken: labels alone take as much. */
const NARROWEST = 40;

/** commander breaks lines of help between words; colours take no room. */
class Wrapping extends Help {
  override minWidthToWrap = 1;

  override displayWidth(text: string): number {
    return stringWidth(text);
  }
}

const wrapping = new Wrapping();

/** Breaks lines that are too wide for a terminal between words; but none that are there to be copied. */
export function wrapped(text: string, width: number): string {
  if (width < NARROWEST) return text;
  return text
    .split('\n')
    .map((line) => (stringWidth(line) <= width || isToCopy(line) ? line : broken(line, width)))
    .join('\n');
}

function broken(line: string, width: number): string {
  const { start, indent } = layoutOf(line);
  const [first, ...others] = wrapping.boxWrap(line.slice(start.length), width - indent.length).split('\n');
  return [start + first, ...others.map((one) => indent + one)].join('\n');
}

/** What a line begins with that is no text, and what the lines begin with that it goes on in. */
function layoutOf(line: string): { start: string; indent: string } {
  // of SQL or of settings: what follows is a comment, too
  const comment = /^ *(?:--|#) /.exec(line)?.[0];
  if (comment !== undefined) return { start: comment, indent: comment };
  const label = /^[^\s:][^:]{0,20}: +(?=\S)/.exec(line)?.[0];
  if (label !== undefined) return { start: label, indent: ' '.repeat(label.length) };
  const start = line.slice(0, line.length - line.trimStart().length);
  return { start, indent: start + ' '.repeat(HANGING) };
}
