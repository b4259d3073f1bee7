import type { StopTarget } from '../../../replay/recovery.js';
import { formatLsn } from '../../../wal/lsn.js';
import { withoutEpoch } from '../../../wal/xid.js';
import { formatTargetTime } from '../../find-commit/recovery-target.js';
import { quoteForShell } from '../shell.js';
import type { ToolCommand, ToolRecovery } from './tool-command.js';

/**
 * pgBackRest's own commands for a recovery; paths and hosts are those of its configuration.
 * `--type=lsn` takes pgBackRest 2.35 (doc/xml/release/2020s/2021/2.35.xml), and which options go with which type is in
 * its build/config.yaml.
 */
export function pgBackRestCommand({ target, timeline, action, chosen, version }: ToolRecovery): ToolCommand {
  const { repository, stored } = chosen;
  const tool = `pgbackrest --stanza=${quoteForShell(repository.cluster ?? '<stanza>')}`;
  const options = [
    `--set=${quoteForShell(stored.name)}`,
    ...typeOptions(target),
    ...timelineOption(target, timeline, version),
    ...(action === undefined ? [] : [`--target-action=${action}`]),
  ];
  return {
    restore: [tool, ...options, 'restore'].join(' '),
    restoreCommand: `${tool} archive-get %f "%p"`,
    leavesTarget: false,
  };
}

function typeOptions(target: StopTarget): string[] {
  switch (target.kind) {
    case 'lsn':
      return typed('lsn', formatLsn(target.lsn), target.inclusive);
    case 'time':
      return typed('time', formatTargetTime(target.time), target.inclusive);
    case 'xid':
      return typed('xid', String(withoutEpoch(target.xid)), target.inclusive);
    case 'name':
      return typed('name', target.name, true);
    case 'immediate':
      return ['--type=immediate'];
    case 'latest':
      // left out, it would be `none` for a backup that was taken offline
      return ['--type=default'];
  }
}

const typed = (type: string, target: string, inclusive: boolean): string[] => [
  `--type=${type}`,
  `--target=${quoteForShell(target)}`,
  ...(inclusive ? [] : ['--target-exclusive']),
];

/** With `immediate` it goes along none but the backup's; before 12 there is no word for that one: it is the default. */
function timelineOption(target: StopTarget, timeline: number | 'current', version: number): string[] {
  if (target.kind === 'immediate' || (timeline === 'current' && version < 12)) return [];
  return [`--target-timeline=${timeline}`];
}
