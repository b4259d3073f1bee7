import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { runCli } from '../support/cli.js';

const LAB = 'testdata/lab/17';

describe('walscan help', () => {
  it.each(COMMANDS.map(([name]) => name))('%s is that of the command itself', async (name) => {
    const asked = await runCli(['help', name]);
    expect(asked).toEqual(await runCli([name, '--help']));
    expect(asked).toMatchObject({ code: 0, stderr: '' });
    expect(asked.stdout).toContain(`Usage: walscan ${name} `);
  });

  it('alone is that of all', async () => {
    const asked = await runCli(['help']);
    expect(asked).toEqual(await runCli(['--help']));
    expect(asked.stdout).toMatch(/^ {2}help \[command\] /m);
  });

  it('says that there is no such command', async () => {
    expect(await runCli(['help', 'nonsense'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('options of all commands', () => {
  const SPANISH = { LC_ALL: 'es_ES.UTF-8' };

  it.each([
    ['--lang es', '', 2],
    ['--lang=es --help', '--help', 0],
    ['help --lang es', 'help', 0],
    ['--lang es help', 'help', 0],
    ['--lang es help rows', 'help rows', 0],
    ['help --lang es rows', 'help rows', 0],
    ['help rows --lang=es', 'help rows', 0],
    [`--lang es archive ${LAB}`, `archive ${LAB}`, 0],
  ])('have a language without a command and before it: %s', async (line, plain, code) => {
    const asked = await runCli(line.split(' '));
    expect(asked).toEqual(await runCli(plain.split(' ').filter(Boolean), SPANISH));
    expect(asked.code).toBe(code);
    expect(asked.stdout + asked.stderr).toMatch(/Empleo:|segmentos/);
  });

  it.each([
    ['--utc incidents'],
    ['-q --tz Europe/Madrid incidents'],
    ['--jobs=2 --no-progress -v incidents'],
    ['--config testdata/no-such-file incidents'],
  ])('may stand before it, as behind it: %s', async (line) => {
    const words = line.split(' ');
    const behind = [...words.slice(-1), ...words.slice(0, -1), LAB];
    const seconds = /\d+\.\d\d s/g;
    const [before, after] = await Promise.all([runCli([...words, LAB]), runCli(behind)]);
    expect({ ...before, stderr: before.stderr.replace(seconds, '') }).toEqual({
      ...after,
      stderr: after.stderr.replace(seconds, ''),
    });
  });

  it('are no command', async () => {
    const { stderr, code } = await runCli(['--utc']);
    expect(stderr).toMatch(/unknown option '--utc'.*walscan <command> --utc/);
    expect(code).toBe(2);
  });
});

/** What a command's help has as its short options, by the long ones. */
async function shortOptions(name: string): Promise<Map<string, string>> {
  const { stdout } = await runCli([name, '--help']);
  return new Map([...stdout.matchAll(/^ {2}(-\w), (--[\w-]+)/gm)].map(([, short, long]) => [long, short]));
}

describe('short options', () => {
  const ownOptions = ['dump', 'completion', 'bug-report'];
  const names = COMMANDS.map(([name]) => name).filter((name) => !ownOptions.includes(name));

  it('stand for the same in all commands', async () => {
    const meanings = new Map<string, Set<string>>();
    for (const name of names) {
      for (const [long, short] of await shortOptions(name)) {
        meanings.set(short, (meanings.get(short) ?? new Set()).add(long));
      }
    }
    expect(Object.fromEntries([...meanings].map(([short, longs]) => [short, [...longs].join()]))).toEqual({
      '-b': '--backup',
      '-d': '--database',
      '-D': '--pgdata',
      '-h': '--help',
      '-o': '--output',
      '-q': '--quiet',
      '-t': '--timeline',
      '-v': '--verbose',
      '-x': '--expanded',
      '-V': '--version',
    });
  });

  it.each(names)('stand before every long one that has one elsewhere: %s', async (name) => {
    const { stdout } = await runCli([name, '--help']);
    expect(stdout).not.toMatch(/^ {2,6}--(?:backup|database|output|quiet|timeline|verbose)\b/m);
    expect(stdout).toMatch(/--json/);
  });
});

describe('standard error', () => {
  it('has notes, and none with --quiet', async () => {
    const noZone = { TZ: 'Nowhere/None' };
    const loud = await runCli(['incidents', LAB], noZone);
    expect(loud.stderr).toMatch(/^walscan: TZ is "Nowhere/);
    const quiet = await runCli(['incidents', '-q', LAB], noZone);
    expect(quiet).toEqual({ ...loud, stderr: '' });
  });

  it('has errors with --quiet, too', async () => {
    const { stderr, code } = await runCli(['incidents', '-q', 'testdata/no-such-folder']);
    expect(stderr).toMatch(/^walscan: .*no-such-folder/);
    expect(code).toBe(2);
  });

  it('has phases, bytes and seconds with --verbose, and the answer is the same', async () => {
    const plain = await runCli(['incidents', LAB]);
    const verbose = await runCli(['incidents', '-v', LAB]);
    expect({ ...verbose, stderr: '' }).toEqual(plain);
    expect(verbose.stderr).toMatch(/^walscan: wal: \d+\.\d MiB in \d+\.\d\d s$/m);
    expect(verbose.stderr).toMatch(/^walscan: in all \d+\.\d\d s$/m);
  });

  it.each([['find-commit', '--rel', '16386'], ['incidents']])(
    'has with --progress what is certain before the end: %s',
    async (...command) => {
      const { stdout, stderr } = await runCli([...command, '--utc', '--progress', LAB]);
      const [, time, xid, lsn] =
        /^walscan: the last one so far: DELETE of \d+ rows of \S+\/16386, committed (.*), transaction (\d+), at (\S+)$/m.exec(
          stderr,
        )!;
      // the lab has one DELETE alone: the answer says the same
      for (const said of [time, `transaction ${xid}`, lsn]) expect(stdout).toContain(said);
    },
  );

  it.each([
    [['--progress'], /^walscan: \w+: \d+ (?:of \d+ )?MiB$/m],
    [['--no-progress'], /^$/],
    [['--progress', '--quiet'], /^$/],
    [[], /^$/],
  ])('that is no terminal has progress where it is asked for: %j', async (options, expected) => {
    const { stderr } = await runCli(['incidents', ...options, LAB]);
    expect(stderr).toMatch(expected);
  });
});
