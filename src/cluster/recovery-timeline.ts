import { formatLsn, type Lsn } from '../wal/lsn.js';
import { type Message, message } from '../wal/message.js';
import type { TimelineChain } from './chain.js';
import { historyFileName, tliInHistory, tliOfPointInHistory, tliSwitchPoint } from './history.js';

/** `recovery_target_timeline` */
export type TimelineChoice = number | 'latest' | 'current';

/** What the server takes when the setting is left out: `latest` since 12, `current` before. */
export const defaultTimeline = (version: number): TimelineChoice => (version >= 12 ? 'latest' : 'current');

/**
 * The timeline that recovery would go to. `latest` is found as the server does: from the backup's timeline on as
 * long as each next number has a history file (`findNewestTimeLine`, src/backend/access/transam/timeline.c).
 */
export function resolveTimeline(
  choice: TimelineChoice,
  backupTimeline: number,
  hasHistory: (timeline: number) => boolean,
): number {
  if (choice === 'current') return backupTimeline;
  if (choice !== 'latest') return choice;
  let newest = backupTimeline;
  while (hasHistory(newest + 1)) newest++;
  return newest;
}

/**
 * Why the server would refuse to recover a backup to the timeline with this history, in its words
 * (`InitWalRecovery`, src/backend/access/transam/xlogrecovery.c); undefined where it would not.
 * @param checkpoint the LSN and timeline of the backup's checkpoint
 * @param minRecoveryPoint up to where its files already are, where pg_control says so
 */
export function whyNotDescended(
  { history, historyKnown }: Pick<TimelineChain, 'history' | 'historyKnown'>,
  checkpoint: { lsn: Lsn; timeline: number },
  minRecoveryPoint?: { lsn: Lsn; timeline: number },
): Message | undefined {
  const { lsn, timeline } = checkpoint;
  const requested = history[0].timeline;
  if (!historyKnown && requested !== timeline) {
    return message`recovery target timeline ${requested} does not exist: there is no ${historyFileName(requested)}`;
  }
  if (tliInHistory(history, timeline) && tliOfPointInHistory(history, lsn) === timeline) {
    return minRecoveryPoint && whyNotThrough(history, minRecoveryPoint);
  }
  const { switchLsn } = tliInHistory(history, timeline)
    ? tliSwitchPoint(history, timeline)
    : { switchLsn: undefined };
  return switchLsn === undefined
    ? message`requested timeline ${requested} is not a child of this server's history: the backup is of timeline ${timeline}, which is none of its ancestors`
    : message`requested timeline ${requested} is not a child of this server's history: the backup's checkpoint is at ${formatLsn(lsn)} on timeline ${timeline}, which timeline ${requested} left at ${formatLsn(switchLsn)} already`;
}

function whyNotThrough(
  history: TimelineChain['history'],
  { lsn, timeline }: { lsn: Lsn; timeline: number },
): Message | undefined {
  if (tliOfPointInHistory(history, lsn - 1n) === timeline) return undefined;
  return message`requested timeline ${history[0].timeline} does not contain minimum recovery point ${formatLsn(lsn)} on timeline ${timeline}: the backup's files are newer than the place where it branched off`;
}
