import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import { joined, type Message, message } from '../../wal/message.js';
import type { WalReport } from './run.js';
import type { EndOnTimeline } from './window-start.js';

/** Says of times at which no transaction ended what is nearest to them. */
export function nearestText({ before, after }: NonNullable<WalReport['nearest']>, zone: TimeZone): Message {
  const textOf = ({ lsn, time, timeline }: EndOnTimeline): Message =>
    message`${formatTimestampTz(time, zone)}, at ${formatLsn(lsn)} on timeline ${timeline}`;
  const told = [
    ...(before === undefined ? [] : [message`the last one before ended ${textOf(before)}`]),
    after === undefined
      ? message`this WAL has none after`
      : message`the first one after ended ${textOf(after)}`,
  ];
  return message`no transaction ended at these times: ${joined(told, '; ')}`;
}
