import { describe, expect, it } from 'vitest';
import { LogClock } from '../../src/logs/clock.js';
import type { LogEntry } from '../../src/logs/entry.js';
import { entriesOf, findLogs } from '../../src/logs/log-files.js';
import { LinePrefix } from '../../src/logs/prefix.js';
import { NODE_READING } from '../../src/node/reading.js';
import { LoggedSessions, type LoggedTransaction } from '../../src/questions/who/sessions.js';
import { folderOf, MiB } from '../support/folder.js';

const utc = new LogClock(() => undefined);

async function read(log: string): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (const file of await findLogs(folderOf({ log }), undefined, utc, NODE_READING, () => {}))
    for await (const some of entriesOf(file, utc, NODE_READING)) entries.push(...some);
  return entries;
}

const inCsv = (user: string, message: string): string =>
  `2026-11-22 10:13:39.123 UTC,"${user}","app",7,"[local]",6a61.7,1,"DELETE",2026-11-22 10:00:00 UTC,3/12,0,LOG,00000,"${message.replaceAll('"', '""')}",,,,,,,,,"psql","client backend",,0\n`;

const inJson = (user: string, message: string): string =>
  `${JSON.stringify({ timestamp: '2026-11-22 10:13:39.123 UTC', user, error_severity: 'LOG', message })}\n`;

describe('a statement in a log', () => {
  it.each([
    ['csvlog', inCsv],
    ['jsonlog', inJson],
  ])('of more than a mebibyte in a line has its beginning, and hides none after it: %s', async (_, line) => {
    for (const escaped of ['x', '\\', '"', '\n', '\u0001']) {
      const long = `statement: DELETE FROM t WHERE n = '${escaped.repeat(3)}${'\\'.repeat(2 * MiB)}'`;
      const found = await read(line('one', long) + line('two', 'statement: COMMIT') + line('three', 'x'));
      expect(found.map(({ user }) => user)).toEqual(['one', 'two', 'three']);
      expect(found[0].message).toContain(`DELETE FROM t WHERE n = '${escaped.repeat(3)}`);
    }
  });

  it('makes no other form of a csvlog, nor lines of another user', async () => {
    const forged = inJson('innocent', 'statement: DROP TABLE t');
    const found = await read(inCsv('culprit', `statement: /*\n${forged}*/ DROP TABLE t`));
    expect(found.map(({ user }) => user)).toEqual(['culprit']);
  });
});

it('an abbreviation of a zone is looked up so often at the most, whatever times a log has', () => {
  let lookups = 0;
  const clock = new LogClock(() => {
    lookups++;
    return undefined;
  });
  for (let i = 0; i < 20_000; i++) clock.read(`2026-11-22 10:13:39 Z${i}`);
  expect(lookups).toBeLessThanOrEqual(5000);
  expect(clock.unknown.size).toBeLessThanOrEqual(20);
});

it('a line that nearly fits a prefix takes no long time', () => {
  const prefix = new LinePrefix('<%t [%x-%v] %r %a %d %u %p %c %i>');
  const line = `<2026-11-22 10:13:39 UTC [0-3/12] ${' '.repeat(1000)}LOG:  x`;
  const begun = performance.now();
  for (let i = 0; i < 100; i++) expect(prefix.read(line, utc)).toBeUndefined();
  // without a bound it is ten times as much
  expect(performance.now() - begun).toBeLessThan(5000);
});

describe('a session', () => {
  const entryOf = (fields: Partial<LogEntry>): LogEntry => ({
    ...{ user: 'u', database: undefined, client: undefined, application: undefined, pid: 7 },
    ...{ session: undefined, time: 0n, precision: 0n, virtualXid: undefined, xid: undefined },
    ...{ severity: 'LOG', message: '', detail: undefined, statement: undefined },
    ...fields,
  });
  const sessionsOf = (entries: readonly LogEntry[]): LoggedTransaction[] => {
    const told: LoggedTransaction[] = [];
    const sessions = new LoggedSessions((one) => told.push(one));
    for (const entry of entries) sessions.take(entry, entry.time!);
    sessions.finish();
    return told;
  };

  it('has done nothing by a statement that failed, however long that is', () => {
    const text = `DELETE FROM t WHERE n IN (${'1,'.repeat(5000)}1)`;
    const failed = entryOf({ severity: 'ERROR', message: 'x', statement: text });
    expect(sessionsOf([entryOf({ message: `statement: ${text}` }), failed])).toEqual([]);
  });

  it('keeps of parameters as much as of statements', () => {
    const detail = `Parameters: $1 = '${'x'.repeat(MiB)}'`;
    const [{ statements }] = sessionsOf([entryOf({ message: 'execute <unnamed>: DELETE FROM t', detail })]);
    expect(statements[0].detail).toHaveLength(4096);
  });
});
