import type { ToolName } from '../../../repos/index.js';
import { pgBackRestCommand } from './pgbackrest.js';
import type { ToolCommand, ToolRecovery } from './tool-command.js';

const COMMANDS: Readonly<Partial<Record<ToolName, (recovery: ToolRecovery) => ToolCommand>>> = {
  pgbackrest: pgBackRestCommand,
};

/** How the tool whose backup was chosen does the recovery that was planned. */
export function toolCommand(recovery: ToolRecovery): ToolCommand | undefined {
  return COMMANDS[recovery.chosen.repository.tool]?.(recovery);
}

export type { ToolCommand } from './tool-command.js';
