import { colours } from '../../text/colours.js';
import { printable } from '../../text/printable.js';
import { sayIn, type Tongue } from '../../text/tongue.js';
import { recordsSaid, segmentsSaid } from '../amounts.js';
import { problemText } from '../problem-text.js';
import type { FactsMade } from './ask.js';

/** What was made, and what is wrong with the WAL, for people. */
export function factsText(
  { store, made, replaced, passedOver, joints, bytes, problems }: FactsMade,
  tongue: Tongue,
): string {
  const say = sayIn(tongue);
  const lines = [
    say`Facts in ${printable(store)}: ${segmentsSaid(made)} made, ${replaced} replaced, ${passedOver} there already`,
    `  ${say`${Math.ceil(bytes / 1024)} KiB written, with ${recordsSaid(joints)} over the end of a segment`}`,
    ...problems.map((problem) => colours.red(problemText(problem, say))),
  ];
  return `${lines.join('\n')}\n`;
}
