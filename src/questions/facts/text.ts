import { colours } from '../../text/colours.js';
import { count } from '../../text/count.js';
import { printable } from '../../text/printable.js';
import { problemText } from '../problem-text.js';
import type { FactsMade } from './ask.js';

/** What was made, and what is wrong with the WAL, for people. */
export function factsText({ store, made, replaced, passedOver, joints, bytes, problems }: FactsMade): string {
  const lines = [
    `${printable(store)}: facts of ${count(made, 'segment')} made, of ${replaced} replaced, of ${passedOver} there already`,
    `  ${count(joints, 'record')} over the end of a segment, ${(bytes / 2 ** 20).toFixed(1)} MiB written`,
    ...problems.map((problem) => colours.red(problemText(problem))),
  ];
  return `${lines.join('\n')}\n`;
}
