import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderOf } from './support/folder.js';

/** The rooms that may lean on Node. */
const NODE_ROOMS = /^src\/(?:node|cli)(?:\/|\.ts$)/;

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => `src/${name}`)
  .filter((name) => name.endsWith('.ts'));
/** The page has packages of its own, and is TypeScript of its own (`src/web/tsconfig.json`). */
const portable = files.filter((name) => !NODE_ROOMS.test(name) && !name.startsWith('src/web/'));

interface Use {
  file: string;
  name: string;
}

/** What modules a file imports, and which names of it stand for Node's globals. */
function usesOf(file: string): { imports: Use[]; globals: Use[] } {
  const imports: Use[] = [];
  const globals: Use[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) && isModuleName(node)) imports.push({ file, name: node.text });
    if (ts.isIdentifier(node) && GLOBALS.has(node.text) && !isPropertyName(node)) {
      globals.push({ file, name: node.text });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true));
  return { imports, globals };
}

const GLOBALS = new Set([
  'Buffer',
  'process',
  'NodeJS',
  'require',
  '__dirname',
  '__filename',
  'setImmediate',
]);

function isModuleName({ parent }: ts.StringLiteral): boolean {
  return (
    ts.isImportDeclaration(parent) ||
    ts.isExportDeclaration(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword)
  );
}

const isPropertyName = (node: ts.Identifier): boolean =>
  ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;

describe('outside the rooms of Node', () => {
  const uses = portable.map(usesOf);
  const imports = uses.flatMap((use) => use.imports);

  it('nothing of Node is imported', () => {
    expect(portable.length).toBeGreaterThan(150);
    expect(imports.length).toBeGreaterThan(500);
    expect(imports.filter(({ name }) => /^node:|\/(?:node|cli)\//.test(name))).toEqual([]);
    const packages = new Set(imports.map(({ name }) => name).filter((name) => !name.startsWith('.')));
    expect([...packages].sort()).toEqual([
      '@noble/ciphers/aes.js',
      '@noble/hashes/legacy.js',
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      'fflate',
      'hyparquet',
      'hyparquet-writer',
      'picocolors',
      'string-width',
      'xz-decompress',
    ]);
  });

  it('no global of Node is used', () => {
    expect(uses.flatMap((use) => use.globals)).toEqual([]);
    // what the rooms of Node use is found
    const found = files.filter((name) => NODE_ROOMS.test(name)).flatMap((name) => usesOf(name).globals);
    expect(found.map(({ name }) => name)).toContain('process');
  });
});

/** Ground first. */
const ROOMS = [
  ...[
    'wal',
    'text',
    'reader',
    'rmgr',
    'dump',
    'cluster',
    'follow',
    'heap',
    'sources',
    'logs',
    'repos',
    'replay',
    'questions',
    'web',
  ],
  ...['node', 'cli'],
];

it('a room imports none above it', () => {
  const roomOf = (file: string): number => ROOMS.indexOf(file.split('/')[1]);
  const inRooms = files.filter((file) => /^src\/[^/]+\//.test(file));
  expect([...new Set(inRooms.map(roomOf))].sort((a, b) => a - b)).toEqual(ROOMS.map((_, i) => i));
  const upwards = inRooms.flatMap((file) =>
    usesOf(file).imports.flatMap(({ name }) => {
      const path = join(dirname(file), name);
      return name.startsWith('.') && roomOf(path) > roomOf(file) ? [`${file} imports ${path}`] : [];
    }),
  );
  expect(upwards).toEqual([]);
});

it('no file imports itself by way of others, be it for a type', () => {
  const left = new Map(
    files.map((file) => [
      file,
      usesOf(file).imports.map(({ name }) => join(dirname(file), name).replace(/\.js$/, '.ts')),
    ]),
  );
  const ready = () => [...left].filter(([, imports]) => !imports.some((name) => left.has(name)));
  for (let done = ready(); done.length > 0; done = ready()) {
    for (const [file] of done) left.delete(file);
  }
  expect([...left.keys()]).toEqual([]);
});

/** What files load at once: neither what they import when they need it, nor what they only have types of. */
async function loadedBy(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    ...{ bundle: true, write: false, metafile: true, platform: 'node', packages: 'external' },
    outdir: '.',
    ...{ format: 'esm', splitting: true },
  });
  const loaded = new Set<string>();
  const follow = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of metafile.inputs[path]?.imports ?? []) {
      if (kind === 'import-statement') follow(next);
    }
  };
  follow(entry);
  return [...loaded];
}

it.each(['src/questions/find-commit/ask.ts', 'src/questions/incidents/ask.ts', 'src/node/walscan-worker.ts'])(
  'nothing of Parquet or DuckDB is loaded by %s before it is needed',
  async (entry) => {
    const loaded = await loadedBy(entry);
    expect(loaded).toContain('src/questions/registry.ts');
    expect(loaded.filter((path) => /parquet|duckdb/.test(path))).toEqual([]);
  },
);

describe('bundled for a browser', () => {
  const script = `
    import { archiveJson, examineArchive, findCommit, findCommitJson } from './src/index.ts';
    globalThis.answer = async (files) => {
      const { relations } = findCommitJson(await findCommit(files, { relation: '1247' }));
      const { timelines, problems } = archiveJson(await examineArchive(files));
      return JSON.stringify({ relations, timelines, problems });
    };
  `;
  let bundle = '';

  beforeAll(async () => {
    const { outputFiles, warnings } = await build({
      stdin: { contents: script, resolveDir: resolve('.'), loader: 'ts' },
      ...{ bundle: true, write: false, platform: 'browser', format: 'esm' },
    });
    expect(warnings).toEqual([]);
    bundle = outputFiles[0].text;
  });

  it.each(['raw', 'gz', 'zst', 'lz4', 'bz2', 'xz', 'tar'])(
    'questions are answered where there is nothing of Node: %s',
    (suffix) => {
      const segment = resolve('testdata/formats/000000010000000000000024');
      const folder = folderOf({ 'bundle.mjs': bundle });
      // Node's globals that no browser has are taken away before anything of the bundle runs
      const program = `
        import { execFileSync } from 'node:child_process';
        import { readFileSync } from 'node:fs';
        import { gunzipSync } from 'node:zlib';
        const segment = ${JSON.stringify(segment)};
        const raw = new Uint8Array(gunzipSync(readFileSync(segment + '.gz')));
        const name = '000000010000000000000024';
        const packed = (suffix) => new Uint8Array(readFileSync(segment + '.' + suffix));
        const tar = () => new Uint8Array(execFileSync('tar', ['-cf', '-', '-C', ${JSON.stringify(resolve('testdata/formats'))}, name + '.gz']));
        const suffix = ${JSON.stringify(suffix)};
        const file = suffix === 'raw' ? { name, bytes: raw }
          : suffix === 'tar' ? new File([tar()], 'x.tar') : { name: name + '.' + suffix, bytes: packed(suffix) };
        const { log } = console;
        for (const global of ['Buffer', 'process', 'setImmediate', 'clearImmediate', 'global']) delete globalThis[global];
        await import(${JSON.stringify(pathToFileURL(join(folder, 'bundle.mjs')).href)});
        const expected = await answer([raw]);
        const actual = await answer([file]);
        log(JSON.stringify({ expected, actual }));
      `;
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        encoding: 'utf8',
      });
      const { expected, actual } = JSON.parse(output) as { expected: string; actual: string };
      expect(actual).toBe(expected);
      expect(JSON.parse(actual)).toMatchObject({
        relations: [{ relation: '1663/16384/1247' }],
        problems: [],
      });
    },
  );
});

it('is what the entry for Node builds upon', () => {
  expect(usesOf('src/node.ts').imports.map(({ name }) => name)).toContain('./index.js');
});
