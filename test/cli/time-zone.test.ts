import { describe, expect, it } from 'vitest';
import { runCli } from '../support/cli.js';

const LAB = 'testdata/lab/17';
const COMMANDS = [
  ['archive', LAB, '--at', '2026-11-22 10:13:38'],
  ['archive', LAB, '--quick'],
  ['incidents', LAB],
  ['find-commit', LAB, '--rel', '16386'],
  ['plan', LAB, '--backup', `${LAB}/backup_label`, '--latest'],
  [
    'rows',
    LAB,
    '--rel',
    '16386',
    '--columns',
    'id int4, producto text, stock int4, at timestamp',
    '--deleted-by',
    'last',
  ],
  ['control', `${LAB}/pg_control`],
  ['dump', LAB, '-n', '1', '--timeline', '1'],
];
const WARNING = /^walscan: TZ is "(.*)", which is no time zone on this machine: times are in UTC;/m;
const HALF =
  /^walscan: TZ is "(.*)", which is no time zone on this machine: times are in what C programs take it for;/m;

describe('a TZ that is no time zone', () => {
  it.each(COMMANDS)('is told by walscan %s', async (...args) => {
    const { stderr, stdout } = await runCli(args, { TZ: 'Europe/Nowhere' });
    expect(WARNING.exec(stderr)?.[1]).toBe('Europe/Nowhere');
    expect(stdout).not.toBe('');
  });

  it.each([
    'EST5EDT4,xx',
    'EST5EDT,M3.2.0',
    'EST5EDT,M3.2.0,',
    'EST5EDT,',
    'EST5,M3.2.0',
    'EST5EDT,M3.2.0,M11.1',
  ])('of which a part can be read, such as %s', async (TZ) => {
    expect((await runCli(['archive', LAB, '--quick'], { TZ })).stderr).toMatch(HALF);
  });

  it.each(['Foo', 'Europe', '/etc/passwd', 'UTC+', 'A1'])('such as %s', async (TZ) => {
    expect((await runCli(['archive', LAB, '--quick'], { TZ })).stderr).toMatch(WARNING);
  });

  it.each([...['', 'UTC', ':America/Lima', 'EST5EDT', '<-03>3', 'EST5EDT,M3.2.0,M11.1.0', undefined]])(
    'not such as %s',
    async (TZ) => {
      expect((await runCli(['archive', LAB, '--quick'], { TZ })).stderr).toBe('');
    },
  );

  it('does not matter where times are in UTC anyway', async () => {
    expect((await runCli(['archive', LAB, '--quick', '--utc'], { TZ: 'Foo' })).stderr).toBe('');
  });
});
