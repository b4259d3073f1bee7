import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  version: string;
  dev?: boolean;
  resolved?: string;
  hasInstallScript?: boolean;
  optional?: boolean;
}

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;
const page = readFileSync('docs/dependencies.md', 'utf8');

const installed = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);
const nameOf = (path: string): string =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

it('each package that is installed with walscan stands in docs/dependencies.md with its version', () => {
  expect(installed.length).toBeGreaterThan(5);
  const lines = page.split('\n').filter((line) => line.startsWith('|'));
  const unnamed = installed.filter(
    ([path, { version }]) => !lines.some((line) => line.includes(nameOf(path)) && line.includes(version)),
  );
  expect(unnamed.map(([path]) => path)).toEqual([]);
});

it('no other stands there', () => {
  const [runtime] = page.split('## Versions');
  const rows = [...runtime.matchAll(/^\| ([^|]+) \| [\d., ]+ \|/gm)].flatMap(([, names]) =>
    names.split(', '),
  );
  const known = new Set(installed.map(([path]) => nameOf(path)));
  expect(rows.filter((name) => !known.has(name))).toEqual([]);
  expect(rows).toEqual(expect.arrayContaining(Object.keys(dependencies)));
});

it('those for development are said to be for something', () => {
  const [, development] = page.split('## For development');
  const named = Object.keys(devDependencies).filter((name) => !name.startsWith('@types/'));
  expect(named.filter((name) => !development.includes(name))).toEqual([]);
});

it('none runs a script when it is installed, and none is bound to a registry', () => {
  expect(installed.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});
