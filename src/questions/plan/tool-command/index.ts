import type { ToolName } from '../../../repos/index.js';
import { barmanCommand } from './barman.js';
import { pgBackRestCommand } from './pgbackrest.js';
import type { ToolCommand, ToolRecovery } from './tool-command.js';
import { walGCommand } from './wal-g.js';

const COMMANDS: Readonly<Record<ToolName, (recovery: ToolRecovery) => ToolCommand>> = {
  pgbackrest: pgBackRestCommand,
  barman: barmanCommand,
  'wal-g': walGCommand,
};

/** How the tool whose backup was chosen does the recovery that was planned. */
export const toolCommand = (recovery: ToolRecovery): ToolCommand =>
  COMMANDS[recovery.chosen.repository.tool](recovery);

export type { ToolCommand } from './tool-command.js';
