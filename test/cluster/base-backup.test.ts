import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseBackupLabel } from '../../src/cluster/backup-label.js';
import { backupOfControl, backupOfLabel, currentTimeline } from '../../src/cluster/base-backup.js';
import { type ControlFile, parseControlFile } from '../../src/cluster/control-file.js';

const control = (fields: Partial<ControlFile>): ControlFile => ({
  ...parseControlFile(readFileSync('testdata/lab/17/pg_control')),
  ...fields,
});

describe('backupOfLabel', () => {
  const label = parseBackupLabel(
    new TextEncoder().encode(
      'START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\nCHECKPOINT LOCATION: 0/2000080\nBACKUP METHOD: streamed\nBACKUP FROM: standby\n',
    ),
  );
  const standby = { minRecoveryPoint: 0x3000000n, minRecoveryPointTimeline: 1 };

  it.each(['in archive recovery', 'shut down in recovery'] as const)(
    'takes where a standby’s ends from its pg_control: %s',
    (state) => {
      expect(backupOfLabel(label, control({ ...standby, state }))).toMatchObject({
        endLsn: 0x3000000n,
        consistency: { kind: 'min-recovery-point', lsn: 0x3000000n },
        minRecoveryPoint: { lsn: 0x3000000n, timeline: 1 },
      });
    },
  );

  // InitWalRecovery, src/backend/access/transam/xlogrecovery.c
  it.each(['in production', 'shut down'] as const)('refuses one of a server that was %s', (state) => {
    expect(() => backupOfLabel(label, control({ ...standby, state }))).toThrow(
      expect.objectContaining({
        code: 'bad-backup-label',
        message: expect.stringContaining('backup_label contains data inconsistent with control file'),
      }),
    );
  });
});

describe('backupOfControl', () => {
  const restoring = {
    state: 'in archive recovery',
    minRecoveryPoint: 0x3000000n,
    backupStartPoint: 0x2000028n,
  } as const;

  it('waits for the end of the backup that the server itself was restored from', () => {
    expect(backupOfControl(control(restoring)).consistency).toEqual({
      kind: 'backup-end',
      startLsn: 0x2000028n,
    });
    expect(backupOfControl(control({ ...restoring, backupEndPoint: 0x6000000n })).consistency).toEqual({
      kind: 'min-recovery-point',
      lsn: 0x6000000n,
    });
  });
});

it('counts the timeline that a standby has come to as the current one', () => {
  const point = { minRecoveryPoint: 0x7000000n, minRecoveryPointTimeline: 2 };
  expect(currentTimeline(backupOfControl(control({ state: 'shut down in recovery', ...point })))).toBe(2);
  expect(currentTimeline(backupOfControl(control({ state: 'shut down' })))).toBe(1);
});
