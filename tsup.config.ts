import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import ts from 'typescript';
import { licensesOf } from './binary/third-party.js';
import { buildReportPage, packagesInReportPage } from './report-page.js';

/** The public entries, and the file that worker threads run. */
const ENTRIES = ['index', 'node', 'parts'];
const WORKER = 'node/walscan-worker';
const XZ_LIBRARY = 'sources/codecs/xz-library';
/** Of `package.json`, which would be another one to the library's files, where they lie. */
const VERSION = 'text/version';
/** Large, so that there is one copy, which all that is built shares. */
const REPORT_PAGE = 'questions/report/page';

/** Views in SQL, which the program reads when it is asked to, and other engines may. */
const VIEWS = 'questions/sql/views';

const SOURCES = resolve('src');
const source = (name: string) => join(SOURCES, `${name}.ts`);

const SHARED: Options = { target: 'node20', silent: true };

/**
 * The command line program: a few files that each have all that some commands need, since it takes longer to open many
 * files than to read one (docs/decisions/start.md).
 */
export const programIn = (outDir: string): Options[] => [
  {
    ...PROGRAM,
    entry: { cli: source('cli/main') },
    outDir,
    esbuildPlugins: [ENTRIES_APART, licensesInto(outDir)],
    onSuccess: async () => {
      write(`${outDir}/package.json`, '{ "type": "commonjs" }\n');
      copyFileSync(join(SOURCES, `${REPORT_PAGE}.js`), `${outDir}/report-page.mjs`);
      cpSync(join(SOURCES, VIEWS), join(outDir, VIEWS), { recursive: true });
    },
  },
  ...Object.entries(PROGRAM_FILES).map(([name, file]) => ({
    ...PROGRAM,
    esbuildPlugins: [REPORT_PAGE_APART, SPANISH_APART, licensesInto(outDir)],
    entry: { [name]: source(file) },
    outDir: `${outDir}/cli`,
  })),
];

/** What the program loads, by name. */
const PROGRAM_FILES = {
  all: 'cli/entries/all',
  dump: 'cli/entries/dump',
  search: 'cli/entries/search',
  spanish: 'cli/spanish',
  'walscan-worker': WORKER,
};

/** What all builds of this run have taken in. */
const bundled = new Set<string>();

/** The licences of the packages that are in the files of a folder, beside them. */
const licensesInto = (folder: string): NonNullable<Options['esbuildPlugins']>[number] => ({
  name: 'licenses',
  setup: ({ initialOptions, onEnd }) => {
    initialOptions.metafile = true;
    onEnd(({ metafile }) => {
      for (const input of Object.keys(metafile?.inputs ?? {})) bundled.add(input);
      write(`${folder}/THIRD-PARTY-LICENSES.txt`, licensesOf(bundled));
    });
  },
});

const PROGRAM: Options = {
  ...SHARED,
  format: 'cjs',
  splitting: false,
  // but what users install if they want it
  noExternal: [/^(?!@aws-sdk\/|@duckdb\/)/],
  outExtension: () => ({ js: '.js' }),
  esbuildOptions: (options) => {
    options.minifyWhitespace = true;
    options.minifySyntax = true;
    options.supported = { 'dynamic-import': false };
    options.define = { 'import.meta.url': 'undefined' };
  },
};

/** The program's first file loads the others. */
const ENTRIES_APART: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'entries-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\/entries\// }, ({ path }) => ({
      path: path.replace('entries', 'cli'),
      external: true,
    })),
};

/** What makes reports loads their page. */
const REPORT_PAGE_APART: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'report-page-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/page\.js$/ }, ({ path, resolveDir }) =>
      join(resolveDir, path) === join(SOURCES, `${REPORT_PAGE}.js`)
        ? { path: '../report-page.mjs', external: true }
        : undefined,
    ),
};

/** Words of other languages are loaded by those who read them. */
const SPANISH_APART: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'spanish-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/spanish\.js$/ }, () => ({ path: './spanish.js', external: true })),
};

export default defineConfig(async () => {
  await buildReportPage();
  for (const folder of await packagesInReportPage()) bundled.add(folder);
  const library = libraryProgram();
  // a file for each module: what a bundler does not need of it, it can leave out, and whichever entries are loaded,
  // each class is there once
  const modules: Options = {
    ...SHARED,
    bundle: false,
    entry: library
      .getSourceFiles()
      .filter(({ fileName, isDeclarationFile }) => fileName.startsWith(`${SOURCES}/`) && !isDeclarationFile)
      .map(({ fileName }) => relative('.', fileName))
      .filter((path) => resolve(path) !== source(XZ_LIBRARY)),
  };
  return [
    ...programIn('dist'),
    {
      ...modules,
      format: 'esm',
      outDir: 'dist/esm',
      // bundlers ask the nearest one
      onSuccess: async () => {
        write('dist/esm/package.json', '{ "type": "module", "sideEffects": ["./node/walscan-worker.js"] }\n');
        write(`dist/esm/${VERSION}.js`, `export const version = '${versionOfPackage()}';\n`);
        write(`dist/esm/${REPORT_PAGE}.js`, "export { page } from '../../../report-page.mjs';\n");
      },
    },
    xzLibrary('esm'),
    xzLibrary('cjs'),
    {
      ...modules,
      format: 'cjs',
      outDir: 'dist/cjs',
      outExtension: () => ({ js: '.js' }),
      define: { 'import.meta.url': 'undefined' },
      esbuildOptions: (options) => {
        options.format = 'esm'; // of which TypeScript makes CommonJS
      },
      plugins: [{ name: 'commonjs', renderChunk: commonJs }],
      onSuccess: async () => {
        writeDeclarations(library);
        write(`dist/cjs/${VERSION}.js`, `exports.version = '${versionOfPackage()}';\n`);
        write(`dist/cjs/${REPORT_PAGE}.js`, "exports.page = require('../../../report-page.mjs').page;\n");
      },
    },
  ];
});

/**
 * With the package in it, as for a browser, where it has the streams that are global: `require('stream/web')`, as it
 * has otherwise, fails in what others bundle as an ES module.
 */
const xzLibrary = (format: 'esm' | 'cjs'): Options => ({
  ...SHARED,
  entry: { [XZ_LIBRARY]: source(XZ_LIBRARY) },
  format,
  outDir: `dist/${format}`,
  outExtension: () => ({ js: '.js' }),
  platform: 'browser',
  noExternal: ['xz-decompress'],
  esbuildPlugins: [licensesInto('dist')],
  splitting: false,
});

function libraryProgram(): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, '.');
  return ts.createProgram([...ENTRIES, WORKER].map(source), {
    ...options,
    declaration: true,
    emitDeclarationOnly: true,
    noEmit: false,
    rootDir: SOURCES,
  });
}

/**
 * By TypeScript. The innermost loops use imports, and `?.` and `??`: esbuild makes getters of exports, and sucrase,
 * which tsup has for this, makes calls of these operators.
 */
function commonJs(code: string): { code: string } {
  const { CommonJS: module } = ts.ModuleKind;
  const { ES2022: target } = ts.ScriptTarget;
  return { code: ts.transpile(code, { module, target, esModuleInterop: true }, 'module.js') };
}

/** What TypeScript before 5.7 does not know: that arrays of numbers have a type parameter. */
const BUFFER_TYPE = /(?<=\b\w+Array)<ArrayBuffer(?:Like)?>/g;

/** Once, as CommonJS, which ES modules may import (the reverse they may not). */
function writeDeclarations(library: ts.Program): void {
  const { diagnostics } = library.emit(undefined, (path, text) => {
    write(join('dist/cjs', relative(SOURCES, path)), text.replaceAll(BUFFER_TYPE, ''));
  });
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost({})));
  for (const name of ENTRIES) write(`dist/esm/${name}.d.ts`, `export * from '../cjs/${name}.js';\n`);
  write(`dist/esm/${WORKER}.d.ts`, 'export {};\n');
}

const versionOfPackage = (): string => JSON.parse(readFileSync('package.json', 'utf8')).version;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
