import { expect, it } from 'vitest';
import { walGCommand } from '../../../../src/questions/plan/tool-command/wal-g.js';
import type { Repository, StoredBackup } from '../../../../src/repos/index.js';

it('the commands of WAL-G name the backup', () => {
  const name = 'base_000000010000000000000007_D_000000010000000000000004';
  const chosen = { repository: { tool: 'wal-g' } as Repository, stored: { name } as StoredBackup };
  expect(walGCommand({ chosen })).toEqual({
    restore: `wal-g backup-fetch <PGDATA> ${name}`,
    restoreCommand: 'wal-g wal-fetch "%f" "%p"',
    leavesTarget: true,
  });
});
