import { describe, expect, it } from 'vitest';
import { findInLogs } from '../../../src/node/questions.js';
import type { Deed } from '../../../src/questions/who/fitting.js';
import { POSTGRES_EPOCH_US } from '../../../src/wal/timestamp.js';

/**
 * Of a server of 15 whose users came, did something by `psql -c`, and went, with `log_disconnections` off. When their
 * transactions committed, pg_waldump told.
 */
const LOG = 'testdata/logs/15-several-users.log.gz';

/** Whose statements fit. */
async function suspected(second: string, deed: Deed, database: string | undefined) {
  const minute = BigInt(Date.parse('2026-11-28T01:26:00Z')) * 1000n - POSTGRES_EPOCH_US;
  const time = minute + BigInt(second.replace('.', ''));
  const asked = { xid: 9999, lsn: 1n, time, deeds: [deed], tables: [], database };
  const { who } = await findInLogs(LOG, [asked]);
  return [...who.values()].flatMap(({ suspects }) => suspects);
}

describe('a session that went without a line in the log', () => {
  it.each<[number, string, Deed, string | undefined]>([
    [6902, '23.988036', 'delete', 'shop'],
    [6997, '31.424157', 'drop', 'shop'],
    [7032, '33.515761', 'delete', 'shop'],
    [7051, '36.436964', 'drop-database', undefined],
  ])('is no suspect any more, and process %i is the only one', async (pid, second, deed, database) => {
    const suspects = await suspected(second, deed, database);
    expect(suspects.filter(({ fits }) => fits).map((one) => one.pid)).toEqual([pid]);
  });
});

it('whoever dropped a table, or called a function, is no suspect where a database was dropped', async () => {
  const atDropTable = await suspected('31.424157', 'drop-database', undefined);
  const atFunction = await suspected('33.520000', 'drop-database', undefined);
  expect([...atDropTable, ...atFunction]).toEqual([]);
});
