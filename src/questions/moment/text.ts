import { colours } from '../../text/colours.js';
import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import type { MomentAnswer, MomentFound } from './ask.js';
import type { TransactionMoment } from './scan.js';

const { bold, green, red, yellow } = colours;

export function momentText({ time, answers }: MomentFound, zone: TimeZone): string {
  const lines = [`The moment ${bold(formatTimestampTz(time, zone))}`];
  for (const answer of answers) lines.push('', ...answerLines(answer, answers.length > 1, zone));
  return `${lines.join('\n')}\n`;
}

/** @param isOneOfSeveral other timelines have other answers, so that commands have to say which is meant */
function answerLines(answer: MomentAnswer, isOneOfSeveral: boolean, zone: TimeZone): string[] {
  const { timelines, state, segment, before, after, stopSegment, behind, missing } = answer;
  const on = `On timeline${timelines.length > 1 ? 's' : ''} ${timelines.join(', ')}`;
  const end = ({ record, xid, lsn, time }: TransactionMoment): string =>
    `${record} of transaction ${xid}, ${formatTimestampTz(time, zone)} (${formatLsn(lsn)})`;
  const name = segment?.file.name ?? '';
  const verdict = {
    there: green(`its WAL is there, in ${name}`),
    missing: red(
      `WAL is missing: ${missing.map(({ firstName, lastName }) => (firstName === lastName ? firstName : `${firstName} to ${lastName}`)).join(', ')}`,
    ),
    'too-early': red('no transaction here had ended by then'),
    'too-late': red(`all transactions here had ended by then, the last one in ${name}`),
  }[state];
  const lines = [`${on}: ${verdict}`];
  if (before) lines.push(`  before it  ${end(before)}`);
  if (after) lines.push(`  after it   ${end(after)}`);
  if (before && after && stopSegment) {
    lines.push(`  recovery to it stops before ${formatLsn(after.lsn)}, in ${stopSegment.file.name}`);
  }
  if (behind) {
    const [what, them] =
      behind.count === 1 ? ['one transaction', 'it'] : [`${behind.count} transactions`, 'them'];
    const timeline = isOneOfSeveral ? ` --timeline ${Math.max(...timelines)}` : '';
    lines.push(
      yellow(
        `  the clock went back: behind that, ${what} had ended by then, too, and recovery to it loses ${them}`,
      ),
      `  the last   ${end(behind.last)}; walscan plan --lsn ${formatLsn(behind.last.lsn)}${timeline} keeps ${them}`,
    );
  }
  return lines;
}
