import { cpSync, renameSync, rmSync, truncateSync } from 'node:fs';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type CliResult, runCli } from '../support/cli.js';
import { filesOf, folderOf, segmentsOf } from '../support/folder.js';

/** `dump` looks for the segments that it is given by name itself: faults of the file system at each of its steps. */

const real = { ...fs };
const CALLS = ['open', 'stat', 'readdir', 'opendir', 'realpath'] as const;

afterEach(() => install(real));

function install(calls: object): void {
  Object.assign(fs, calls);
  syncBuiltinESMExports();
}

/** @param strike told each step before it is taken: the number, what is done, and with which path */
function fileSystemThat(strike: (step: number, what: string, path: string) => void): void {
  let steps = 0;
  const call = (name: (typeof CALLS)[number]) => {
    return async (path: string, ...rest: never[]) => {
      strike(steps++, name, path);
      const found = await (real[name] as (...args: unknown[]) => Promise<unknown>)(path, ...rest);
      return name === 'open' ? watched(found as FileHandle, path) : found;
    };
  };
  const watched = (file: FileHandle, path: string): FileHandle => {
    const read = file.read.bind(file) as (...args: unknown[]) => Promise<unknown>;
    return Object.assign(file, {
      read: async (...args: unknown[]) => {
        strike(steps++, 'read', path);
        return read(...args);
      },
    });
  };
  install(Object.fromEntries(CALLS.map((name) => [name, call(name)])));
}

const SEGMENTS = filesOf(segmentsOf(4));
const NAMES = Object.keys(SEGMENTS);
const [FIRST, SECOND, THIRD] = NAMES;

const failsWith = (code: string) => (): never => {
  throw Object.assign(new Error(`${code}: it does not work`), { code, errno: -5, syscall: 'read' });
};

/** What happens to a file or folder from some step on. */
const FAULTS: Record<string, (path: string) => void> = {
  EIO: failsWith('EIO'),
  ESTALE: failsWith('ESTALE'),
  EACCES: failsWith('EACCES'),
  EMFILE: failsWith('EMFILE'),
  'being gone': (path) => rmSync(path, { recursive: true, force: true }),
  'being cut': (path) => NAMES.includes(basename(path)) && truncateSync(path, 100_000),
  'being empty': (path) => NAMES.includes(basename(path)) && truncateSync(path, 0),
  'being replaced': (path) => {
    const other = join(path, '..', FIRST);
    if (NAMES.includes(basename(path)) && path !== other) renameSync(other, path);
  },
};

const FORMS: Record<string, (folder: string) => string[]> = {
  'a folder': (folder) => [folder],
  'one segment': (folder) => [join(folder, SECOND)],
  'two segments': (folder) => [join(folder, FIRST), join(folder, THIRD)],
  'segments in --path': (folder) => ['--path', folder, FIRST, THIRD],
  'LSNs in --path': (folder) => ['--path', folder, '--start=0/180000', '--end=0/2F0000'],
};

async function dumped(folder: string, args: readonly string[]): Promise<CliResult> {
  const { stdout, stderr, code } = await runCli(['dump', ...args]);
  return { stdout, stderr: stderr.replaceAll(folder, 'folder'), code };
}

it.each(Object.entries(FORMS))('%s: the same is printed, or an error, whatever fails', async (_, argsOf) => {
  const folder = join(folderOf({ 'folder/x': '' }), 'folder');
  const fill = (): void => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(whole, folder, { recursive: true });
  };
  const whole = folderOf(SEGMENTS);
  fill();
  const steps: string[] = [];
  fileSystemThat((_step, what, path) => void steps.push(`${what} of ${basename(path)}`));
  const clean = await dumped(folder, argsOf(folder));
  expect(steps.length).toBeGreaterThan(5);
  const wrong: string[] = [];
  for (const at of steps.keys()) {
    for (const [kind, strike] of Object.entries(FAULTS)) {
      fill();
      fileSystemThat((step, _what, path) => {
        if (step === at && path.startsWith(folder)) strike(path);
      });
      const { stdout, stderr, code } = await dumped(folder, argsOf(folder));
      const isSame = stdout === clean.stdout && code === clean.code && stderr === clean.stderr;
      const isTold = code !== 0 && /folder|0{7}1\w{16}|after 0\/\w+/.test(stderr);
      if (!isSame && !isTold) wrong.push(`${kind} at ${steps[at]} (${at}): ${code}: ${stderr}`);
    }
  }
  expect(wrong).toEqual([]);
});
