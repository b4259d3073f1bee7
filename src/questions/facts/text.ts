import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { problemText } from '../problem-text.js';
import type { FactsMade } from './ask.js';

/** What was made, and what is wrong with the WAL, for people. */
export function factsText({ store, made, replaced, passedOver, joints, bytes, problems }: FactsMade): string {
  const lines = [
    `Facts in ${printable(store)}: ${count(made, 'segment')} made, ${replaced} replaced, ${passedOver} there already`,
    `  ${Math.ceil(bytes / 1024)} KiB written, with ${count(joints, 'record')} over the end of a segment`,
    ...problems.map((problem) => colours.red(problemText(problem))),
  ];
  return `${lines.join('\n')}\n`;
}
