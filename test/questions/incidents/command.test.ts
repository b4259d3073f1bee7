import { expect, it } from 'vitest';
import { rowsCommand } from '../../../src/questions/incidents/command.js';
import type { IncidentFound } from '../../../src/questions/incidents/run.js';

const truncated = {
  kind: 'truncate' as const,
  relation: '1663/5/16384',
  files: 1,
  mayBeToastOf: undefined,
  unknownFiles: 0,
  ...{ xid: 726, lsn: 0x800000n, time: 0n, timelines: [1] },
};

it('rows are offered where they may be had', () => {
  const commandOf = (incident: IncidentFound, postgres = 15): string | undefined =>
    rowsCommand({ places: ['wal'], backups: ['base'], postgres })(incident);
  const command = 'walscan rows --rel 1663/5/16384 --backup base --deleted-by 726 --timeline 1 wal';
  expect(commandOf({ ...truncated, unlogged: false })).toBe(command);
  expect(commandOf({ ...truncated, unlogged: undefined })).toBe(command);
  expect(commandOf({ ...truncated, unlogged: true })).toBeUndefined();
  expect(commandOf({ ...truncated, unlogged: false }, 12)).toBeUndefined();
});
