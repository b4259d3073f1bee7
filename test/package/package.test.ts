import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { type BuildOptions, build } from 'esbuild';
import { publint } from 'publint';
import ts from 'typescript-5.0';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import webpack from 'webpack';
import { BuiltPackage } from '../support/built-package.js';

let made: BuiltPackage;
beforeAll(async () => {
  made = await BuiltPackage.make();
}, 60_000);
afterAll(() => made.close());

/** What is to come of the programs below. */
const ANSWER = '741 741';

const BODY = `
findCommit(process.argv.slice(2), { relation: '16386', jobs: 2 }).then(({ relations }) => {
  console.log(relations.map(({ lastInsert }) => lastInsert.xid).join(' '));
});`;
const ESM = `import { findCommit } from 'walscan/node';${BODY}`;
const CJS = `const { findCommit } = require('walscan/node');${BODY}`;

const WAL = ['testdata/lab/17/pg_wal.tar.gz', 'testdata/lab/17'];

/** @returns what a program says */
function run(program: string, ...options: string[]): { answer: string; warnings: string } {
  const { stdout, stderr } = spawnSync(process.execPath, [...options, program, ...WAL], { encoding: 'utf8' });
  return { answer: stdout.trim(), warnings: stderr };
}

const COMPRESSIONS = ['gz', 'zst', 'lz4', 'bz2', 'xz'];

/** Asks of one segment, however it is compressed. */
const UNPACK = `
import { findCommit } from 'walscan/node';
const ask = (suffix) => findCommit(['testdata/formats/000000010000000000000024.' + suffix], { relation: '1247' });
Promise.all(${JSON.stringify(COMPRESSIONS)}.map(ask)).then((answers) => {
  console.log(answers.map(({ relations }) => relations[0].relation).join(' '));
});`;
const UNPACKED = { answer: COMPRESSIONS.map(() => '1663/16384/1247').join(' '), warnings: '' };

const ONE_THREAD = '[WALSCAN_ONE_THREAD] Warning: walscan uses one thread';

describe('the package', () => {
  it('is no larger than it may be, and without source maps', () => {
    expect(made.tarball.length).toBeLessThan(900_000);
    const files = readdirSync(join(made.folder, 'node_modules/walscan'), { recursive: true }).map(String);
    expect(files.filter((name) => name.endsWith('.map'))).toEqual([]);
    const executable = files.filter((name) => {
      const stats = statSync(join(made.folder, 'node_modules/walscan', name));
      return stats.isFile() && stats.mode & 0o111;
    });
    expect(executable).toEqual(['dist/cli.js']);
  });

  it('has a program', () => {
    const program = join(made.folder, 'node_modules/walscan/dist/cli.js');
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toMatch(/^walscan \d/);
  });

  it.each([
    ['esm.mjs', ESM],
    ['cjs.cjs', CJS],
  ])('works with threads: %s', (name, text) => {
    expect(run(made.write(name, text))).toEqual({ answer: ANSWER, warnings: '' });
  });

  it('unpacks whatever is compressed, as CommonJS as well', () => {
    expect(run(made.write('unpack.mjs', UNPACK))).toEqual(UNPACKED);
    const required = UNPACK.replace(/import (.*) from (.*);/, 'const $1 = require($2);');
    expect(run(made.write('unpack.cjs', required))).toEqual(UNPACKED);
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
  ])('has each class once: %s', (name, imports) => {
    const program = made.write(
      name,
      `${imports}
      const error = (() => { try { c.parseRelation('?'); } catch (error) { return error; } })();
      console.log(typeof a.WalError, a.WalError === b.WalError, error instanceof b.WalError);`,
    );
    expect(run(program).answer).toBe('function true true');
  });

  it('says that it uses one thread where others are not allowed', () => {
    const { answer, warnings } = run(
      made.write('permission.mjs', ESM),
      '--experimental-permission',
      '--allow-fs-read=*',
    );
    expect(answer).toBe(ANSWER);
    expect(warnings).toContain(`${ONE_THREAD}: worker threads are not allowed (--allow-worker)\n`);
  });
});

describe('types', () => {
  it('are what publint wants', async () => {
    const { messages } = await publint({
      pkgDir: join(made.folder, 'node_modules/walscan'),
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

describe('bundled by esbuild', () => {
  /** @returns the bundle's path */
  async function bundle(text: string, options: BuildOptions, outfile: string): Promise<string> {
    const path = join(made.folder, outfile);
    const stdin = { contents: text, resolveDir: made.folder };
    await build({ stdin, bundle: true, platform: 'node', outfile: path, logLevel: 'error', ...options });
    return path;
  }

  it.each([
    ['esbuild/esm.mjs', ESM, 'esm'],
    ['esbuild/esm-as-cjs.cjs', ESM, 'cjs'],
    ['esbuild/cjs.cjs', CJS, 'cjs'],
  ] as const)('works with one thread, and says so: %s', async (outfile, text, format) => {
    const { answer, warnings } = run(await bundle(text, { format }, outfile));
    expect(answer).toBe(ANSWER);
    expect(warnings).toContain(ONE_THREAD);
  });

  it.each(['esm', 'cjs'] as const)('unpacks whatever is compressed: %s', async (format) => {
    expect(run(await bundle(UNPACK, { format }, `unpack.${format === 'esm' ? 'mjs' : 'cjs'}`))).toEqual(
      UNPACKED,
    );
  });

  it.each(['esm.mjs', 'cjs.cjs'])(
    'works with threads, with walscan/worker beside it: %s',
    async (outfile) => {
      const format = outfile === 'esm.mjs' ? 'esm' : 'cjs';
      const program = await bundle(ESM, { format }, `with-worker/${outfile}`);
      const extension = outfile.slice(-4);
      await bundle(`import 'walscan/worker';`, { format }, `with-worker/walscan-worker${extension}`);
      expect(run(program)).toEqual({ answer: ANSWER, warnings: '' });
    },
  );

  it.each([
    ['formatLsn, parseLsn', 1],
    ['WalError', 2],
    ['parseHistory, timelineChain', 3],
    ['parseControlFile', 4],
    ['openSegment, walRecords', 10],
    ['openSegment, walRecords, decode', 30],
  ])('is small where only some is used: { %s } in %i kB', async (names, limit) => {
    const { outputFiles } = await build({
      stdin: { contents: `export { ${names} } from 'walscan';`, resolveDir: made.folder },
      bundle: true,
      minify: true,
      format: 'esm',
      target: 'es2022',
      write: false,
    });
    expect(gzipSync(outputFiles[0].contents).length).toBeLessThanOrEqual(limit * 1000);
  });
});

describe('bundled by webpack', () => {
  /** @returns the bundle's path */
  async function bundle(entry: string, filename: string): Promise<string> {
    const path = join(made.folder, `webpack-${filename}`);
    const isModule = filename.endsWith('.mjs');
    const compiler = webpack({
      mode: 'none',
      target: 'node20',
      entry,
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
    return join(path, filename);
  }

  it.each([
    ['esm.cjs', 'esm.mjs', ESM],
    ['cjs.cjs', 'cjs.cjs', CJS],
    ['esm.mjs', 'esm.mjs', ESM],
  ])('works: %s', async (filename, entry, text) => {
    expect(run(await bundle(made.write(entry, text), filename))).toEqual({
      answer: ANSWER,
      // an ES module knows where the package was
      warnings: filename.endsWith('.mjs') ? '' : expect.stringContaining(ONE_THREAD),
    });
  });

  it.each(['unpack.mjs', 'unpack.cjs'])('unpacks whatever is compressed: %s', async (filename) => {
    expect(run(await bundle(made.write('unpack-entry.mjs', UNPACK), filename))).toEqual(UNPACKED);
  });
});
