// @ts-check
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';

/** The public entries, and the file that worker threads run. */
const ENTRIES = ['index', 'node', 'parts'];
const WORKER = 'node/walscan-worker';
const XZ_LIBRARY = 'sources/codecs/xz-library';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const SOURCES = join(ROOT, 'src');
const source = (/** @type {string} */ name) => join(SOURCES, `${name}.ts`);

/**
 * The library, a file for each module: what a bundler does not need of it, it can leave out, and whichever entries
 * are loaded, each class is there once.
 * @param {string} outDir
 */
export async function buildLibrary(outDir) {
  const program = libraryProgram();
  // once, as CommonJS, which ES modules may import (the reverse they may not)
  for (const [path, text] of declarationsOf(program)) write(join(outDir, 'cjs', path), text);
  for (const name of ENTRIES) write(join(outDir, `esm/${name}.d.ts`), `export * from '../cjs/${name}.js';\n`);
  write(join(outDir, `esm/${WORKER}.d.ts`), 'export {};\n');

  const modules = program
    .getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith(`${SOURCES}/`) && !name.endsWith('.d.ts'));
  await build({
    entryPoints: modules,
    outdir: join(outDir, 'esm'),
    outbase: SOURCES,
    format: 'esm',
    target: 'node20',
  });
  for (const path of modules) writeCommonJs(path, join(outDir, 'cjs'));
  await Promise.all([writeXzLibrary(join(outDir, 'esm'), 'esm'), writeXzLibrary(join(outDir, 'cjs'), 'cjs')]);
  write(join(outDir, 'cjs/package.json'), '{ "type": "commonjs" }\n');
}

function libraryProgram() {
  return ts.createProgram(
    [...ENTRIES, WORKER].map(source),
    compilerOptions({ declaration: true, emitDeclarationOnly: true, noEmit: false, rootDir: SOURCES }),
  );
}

/** What TypeScript before 5.7 does not know: that arrays of numbers have a type parameter. */
const BUFFER_TYPE = /(?<=\b\w+Array)<ArrayBuffer(?:Like)?>/g;

/**
 * The declarations of the library, by their paths.
 * @returns {Map<string, string>}
 */
export function declarationsOf(program = libraryProgram()) {
  const files = new Map();
  const { diagnostics } = program.emit(undefined, (path, text) => {
    files.set(relative(SOURCES, path), text.replaceAll(BUFFER_TYPE, ''));
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, DIAGNOSTICS_HOST));
  return files;
}

/** @type {ts.FormatDiagnosticsHost} */
const DIAGNOSTICS_HOST = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => ROOT,
  getNewLine: () => '\n',
};

/**
 * By TypeScript: esbuild makes getters of exports, which are called in the innermost loops.
 * @param {string} path
 * @param {string} outDir
 */
function writeCommonJs(path, outDir) {
  const text = readFileSync(path, 'utf8').replaceAll('import.meta.url', 'undefined');
  const { outputText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: compilerOptions({
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true, // or else packages in CommonJS have no default export, as they have for ES modules
      removeComments: true,
    }),
  });
  write(join(outDir, relative(SOURCES, path).replace(/\.ts$/, '.js')), outputText);
}

/**
 * With the package in it, as for a browser, where it has the streams that are global: `require('stream/web')`, as it
 * has otherwise, fails in what others bundle as an ES module.
 * @param {string} outDir
 * @param {'esm' | 'cjs'} format
 */
async function writeXzLibrary(outDir, format) {
  await build({
    entryPoints: [source(XZ_LIBRARY)],
    outfile: join(outDir, `${XZ_LIBRARY}.js`),
    bundle: true,
    platform: 'browser',
    format,
    target: 'node20',
  });
}

/** @param {ts.CompilerOptions} more */
function compilerOptions(more) {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  return { ...options, ...more };
}

/**
 * The command line program, of few files, so that it starts quickly.
 * @param {string} outDir
 */
export async function buildProgram(outDir) {
  await build({
    entryPoints: { cli: source('cli/main'), 'walscan-worker': source(WORKER) },
    outdir: outDir,
    bundle: true,
    splitting: true,
    chunkNames: 'cli-[name]-[hash]',
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  chmodSync(join(outDir, 'cli.js'), 0o755);
}

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outDir = join(ROOT, 'dist');
  rmSync(outDir, { recursive: true, force: true });
  await Promise.all([buildProgram(outDir), buildLibrary(outDir)]);
}
