import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ensureReportPage, packagesInReportPage } from '../report-page.js';
import { manPages } from '../src/cli/man.js';
import { bunFor, bunVersion, hostTarget } from './bun.js';
import { licensesOf } from './third-party.js';

/** What the build flags are for is in docs/decisions/one-file.md. */
const FLAGS = [
  ...['--compile', '--bytecode', '--format=esm', '--splitting', '--minify-whitespace', '--minify-syntax'],
  // a folder that the program is run in must not change what it does
  ...['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig'],
  // the worker lies beside the program, which is where it is looked for
  '--entry-naming=[name].[ext]',
  '--define=import.meta.url=undefined',
  // native code, of 70 MB, for one command
  '--external=@duckdb/node-api',
];

/**
 * Makes `walscan-<target>` in a folder, its checksum, and the licences of what is in it.
 * @returns the path of the executable
 * @throws what npm says where Bun cannot be had, what Bun says where it cannot build
 */
export async function buildBinary(target: string, outDir: string): Promise<string> {
  await ensureReportPage();
  const isWindows = target.startsWith('windows');
  const path = join(outDir, `walscan-${target}${isWindows ? '.exe' : ''}`);
  const root = isWindows ? 'B:/~BUN/root' : '/$bunfs/root';
  const scratch = mkdtempSync(join(tmpdir(), 'walscan-binary-'));
  const metafile = join(scratch, 'meta.json');
  try {
    mkdirSync(outDir, { recursive: true });
    execFileSync(
      bunFor(hostTarget()),
      [
        ...['build', ...FLAGS, `--define=__filename="${root}/walscan"`, `--metafile=${metafile}`],
        ...[`--target=bun-${target}`, `--compile-executable-path=${bunFor(target)}`, `--outfile=${path}`],
        ...['src/cli/main.ts', 'src/node/walscan-worker.ts'],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    for (const { file, text } of await manPages()) writeFileSync(join(outDir, file), text);
    const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { inputs: object };
    writeFileSync(
      join(outDir, 'THIRD-PARTY-LICENSES.txt'),
      `${aboutBun()}\n${licensesOf([...Object.keys(inputs), ...(await packagesInReportPage())])}`,
    );
  } finally {
    rmSync(scratch, { recursive: true });
  }
  const sum = createHash('sha256').update(readFileSync(path)).digest('hex');
  writeFileSync(`${path}.sha256`, `${sum}  ${basename(path)}\n`);
  return path;
}

const aboutBun = (): string =>
  readFileSync('binary/bun-licenses.txt', 'utf8').replaceAll('VERSION', bunVersion());
