import type { StopTarget } from '../../../replay/recovery.js';
import type { StoredBackup } from '../../../repos/index.js';
import { formatLsn } from '../../../wal/lsn.js';
import { withoutEpoch } from '../../../wal/xid.js';
import { formatTargetTime } from '../../find-commit/recovery-target.js';
import { quoteForShell } from '../shell.js';
import type { ToolCommand, ToolRecovery } from './tool-command.js';

/**
 * Barman's own commands for a recovery. What its repository does not say is left for people to put in. `recover` is what
 * all versions know, `restore` is its name as well since 3.12; the options are those of barman/cli.py, 3.4 to 3.17.
 */
export function barmanCommand(recovery: ToolRecovery): ToolCommand {
  const { target, timeline, action, chosen, version, files } = recovery;
  const { repository, stored } = chosen;
  if (stored.isOfBarmanCloud) return cloudCommand(chosen);
  const server = quoteForShell(repository.cluster ?? '<server>');
  const options = [
    ...targetOptions(target),
    ...timelineOption(timeline, version),
    ...(action === undefined ? [] : ['--target-action', action]),
    ...(files.some(isYetToCome) ? ['--get-wal'] : []),
    ...stagingOptions(stored),
    ...tablespaceOptions(stored),
  ];
  const place = [server, quoteForShell(stored.name), placeholder('destination')];
  return {
    restore: ['barman', 'recover', ...options, ...place].join(' '),
    // what is still being streamed as well
    restoreCommand: `barman-wal-restore -P -U barman ${placeholder('barman-host')} ${server} %f %p`,
    leavesTarget: false,
  };
}

/**
 * barman-cloud's commands (barman/clients/cloud_restore.py and cloud_walrestore.py, 3.4): it puts a backup in place and
 * knows nothing of targets. Its server is the folder in the bucket, and not the name in `backup.info`.
 */
function cloudCommand({ repository, stored }: ToolRecovery['chosen']): ToolCommand {
  const [, url, server] = SERVER_IN_STORE.exec(repository.name) ?? [];
  const place = [
    url === undefined ? placeholder('source-url') : quoteForShell(url),
    quoteForShell(server ?? repository.cluster ?? placeholder('server')),
  ];
  const target = [...place, quoteForShell(stored.name), placeholder('destination')];
  return {
    restore: ['barman-cloud-restore', ...tablespaceOptions(stored), ...target].join(' '),
    restoreCommand: ['barman-cloud-wal-restore', ...place, '%f', '%p'].join(' '),
    leavesTarget: true,
  };
}

/** A bucket, with folders or without, and the server's folder in it. */
const SERVER_IN_STORE = /^(s3:\/\/.*[^/])\/([^/]+)\/*$/;

const tablespaceOptions = ({ tablespaces = [] }: StoredBackup): string[] =>
  tablespaces.flatMap(({ name }) => ['--tablespace', `${quoteForShell(name)}:${placeholder('directory')}`]);

const YET_TO_COME = /(?:^|[/\\])(?:incoming|streaming)[/\\][^/\\]+$/;

/**
 * Whether a file has not come into the archive: of itself a recovery copies what is listed in `xlog.db`, and no more
 * (`RecoveryExecutor._xlog_copy`, barman/recovery_executor.py); with `--get-wal` the server asks for this as well, and for
 * `.partial` files.
 */
const isYetToCome = ({ sources }: ToolRecovery['files'][number]): boolean =>
  sources.length > 0 && sources.every(({ name }) => YET_TO_COME.test(name));

const placeholder = (what: string): string => `<${what}>`;

function targetOptions(target: StopTarget): string[] {
  switch (target.kind) {
    case 'lsn':
      return ['--target-lsn', formatLsn(target.lsn), ...exclusive(target)];
    case 'time':
      return ['--target-time', quoteForShell(formatTargetTime(target.time)), ...exclusive(target)];
    case 'xid':
      return ['--target-xid', String(withoutEpoch(target.xid)), ...exclusive(target)];
    case 'name':
      return ['--target-name', quoteForShell(target.name)];
    case 'immediate':
      return ['--target-immediate'];
    case 'latest':
      return [];
  }
}

const exclusive = ({ inclusive }: { inclusive: boolean }): string[] => (inclusive ? [] : ['--exclusive']);

/** Before 12 the server has no word for the backup's own timeline: it is the default. */
const timelineOption = (timeline: number | 'current', version: number): string[] =>
  timeline === 'current' && version < 12 ? [] : ['--target-tli', String(timeline)];

/** Barman unpacks tar files, and puts incremental backups together, in a place that it wants to be told. */
function stagingOptions({ type, compression }: StoredBackup): string[] {
  if (type === 'incremental') return ['--local-staging-path', placeholder('staging-directory')];
  return compression === undefined ? [] : ['--recovery-staging-path', placeholder('staging-directory')];
}
