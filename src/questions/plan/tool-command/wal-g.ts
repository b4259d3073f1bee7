import { quoteForShell } from '../shell.js';
import type { ToolCommand, ToolRecovery } from './tool-command.js';

/**
 * WAL-G's own commands for a recovery (its cmd/pg/backup_fetch.go and wal_fetch.go, 3.0.8). It knows nothing of targets:
 * these are the server's settings. Where its storage is, its configuration says.
 */
export function walGCommand({ chosen }: Pick<ToolRecovery, 'chosen'>): ToolCommand {
  return {
    restore: `wal-g backup-fetch <PGDATA> ${quoteForShell(chosen.stored.name)}`,
    restoreCommand: 'wal-g wal-fetch "%f" "%p"',
    leavesTarget: true,
  };
}
