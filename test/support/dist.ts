import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What `dist` is made of. */
const SOURCES = [
  'tsup.config.ts',
  'report-page.ts',
  'binary/third-party.ts',
  'tsconfig.json',
  'package.json',
  'src',
];
/** What is there when all of it has been built. */
const BUILT = [
  'dist/cli.js',
  'dist/esm/index.js',
  'dist/cjs/index.js',
  'dist/report-page.mjs',
  'dist/esm/node/walscan-worker.d.ts',
];

/** Whether `dist` has been built of the sources as they are. */
export function isBuilt(): boolean {
  // folders, too, which change when a file goes
  const inSrc = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name));
  return Math.min(...BUILT.map(timeOf)) > Math.max(...[...SOURCES, ...inSrc].map(timeOf));
}

/** When it was last written; long ago where it is not there. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
