import { formatTimestampTz, type TimeZone } from '../../text/timezone.js';
import { formatLsn } from '../../wal/lsn.js';
import type { WalReport } from './run.js';
import type { EndOnTimeline } from './window-start.js';

/** Says of times at which no transaction ended what is nearest to them. */
export function nearestText({ before, after }: NonNullable<WalReport['nearest']>, zone: TimeZone): string {
  const textOf = ({ lsn, time, timeline }: EndOnTimeline): string =>
    `${formatTimestampTz(time, zone)}, at ${formatLsn(lsn)} on timeline ${timeline}`;
  const told = [
    ...(before === undefined ? [] : [`the last one before ended ${textOf(before)}`]),
    after === undefined ? 'this WAL has none after' : `the first one after ended ${textOf(after)}`,
  ];
  return `no transaction ended at these times: ${told.join('; ')}`;
}
