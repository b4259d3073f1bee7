import { colours } from '../../text/colours.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { ENGLISH, type Say, sayIn, type Tongue } from '../../text/tongue.js';
import { formatLsn } from '../../wal/lsn.js';
import { type Message, message, several } from '../../wal/message.js';
import { timelinesSaid } from '../amounts.js';
import type { MomentAnswer, MomentFound } from './ask.js';
import type { TransactionMoment } from './scan.js';

const { bold, green, red, yellow } = colours;

export function momentText({ time, answers }: MomentFound, zone: TimeZone, tongue: Tongue = ENGLISH): string {
  const say = sayIn(tongue);
  const lines = [say`The moment ${bold(formatTimestampTz(time, zone))}`];
  for (const answer of answers) lines.push('', ...answerLines(answer, answers.length > 1, zone, say));
  return `${lines.join('\n')}\n`;
}

/** @param isOneOfSeveral other timelines have other answers, so that commands have to say which is meant */
function answerLines(answer: MomentAnswer, isOneOfSeveral: boolean, zone: TimeZone, say: Say): string[] {
  const { timelines, before, after, stopSegment, behind } = answer;
  const end = ({ record, xid, lsn, time }: TransactionMoment): Message =>
    message`${record} of transaction ${xid}, ${formatTimestampTz(time, zone)} (${formatLsn(lsn)})`;
  const lines = [say`On ${timelinesSaid(timelines)}: ${verdictText(answer, say)}`];
  if (before) lines.push(`  ${say`before it  ${end(before)}`}`);
  if (after) lines.push(`  ${say`after it   ${end(after)}`}`);
  if (before && after && stopSegment) {
    const name = stopSegment.file.name;
    lines.push(`  ${say`recovery to it stops before ${formatLsn(after.lsn)}, in ${name}`}`);
  }
  if (behind) {
    const { count, last } = behind;
    const timeline = isOneOfSeveral ? ` --timeline ${Math.max(...timelines)}` : '';
    const command = `walscan plan --lsn ${formatLsn(last.lsn)}${timeline}`;
    const text = say`${several(
      count,
      'the clock went back: behind that, one transaction had ended by then, too, and recovery to it loses it',
      'the clock went back: behind that, {0} transactions had ended by then, too, and recovery to it loses them',
    )}`;
    const keeps = say`${several(
      count,
      'the last   {1}; {2} keeps it',
      'the last   {1}; {2} keeps them',
      end(last),
      command,
    )}`;
    lines.push(yellow(`  ${text}`), `  ${keeps}`);
  }
  return lines;
}

function verdictText({ state, segment, missing }: MomentAnswer, say: Say): string {
  const name = segment?.file.name ?? '';
  switch (state) {
    case 'there':
      return green(say`its WAL is there, in ${name}`);
    case 'missing': {
      const gaps = missing.map(({ firstName, lastName }) =>
        firstName === lastName ? firstName : say`${firstName} to ${lastName}`,
      );
      return red(say`WAL is missing: ${gaps.join(', ')}`);
    }
    case 'too-early':
      return red(say`no transaction here had ended by then`);
    case 'too-late':
      return red(say`all transactions here had ended by then, the last one in ${name}`);
  }
}
