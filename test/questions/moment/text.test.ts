import { expect, it } from 'vitest';
import { findMoment } from '../../../src/node/questions.js';
import { momentText } from '../../../src/questions/moment/text.js';
import { UTC } from '../../../src/text/timezone.js';
import { parseTime } from '../../support/time.js';

it('the command for what a clock that was set back loses says which timeline is meant, where that matters', async () => {
  const time = parseTime('2026-03-08 02:00:02 UTC', UTC)!;
  const found = await findMoment(['testdata/clock'], { time });
  const [answer] = found.answers;
  const commandsFor = (...timelines: number[]): string[] => {
    const answers = timelines.map((one) => ({ ...answer, timelines: [one] }));
    return [...momentText({ ...found, answers }, UTC).matchAll(/walscan plan .* keeps/g)].map(String);
  };
  const command = 'walscan plan --lsn 0/012000A8';
  expect(commandsFor(1)).toEqual([`${command} keeps`]);
  expect(commandsFor(1, 2)).toEqual([`${command} --timeline 1 keeps`, `${command} --timeline 2 keeps`]);
});
