import type { ToolName } from '../repos/index.js';

/** What the backup tools are called. */
export const TOOL_NAMES: Readonly<Record<ToolName, string>> = {
  pgbackrest: 'pgBackRest',
  barman: 'Barman',
  'wal-g': 'WAL-G',
};
