import { createHash } from 'node:crypto';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Rolldown } from 'vite';
import { licensesOf, packagesOf } from './binary/third-party.js';

/** What is made. */
const PAGE = 'src/questions/report/page.js';

/** What it is made of; the packages' versions are in `package-lock.json`. */
const SOURCES = ['report-page.ts', 'package-lock.json', 'src/text/printable.ts', ...filesIn('src/web')];

/** Makes the page if it is not there, or older than what it is made of. */
export async function ensureReportPage(): Promise<void> {
  if (timeOf(PAGE) <= Math.max(...SOURCES.map(timeOf))) await buildReportPage();
}

/** Makes the report's page: script and style within it, and a policy that allows these alone. */
export async function buildReportPage(): Promise<void> {
  const { script, style, files } = await bundle(resolve('src/web/report/main.tsx'));
  const page = htmlOf(script, style, licensesOf(files));
  const parts = { page, packages: packagesOf(files) };
  const lines = Object.entries(parts).map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`,
  );
  writeFileSync(PAGE, lines.join(''));
}

/** The folders of the packages that went into the page that has been made. */
export async function packagesInReportPage(): Promise<string[]> {
  return (await import(pathToFileURL(PAGE).href)).packages;
}

async function bundle(entry: string): Promise<{ script: string; style: string; files: string[] }> {
  const outputs = (await build({
    configFile: false,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    // also where tests make it, for which NODE_ENV is another: without places in the sources, which name folders
    oxc: { jsx: { development: false } },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name: 'report', fileName: 'report', cssFileName: 'report' },
    },
  })) as Rolldown.RolldownOutput[];
  const output = outputs.flatMap((one) => one.output);
  const chunks = output.filter((one) => one.type === 'chunk');
  const styles = output.filter((one) => one.type === 'asset' && one.fileName.endsWith('.css'));
  return {
    // as HTML takes these for its own wherever they stand; in strings they mean the same
    script: chunks.map(({ code }) => code.trim().replace(/<(?=\/script|!--)/gi, '\\x3c')).join(''),
    style: styles.map((one) => String((one as Rolldown.OutputAsset).source).trim()).join(''),
    files: chunks.flatMap(({ moduleIds }) => moduleIds),
  };
}

const htmlOf = (script: string, style: string, licenses: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>walscan</title>
<style>${style}</style>
</head>
<body>
<div id="report"></div>
<noscript>This report needs JavaScript. Este informe necesita JavaScript.</noscript>
<script type="application/json" id="data"></script>
<script type="text/plain" id="licenses">${licenses.replaceAll('<', '‹').replaceAll('>', '›')}</script>
<script>${script}</script>
</body>
</html>
`;

const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

function filesIn(folder: string): string[] {
  // folders, too, which change when a file goes
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return [folder, ...names.map((name) => join(folder, name))];
}

/** When it was last written; long ago where it is not there. */
function timeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
