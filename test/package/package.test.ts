import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { type BuildOptions, build } from 'esbuild';
import { publint } from 'publint';
import ts from 'typescript-5.0';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import type { ReportJson } from '../../src/index.js';
import { BuiltPackage } from '../support/built-package.js';
import { ENTRIES, type Entry, PublicDeclarations } from '../support/declarations.js';

let made: BuiltPackage;
beforeAll(() => {
  made = BuiltPackage.make();
});
afterAll(() => made.close());

/** One segment, in every compression that there is. */
const PACKED = ['gz', 'bz2', 'lz4', 'xz', 'zst'].map(
  (name) => `testdata/formats/000000010000000000000024.${name}`,
);

/** What is to come of the programs below. */
const ANSWER = '741 741, problems 0 0 0 0 0';

const BODY = `
async function answer() {
  const { relations } = await findCommit(process.argv.slice(2), { relation: '16386', jobs: 2 });
  const archives = await Promise.all(${JSON.stringify(PACKED)}.map((path) => examineArchive([path])));
  const xids = relations.map(({ lastInsert }) => lastInsert.xid);
  const problems = archives.map(({ problems }) => problems.length);
  console.log(\`\${xids.join(' ')}, problems \${problems.join(' ')}\`);
}
answer();`;
const ESM = `import { examineArchive, findCommit } from 'walscan/node';${BODY}`;
const CJS = `const { examineArchive, findCommit } = require('walscan/node');${BODY}`;

const WAL = ['testdata/lab/17/pg_wal.tar.gz', 'testdata/lab/17'];

const execute = promisify(execFile);

/** @returns what a program says */
async function run(program: string, ...options: string[]): Promise<{ answer: string; warnings: string }> {
  const { stdout, stderr } = await execute(process.execPath, [...options, program, ...WAL]);
  return { answer: stdout.trim(), warnings: stderr };
}

const ONE_THREAD = '[WALSCAN_ONE_THREAD] Warning: walscan uses one thread';

describe.concurrent('the package', () => {
  it('is no larger than it may be, and without source maps', () => {
    expect(made.tarball.length).toBeLessThan(2_200_000);
    const files = readdirSync(made.installed, { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    const executable = files.filter((name) => {
      const stats = statSync(join(made.installed, name));
      return stats.isFile() && stats.mode & 0o111;
    });
    expect(executable).toEqual(['dist/cli.js']);
  });

  it('has the licences of all packages that are in it', () => {
    const licenses = readFileSync(join(made.installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { version: string; dev?: boolean }>;
    };
    const names = Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && !dev)
      .map(([path, { version }]) => `${path.split('node_modules/').at(-1)} ${version}`);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !licenses.includes(`${name}\n`))).toEqual([]);
  });

  it('has a program', async () => {
    const { stdout } = await execute(join(made.installed, 'dist/cli.js'), ['--version']);
    expect(stdout).toMatch(/^walscan \d/);
  });

  it('has a program that makes a report, with the names that a backup tells', async () => {
    const args = ['report', '--backup', 'testdata/rows/18/base.tar.gz', 'testdata/rows/18', '-o', '-'];
    const of = (...options: string[]) =>
      execute(join(made.installed, 'dist/cli.js'), [...args, ...options], { maxBuffer: 2 ** 25 });
    const page = await of();
    expect(page.stdout).toMatch(/^<!doctype html>/i);
    const { wal } = JSON.parse((await of('--json')).stdout) as ReportJson;
    for (const { name } of wal.relations.largest) expect(page.stdout).toContain(`"name":"${name!.name}"`);
  });

  it.each([
    ['report.mjs', `import { readReport, renderReport, reportJson } from 'walscan/node';`],
    ['report.cjs', `const { readReport, renderReport, reportJson } = require('walscan/node');`],
  ])('makes the page of a report: %s', async (name, imports) => {
    const program = made.write(
      name,
      `${imports}
      readReport(process.argv.slice(2), { minRows: 10 })
        .then((report) => renderReport(reportJson(report)))
        .then((page) => console.log(page.slice(0, 15), page.includes('"walscan":')));`,
    );
    expect((await run(program)).answer.toLowerCase()).toBe('<!doctype html> true');
  });

  it.each([
    ['esm.mjs', ESM],
    ['cjs.cjs', CJS],
  ])('works with threads: %s', async (name, text) => {
    expect(await run(made.write(name, text))).toEqual({ answer: ANSWER, warnings: '' });
  });

  it.each([
    [
      'one-class.mjs',
      `import * as a from 'walscan'; import * as b from 'walscan/node'; import * as c from 'walscan/parts';`,
    ],
    [
      'one-class.cjs',
      `const [a, b, c] = ['', '/node', '/parts'].map((entry) => require('walscan' + entry));`,
    ],
  ])('has each class once: %s', async (name, imports) => {
    const program = made.write(
      name,
      `${imports}
      const error = (() => { try { c.parseRelation('?'); } catch (error) { return error; } })();
      console.log(typeof a.WalError, a.WalError === b.WalError, error instanceof b.WalError);`,
    );
    expect((await run(program)).answer).toBe('function true true');
  });

  it('says that it uses one thread where others are not allowed', async () => {
    const { answer, warnings } = await run(
      made.write('permission.mjs', ESM),
      '--experimental-permission',
      '--allow-fs-read=*',
    );
    expect(answer).toBe(ANSWER);
    expect(warnings).toContain(`${ONE_THREAD}: worker threads are not allowed (--allow-worker)\n`);
  });
});

describe.concurrent('types', () => {
  it('are what publint wants', async () => {
    const { messages } = await publint({
      pkgDir: made.installed,
      pack: false,
      strict: true,
    });
    expect(messages).toEqual([]);
  });

  it('are right in every way to resolve them', async () => {
    const result = await checkPackage(createPackageFromTarballData(made.tarball));
    expect(result).toMatchObject({ types: { kind: 'included' }, problems: [] });
  });

  const USE = `
    import { decode, openSegment, walRecords, WalError, type HeapInsert, type RecordData } from 'walscan';
    import { findCommit, WalError as Same } from 'walscan/node';
    import { HeapReplay } from 'walscan/parts';
    const error: WalError = new Same('usage', 'message');
    const replay = new HeapReplay();
    for (const record of walRecords([openSegment(new Uint8Array(8192))])) {
      const data: RecordData = decode(record);
      if (data.type === 'unknown' || data.type === 'undecodable') continue;
      if (data.rmgr === 'Heap' && data.type === 'insert') { const insert: HeapInsert = data; }
    }
    export const answer = findCommit(['.'], { relation: '16386' });
    export const all = [error, replay];`;

  const { ModuleKind, ModuleResolutionKind } = ts;
  it.each([
    ['node16', ['types.mts', 'types.cts'], ModuleKind.Node16, ModuleResolutionKind.Node16],
    ['bundler', ['types.ts'], ModuleKind.ES2022, ModuleResolutionKind.Bundler],
    ['node', ['types.ts'], ModuleKind.CommonJS, ModuleResolutionKind.Node10],
  ])('need TypeScript 5.0 and JavaScript of 2022 alone: %s', (_, names, module, moduleResolution) => {
    const program = ts.createProgram(
      names.map((name) => made.write(name, USE)),
      {
        module,
        moduleResolution,
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts'],
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      },
    );
    const problems = ts.getPreEmitDiagnostics(program);
    expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([]);
  });
});

describe.concurrent('bundled by esbuild', () => {
  /** @returns the bundle's path */
  async function bundle(text: string, options: BuildOptions, outfile: string): Promise<string> {
    const path = join(made.folder, outfile);
    const stdin = { contents: text, resolveDir: made.folder };
    await build({
      stdin,
      bundle: true,
      platform: 'node',
      outfile: path,
      logLevel: 'error',
      ...options,
    });
    return path;
  }

  it.each([
    ['esbuild/esm.mjs', ESM, 'esm'],
    ['esbuild/esm-as-cjs.cjs', ESM, 'cjs'],
    ['esbuild/cjs.cjs', CJS, 'cjs'],
  ] as const)('works with one thread, and says so: %s', async (outfile, text, format) => {
    const { answer, warnings } = await run(await bundle(text, { format }, outfile));
    expect(answer).toBe(ANSWER);
    expect(warnings).toContain(ONE_THREAD);
  });

  it.each(['esm.mjs', 'cjs.cjs'])(
    'works with threads, with walscan/worker beside it: %s',
    async (outfile) => {
      const format = outfile === 'esm.mjs' ? 'esm' : 'cjs';
      const program = await bundle(ESM, { format }, `with-worker/${outfile}`);
      const extension = outfile.slice(-4);
      await bundle(`import 'walscan/worker';`, { format }, `with-worker/walscan-worker${extension}`);
      expect(await run(program)).toEqual({ answer: ANSWER, warnings: '' });
    },
  );

  it.each([
    ['formatLsn, parseLsn', 400],
    ['WalError', 1_150],
    ['parseHistory, timelineChain', 3_200],
    ['parseControlFile', 3_700],
    ['openSegment, walRecords', 10_000],
    ['openSegment, walRecords, decode', 28_000],
  ])('is small where only some is used: { %s } in %i bytes', async (names, limit) => {
    const { outputFiles } = await build({
      stdin: { contents: `export { ${names} } from 'walscan';`, resolveDir: made.folder },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    expect(gzipSync(outputFiles[0].contents).length).toBeLessThanOrEqual(limit);
  });
});

describe.concurrent('bundled by webpack', () => {
  it.each([
    ['esm.cjs', 'esm.mjs', ESM],
    ['cjs.cjs', 'cjs.cjs', CJS],
    ['esm.mjs', 'esm.mjs', ESM],
  ])('works: %s', async (filename, entry, text) => {
    const path = join(made.folder, `webpack-${filename}`);
    const isModule = filename.endsWith('.mjs');
    const compiler = webpack({
      mode: 'none',
      target: 'node20',
      entry: made.write(entry, text),
      output: { path, filename, ...(isModule && { module: true, chunkFormat: 'module' }) },
      experiments: { outputModule: isModule },
    });
    const stats = await new Promise<webpack.Stats>((resolve, reject) => {
      compiler.run((error, result) => (result ? resolve(result) : reject(error)));
    });
    expect(stats.toJson({ all: false, errors: true, warnings: true })).toMatchObject({
      errors: [],
      warnings: [],
    });
    expect(await run(join(path, filename))).toEqual({
      answer: ANSWER,
      // an ES module knows where the package was
      warnings: isModule ? '' : expect.stringContaining(ONE_THREAD),
    });
  });
});

describe('the public surface', () => {
  const entries = Object.keys(ENTRIES) as Entry[];
  let surface: PublicDeclarations;
  beforeAll(() => {
    surface = new PublicDeclarations(join(made.installed, 'dist/cjs'));
  });

  it.each(entries)('%s is what it was', async (entry) => {
    const declarations = [...surface.exportsOf(entry)]
      .filter(([name]) => entry === 'walscan' || !surface.exportsOf('walscan').has(name))
      .map(([name, symbol]) => `// ${name}\n${surface.textOf(symbol)}\n`);
    await expect(declarations.join('\n')).toMatchFileSnapshot(`api/${ENTRIES[entry]}.txt`);
  });

  it.each(entries)('%s exports every type that its declarations name', (entry) => {
    const known = new Set([
      ...surface.exportsOf(entry).values(),
      ...surface.exportsOf('walscan').values(), // on which the others stand
    ]);
    const missing: string[] = [];
    for (const [name, symbol] of surface.exportsOf(entry)) {
      for (const named of surface.namedBy(symbol)) {
        if (!known.has(named)) missing.push(`${named.name}, named by ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it.each(entries)('every export of %s has a docstring', (entry) => {
    const without = [...surface.exportsOf(entry)].filter(
      ([, symbol]) => symbol.getDocumentationComment(surface.checker).length === 0,
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('needs no declarations but those of JavaScript itself', () => {
    expect(surface.problems).toEqual([]);
  });
});
