import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { type BuildOptions, build } from 'esbuild';
import { publint } from 'publint';
import ts from 'typescript-5.0';
import { build as viteBuild } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import type { ReportJson } from '../../src/index.js';
import { BuiltPackage } from '../support/built-package.js';
import { ENTRIES, type Entry, PublicDeclarations } from '../support/declarations.js';
import { docsPages } from '../support/docs-pages.js';
import { IN_REPORT_PAGE } from '../support/report-page.js';
import { runFile } from '../support/run-file.js';

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

/** Pages that are in the site alone: what walscan is made of, and what was measured. */
const OF_THE_MAKING = /^docs\/(?:decisions\/|(?:architecture|performance|reliability|releasing|scale)\.md$)/;

/** What the page of reports has in it, as it is in a string. */
const PAGE_PLACE = /<div id=\\?"report\\?">/;

const ONE_THREAD = '[WALSCAN_ONE_THREAD] Warning: walscan uses one thread';

describe.concurrent('the package', () => {
  it('is no larger than it may be, and without source maps', () => {
    // half of it is the program, a tenth the page of reports with its charts, 3 % are pages of docs
    expect(made.tarball.length).toBeLessThan(3_200_000);
    const files = readdirSync(made.installed, { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    const executable = files.filter((name) => {
      const stats = statSync(join(made.installed, name));
      return stats.isFile() && stats.mode & 0o111;
    });
    expect(executable).toEqual(['dist/cli.js']);
  });

  it('has what is built, the pages about it, and nothing else', () => {
    const files = readdirSync(made.installed, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(made.installed, join(entry.parentPath, entry.name)).replaceAll(sep, '/'));
    const folders = new Set(files.map((name) => name.replace(/\/.*/, '/')));
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist/',
      'docs/',
      'package.json',
    ]);
    const written = [
      ...docsPages().filter((path) => !OF_THE_MAKING.test(path)),
      ...readdirSync('docs/schema').map((name) => `docs/schema/${name}`),
    ];
    expect(files.filter((name) => name.startsWith('docs/')).sort()).toEqual(written.sort());
    const strange = files.filter(
      (name) => name.startsWith('dist/') && !/\.(?:[cm]?js|d\.ts|json|txt|sql|1)$/.test(name),
    );
    expect(strange).toEqual([]);
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
    expect(IN_REPORT_PAGE.filter((name) => !licenses.includes(`\n${name} `))).toEqual([]);
  });

  it('has the page of reports once', () => {
    const files = readdirSync(join(made.installed, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[cm]?js$/.test(name))
      .filter((name) => PAGE_PLACE.test(readFileSync(join(made.installed, 'dist', name), 'utf8')));
    expect(files).toEqual(['report-page.mjs']);
  });

  it.each([
    [true, ['report', '-o', '-', ...WAL]],
    [false, ['report', '--json', ...WAL]],
    [false, ['find-commit', '--rel', '16386', ...WAL]],
    [false, ['dump', 'testdata/lab/17']],
    [false, ['--version']],
  ])('loads the page of reports for what needs it alone: %s %j', async (isLoaded, args) => {
    const cli = join(made.installed, 'dist/cli.js');
    const { stdout, stderr } = await runFile([process.execPath, cli, ...args], { NODE_DEBUG: 'module,esm' });
    expect(stdout).not.toBe('');
    expect(stderr.includes('report-page.mjs')).toBe(isLoaded);
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

  it('makes the same page as an ES module and as CommonJS', async () => {
    const body = `renderReport({ made: 'now' }).then((page) => console.log(page));`;
    const [esm, cjs] = await Promise.all([
      run(made.write('report.mjs', `import { renderReport } from 'walscan'; ${body}`)),
      run(made.write('report.cjs', `const { renderReport } = require('walscan'); ${body}`)),
    ]);
    expect(esm.answer).toContain('"made":"now"');
    expect(cjs).toEqual(esm);
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
    import { decode, message, openSegment, walRecords, WalError, type HeapInsert, type RecordData } from 'walscan';
    import { findCommit, WalError as Same } from 'walscan/node';
    import { HeapReplay } from 'walscan/parts';
    const error: WalError = new Same('usage', message\`no file\`);
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
    ['WalError', 1_200],
    ['parseHistory, timelineChain', 3_400],
    ['parseControlFile', 4_100],
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

describe.concurrent('bundled for a browser', () => {
  const BUNDLERS: Record<string, (entry: string, folder: string) => Promise<unknown>> = {
    esbuild: (entry, folder) =>
      build({ entryPoints: [entry], bundle: true, format: 'iife', outdir: folder, logLevel: 'error' }),
    vite: (entry, folder) =>
      viteBuild({
        configFile: false,
        logLevel: 'error',
        build: { outDir: folder, lib: { entry, formats: ['es'], fileName: 'out' } },
      }),
    webpack: async (entry, folder) => {
      const compiler = webpack({
        mode: 'production',
        target: 'web',
        entry,
        output: { path: folder },
        optimization: { minimize: false },
      });
      const stats = await new Promise<webpack.Stats>((resolve, reject) => {
        compiler.run((error, result) => (result ? resolve(result) : reject(error)));
      });
      const { errors } = stats.toJson({ all: false, errors: true });
      expect(errors).toEqual([]);
    },
  };
  const USES: [string, boolean][] = [
    ['findCommit, readReport, reportJson', false],
    ['renderReport', true],
  ];

  it.each(Object.keys(BUNDLERS).flatMap((name) => USES.map((use) => [name, ...use] as const)))(
    '%s: { %s } has the page of reports: %s',
    async (name, names, hasPage) => {
      const folder = join(made.folder, `browser-${name}-${hasPage}`);
      const text = `import { ${names} } from 'walscan'; globalThis.used = [${names}];`;
      await BUNDLERS[name](made.write(`browser-${name}-${hasPage}.mjs`, text), folder);
      const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
      expect(files.some((file) => PAGE_PLACE.test(file))).toBe(hasPage);
    },
  );
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
