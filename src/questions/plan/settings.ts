import type { StopTarget } from '../../replay/recovery.js';
import { encodeText } from '../../text/encoding.js';
import { escapeUnprintable } from '../../text/printable.js';
import { formatLsn } from '../../wal/lsn.js';
import { withoutEpoch } from '../../wal/xid.js';
import { formatTargetTime } from '../find-commit/recovery-target.js';
import type { ServerOutlook } from './run.js';

/** Settings by name, in the order in which they are best read. */
export type Settings = Record<string, string>;

/** What a server is to do at its target (`recovery_target_action`). */
export type TargetAction = 'pause' | 'shutdown';

/**
 * Pausing shows whether the rows are there before anything changes. Where a server would not pause but open, it had
 * better stop. Undefined where there is no target: at the end of the WAL it opens.
 */
export function recommendedAction(
  target: StopTarget,
  { pauses }: Pick<ServerOutlook, 'pauses'>,
): TargetAction | undefined {
  if (target.kind === 'latest') return undefined;
  return pauses === false ? 'shutdown' : 'pause';
}

/**
 * The settings that make a server recover to a target and wait there.
 * @param timeline a number or, where no history file tells its ancestors, `current`
 */
export function recoverySettings(
  target: StopTarget,
  timeline: number | 'current',
  restoreCommand: string,
  version: number,
  action: TargetAction | undefined,
): Settings {
  return {
    restore_command: restoreCommand,
    ...targetSettings(target),
    // before 12 there is no word for the current timeline: it is the default
    ...(timeline !== 'current' || version >= 12 ? { recovery_target_timeline: String(timeline) } : {}),
    ...(action === undefined ? {} : { recovery_target_action: action }),
  };
}

function targetSettings(target: StopTarget): Settings {
  switch (target.kind) {
    case 'lsn':
      return { recovery_target_lsn: formatLsn(target.lsn), ...inclusive(target) };
    case 'time':
      return { recovery_target_time: formatTargetTime(target.time), ...inclusive(target) };
    case 'xid':
      return { recovery_target_xid: String(withoutEpoch(target.xid)), ...inclusive(target) };
    case 'name':
      return { recovery_target_name: target.name };
    case 'immediate':
      return { recovery_target: 'immediate' };
    case 'latest':
      return {};
  }
}

const inclusive = (target: { inclusive: boolean }): Settings => ({
  recovery_target_inclusive: target.inclusive ? 'on' : 'off',
});

/** Settings as lines of `postgresql.auto.conf` or, before 12, of `recovery.conf`. */
export function formatSettings(settings: Settings): string[] {
  return Object.entries(settings).map(([name, value]) => `${name} = '${quoted(value)}'`);
}

/** What a string cannot hold in a configuration file, or not show in a terminal, in octal (`GUC_scanstr`, guc-file.l). */
function quoted(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll("'", "''");
  return escapeUnprintable(escaped, (character) =>
    Array.from(encodeText(character), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  );
}
