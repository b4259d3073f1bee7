import type { StopTarget } from '../../../replay/recovery.js';
import type { ChosenBackup } from '../../given.js';
import type { NeededFile } from '../restore-command.js';
import type { TargetAction } from '../settings.js';

/** What a backup tool is to do for a recovery that was planned. */
export interface ToolRecovery {
  target: StopTarget;
  /** A number or, where no history file tells its ancestors, `current`. */
  timeline: number | 'current';
  action: TargetAction | undefined;
  chosen: ChosenBackup;
  /** What the server will ask for. */
  files: readonly Pick<NeededFile, 'sources'>[];
  /** The server's major version. */
  version: number;
}

/** How a backup tool is told to do a recovery; what its repository does not say is left to its configuration. */
export interface ToolCommand {
  /** Puts the backup in place, ready to be started. */
  restore: string;
  /** By which the restored server gets its WAL (`restore_command`). */
  restoreCommand: string;
  /** Whether the tool knows of no targets, which are then the server's settings. */
  leavesTarget: boolean;
}
