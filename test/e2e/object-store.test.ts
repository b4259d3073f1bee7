import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CliResult, program, runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import type { Asked, Fault } from '../support/s3/faults.js';
import { S3Server } from '../support/s3/server.js';

const ROWS = 'testdata/rows/18';
const BRANCHES = 'testdata/two-timelines';
const BUCKET = 's3://archives/of/';
const TABLE = ['--table', 'ventas.inventarios', '--database', 'ventas_db'];

let server: S3Server;
/** The base backup of {@link ROWS}, unpacked. */
let backup: string;

beforeAll(async () => {
  backup = mkdtempSync(join(tmpdir(), 'walscan-'));
  execFileSync('tar', [
    '-xzf',
    `${ROWS}/base.tar.gz`,
    '-C',
    backup,
    'PG_VERSION',
    'global/pg_control',
    'backup_label',
  ]);
  server = await S3Server.start();
  await server.put('archives', {
    ...filesIn(ROWS),
    ...filesIn(BRANCHES),
    ...filesIn(backup, 'backup'),
  });
});
afterAll(async () => {
  await server.close();
  rmSync(backup, { recursive: true });
});
beforeEach(() => {
  for (const [name, value] of Object.entries(server.settings)) vi.stubEnv(name, value);
  server.faults.next(0, 'reset');
  return () => vi.unstubAllEnvs();
});

/** The files of a folder and below, by where they lie in the bucket. */
function filesIn(folder: string, name = folder): Record<string, Uint8Array> {
  const found = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    found.map((one) => {
      const path = join(one.parentPath, one.name);
      return [`of/${name}${path.slice(folder.length)}`, readFileSync(path)];
    }),
  );
}

/** The same question of the folders and of the bucket. */
async function both(args: string[]): Promise<{ files: CliResult; store: CliResult }> {
  const files = await runCli(args.map((one) => one.replace('@backup', backup).replace('@', '')));
  const store = await runCli(
    args.map((one) => one.replace('@backup', `${BUCKET}backup`).replace('@', BUCKET)),
  );
  const isLocal = (text: string): string => text.replaceAll(`${BUCKET}backup`, backup).replaceAll(BUCKET, '');
  return { files, store: { ...store, stdout: isLocal(store.stdout), stderr: isLocal(store.stderr) } };
}

const isSegment = ({ method, key }: Asked): boolean => method === 'GET' && /[0-9A-F]{24}/.test(key ?? '');

describe('what lies in a bucket', () => {
  it.each([
    [['find-commit', `@${BRANCHES}`, '--rel', '16384', '--json'], 3],
    [['find-commit', `@${BRANCHES}/000000010000000000000008.gz`, '--rel', '16384'], 0],
    [['archive', `@${BRANCHES}`], 3],
    [['archive', `@${ROWS}`, '--json'], 0],
    [['incidents', `@${ROWS}`, '--backup', `@${ROWS}/base.tar.gz`, '--json'], 0],
    [['rows', `@${ROWS}`, '--backup', `@${ROWS}/base.tar.gz`, ...TABLE, '--deleted-by', 'last'], 0],
    [['dump', `@${ROWS}`, '-z'], 0],
    [['dump', '-p', `@${ROWS}`, '000000010000000000000002', '-n', '5'], 0],
    [['control', '@backup'], 0],
    [['control', '--json', `@${ROWS}/base.tar.gz`], 0],
  ])('says the same as what lies in folders: %j', async (args, code) => {
    const { files, store } = await both(args);
    expect(store).toEqual(files);
    expect(store.code).toBe(code);
  });

  it('is restored from there', async () => {
    const plan = ['plan', `@${ROWS}`, '--backup', `@${ROWS}/base.tar.gz`, '--latest'];
    const { files, store } = await both(plan);
    const isOther = (line: string): boolean => !line.includes('restore_command');
    expect(store.stdout.split('\n').filter(isOther)).toEqual(files.stdout.split('\n').filter(isOther));
    expect(store.stdout).toContain(`  restore_command = 'aws s3 cp ${ROWS}/%f.gz - | gunzip > %p'\n`);
  });

  it.each<Fault>(['slow-down', 'reset-in-body', 'half-of-it'])(
    'says the same where a request fails now and then: %s',
    async (fault) => {
      let requests = 0;
      server.faults.strike = () => (++requests % 3 === 0 ? fault : undefined);
      const { files, store } = await both(['archive', `@${BRANCHES}`]);
      expect(store).toEqual(files);
      expect(requests).toBeGreaterThan(20);
    },
  );
});

describe('a store that fails', () => {
  it.each<[string, string[]]>([
    ['find-commit', ['find-commit', BUCKET + BRANCHES, '--rel', '16384']],
    ['archive', ['archive', BUCKET + BRANCHES]],
    ['dump', ['dump', BUCKET + BRANCHES]],
  ])('is no answer, and no damage: %s', async (_, args) => {
    // the tenth segment that is read never comes
    let segments = 0;
    let failing: string | undefined;
    server.faults.strike = (asked) => {
      if (isSegment(asked) && ++segments === 10) failing = asked.key;
      return failing !== undefined && asked.key === failing ? 'internal-error' : undefined;
    };
    const { stdout, stderr, code } = await runCli(args);
    expect(stderr).toMatch(
      /the store gave no answer for s3:\/\/archives\/of\/\S+ \(8 tries\): InternalError/,
    );
    expect(stdout).not.toMatch(/damage|missing|Nothing/i);
    expect(code).toBe(args[0] === 'dump' ? 1 : 2);
  });

  it('that denies a segment has it told as one that was not read', async () => {
    server.faults.strike = ({ key, method }) =>
      method === 'GET' && key?.endsWith('000000010000000000000009.gz') ? 'access-denied' : undefined;
    const { stdout, code } = await runCli(['archive', BUCKET + BRANCHES]);
    expect(stdout).toContain(
      `cannot read ${BUCKET}${BRANCHES}/000000010000000000000009.gz: access is denied; the credentials must allow s3:GetObject on it`,
    );
    expect(code).toBe(3);
  });
});

it('without the SDK it is said what to install', () => {
  const folder = folderOf({ 'package.json': '{ "private": true, "type": "module" }' });
  cpSync(dirname(program), join(folder, 'walscan'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, object>;
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
  }
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(folder, 'walscan/cli.js'), ...args], { encoding: 'utf8' });
  expect(run('archive', resolve(ROWS))).toMatchObject({ stderr: '', status: 0 });
  const { stderr, status } = run('archive', 's3://archives/of');
  expect(stderr).toBe(
    'walscan: to read s3://archives takes the package @aws-sdk/client-s3, which cannot be loaded; install it beside walscan: npm install @aws-sdk/client-s3 (with -g where walscan was installed so)\n',
  );
  expect(status).toBe(2);
});
