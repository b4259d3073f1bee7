import type { ChangeReplay } from '../../replay/change-replay.js';
import type { StopTarget } from '../../replay/recovery.js';
import { WalError } from '../../wal/error.js';
import { formatLsn, type Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import { formatTimestampIso, type TimestampTz } from '../../wal/timestamp.js';

/** Between which commits changes are asked for. */
interface Window {
  since?: TimestampTz | undefined;
  until?: TimestampTz | undefined;
  start?: Lsn | undefined;
  end?: Lsn | undefined;
}

/** @throws WalError `usage` where nothing can be in the window */
export function checkWindow({ since, until, start, end }: Window): void {
  if (since !== undefined && until !== undefined && since > until)
    throw nothingBetween('since', formatTimestampIso(since), 'until', formatTimestampIso(until));
  if (start !== undefined && end !== undefined && start > end)
    throw nothingBetween('start', formatLsn(start), 'end', formatLsn(end));
}

const nothingBetween = (from: string, first: string, to: string, last: string): WalError =>
  new WalError('usage', message`${from} (${first}) is later than ${to} (${last}): nothing lies between them`);

/** What of the window is not in what was read; a time without a backup is not known to be. */
export function beyondRead({ since, until, start, end }: Window, machine: ChangeReplay): WalError[] {
  const { firstLsn: first, endLsn: last } = machine;
  if (first === undefined || last === undefined) return [];
  const moments: StopTarget[] = [
    ...[since, until].flatMap((time) =>
      time === undefined ? [] : [{ kind: 'time', time, inclusive: true } as const],
    ),
    ...[start, end].flatMap((lsn) =>
      lsn === undefined ? [] : [{ kind: 'lsn', lsn, inclusive: true } as const],
    ),
  ];
  if (moments.some((moment) => machine.isBeforeBackup(moment))) {
    const text = message`the backup is of a later time than what is asked for: what was committed before ${formatLsn(first)} is not told, as an older backup and the WAL from there on would`;
    return [new WalError('target-before-backup', text, { lsn: first })];
  }
  if (start === undefined || start <= last) return [];
  const text = message`the WAL given ends at ${formatLsn(last)}, before ${formatLsn(start)}: give what follows, too`;
  return [new WalError('target-not-reached', text, { lsn: last })];
}
