import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { licensesOf } from './binary/third-party.js';

/**
 * Puts a Content-Security-Policy into the page that lets its own script, style and worker run and nothing else: nothing
 * can be fetched or sent. WebAssembly is that of xz-decompress.
 */
const STRICT_CSP: Plugin = {
  name: 'strict-csp',
  enforce: 'post',
  generateBundle: {
    // script and style have been put into the page by then
    order: 'post',
    handler(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && file.fileName.endsWith('.html')) {
          file.source = withPolicy(String(file.source));
        }
      }
    },
  },
};

function withPolicy(html: string): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf(html, 'script')} 'wasm-unsafe-eval'`,
    `style-src ${hashesOf(html, 'style')}`,
    'worker-src blob:',
    "connect-src 'none'",
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  return html.replace('<meta charset="utf-8">', (charset) => `${charset}\n${meta}`);
}

function hashesOf(html: string, tag: 'script' | 'style'): string {
  const parts = html.matchAll(new RegExp(`<${tag}\\b[^>]*>(.*?)</${tag}>`, 'gs'));
  return Array.from(parts, ([, text]) => {
    const hash = createHash('sha256').update(text).digest('base64');
    return `'sha256-${hash}'`;
  }).join(' ');
}

/** The files that go into the page, those of its worker among them. */
const bundled = new Set<string>();

const NOTE_FILES: Plugin = {
  name: 'note-files',
  moduleParsed: ({ id }) => void bundled.add(id.split('?')[0]),
};

const LICENSES: Plugin = {
  name: 'licenses',
  writeBundle: ({ dir = '.' }) =>
    writeFileSync(resolve(dir, 'THIRD-PARTY-LICENSES.txt'), licensesOf(bundled)),
};

/** The page that opens WAL in a browser: one file, from a disk or from any web server (docs/page.md). */
export default defineConfig({
  root: resolve('src/web/app'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: resolve('build/web'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    // it is one file
    chunkSizeWarningLimit: Number.POSITIVE_INFINITY,
  },
  worker: { format: 'iife', plugins: () => [NOTE_FILES] },
  plugins: [NOTE_FILES, viteSingleFile(), STRICT_CSP, LICENSES],
});
