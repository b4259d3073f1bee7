import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildBinary } from '../../binary/build.js';
import { bunFor, hostTarget } from '../../binary/bun.js';
import { version } from '../../package.json';
import { program } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import { isOffline } from '../support/offline.js';
import { IN_REPORT_PAGE } from '../support/report-page.js';
import { QUESTIONS, runFile } from '../support/run-file.js';
import { S3Server } from '../support/s3/server.js';

const outDir = mkdtempSync(join(tmpdir(), 'walscan-binary-'));
afterAll(() => rmSync(outDir, { recursive: true }));

/** @returns undefined where Bun cannot be had */
function build(): Promise<string> | undefined {
  try {
    bunFor(hostTarget());
  } catch (error) {
    isOffline(error);
    return undefined;
  }
  return buildBinary(hostTarget(), outDir);
}

const built = await build();
const path = built ?? '';
const title = built === undefined ? 'the executable (Bun cannot be had: offline)' : 'the executable';

describe.skipIf(built === undefined).concurrent(title, () => {
  it('needs no Node and says its version', async () => {
    const said = { stdout: `walscan ${version}\n`, stderr: '', code: 0 };
    expect(await runFile([path, '--version'], { PATH: '/nowhere' })).toEqual(said);
  });

  it.each(QUESTIONS.map((question) => [question.join(' '), question]))(
    'answers as the program does: %s',
    async (_, question) => {
      const [answer, expected] = await Promise.all([
        runFile([path, ...question]),
        runFile([process.execPath, program, ...question]),
      ]);
      expect(answer).toEqual(expected);
    },
  );

  it.runIf(process.getuid?.() === 0)('runs for a user whom the system does not know', async () => {
    const question = ['find-commit', '--rel', '16386', 'testdata/formats/000000010000000000000024.gz'];
    chmodSync(outDir, 0o755);
    const asNobody = ['setpriv', '--reuid=65432', '--regid=65432', '--clear-groups', path];
    expect(await runFile([...asNobody, ...question], { PATH: '/usr/bin:/bin' })).toEqual(
      await runFile([path, ...question]),
    );
  });

  it('reads object stores', async () => {
    const server = await S3Server.start();
    try {
      const name = '000000010000000000000024.gz';
      await server.put('archives', { [name]: readFileSync(`testdata/formats/${name}`) });
      const question = [path, 'find-commit', '--rel', '16386', '--json'];
      const [stored, plain] = await Promise.all([
        runFile([...question, `s3://archives/${name}`], server.settings),
        runFile([...question, `testdata/formats/${name}`]),
      ]);
      expect(stored.code).toBe(plain.code);
      expect(JSON.parse(stored.stdout).relations).toEqual(JSON.parse(plain.stdout).relations);
    } finally {
      await server.close();
    }
  });

  it('takes nothing out of the folder that it is run in', async () => {
    const folder = folderOf({
      '.env': 'TZ=Asia/Tokyo\n',
      'bunfig.toml': 'preload = ["./evil.js"]\n',
      'evil.js': 'console.log("evil");',
    });
    const segment = join(process.cwd(), 'testdata/formats/000000010000000000000024.gz');
    const question = [path, 'find-commit', '--rel', '16386', segment];
    expect(await runFile(question, {}, folder)).toEqual(await runFile(question));
  });

  it('tells an error that nobody waited for in a line', async () => {
    const script = `setTimeout(() => Promise.reject(Object.assign(new Error('the disk is gone'), { code: 'EIO' })), 5);`;
    const preload = join(folderOf({ 'preload.js': script }), 'preload.js');
    const { code, stderr } = await runFile([path, 'dump', 'testdata/lab/17'], {
      BUN_OPTIONS: `--preload ${preload}`,
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'walscan: the disk is gone\n' });
  });

  it('has a checksum and the licences of what is in it beside it', () => {
    const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
    expect(readFileSync(`${path}.sha256`, 'utf8')).toBe(`${sum}  ${basename(path)}\n`);
    const licenses = readFileSync(join(dirname(path), 'THIRD-PARTY-LICENSES.txt'), 'utf8');
    const names = ['Bun', 'JavaScriptCore', '@aws-sdk/client-s3', 'commander', 'xz-decompress'];
    for (const one of [...names, ...IN_REPORT_PAGE]) {
      expect(licenses).toContain(one);
    }
  });
});
