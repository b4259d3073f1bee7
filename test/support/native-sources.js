import { existsSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/**
 * Has Node itself import the sources, in TypeScript: what vitest imports calls each function of another module by way of
 * an object, which has WAL decoded at half the speed (docs/decisions/tests.md).
 */

// Node runs the hooks below in a thread of its own, which imports this file once more
if (isMainThread) register(import.meta.url);

const LOADER = /^file:.*\.(ts|json)$/;

/** Sources name each other as the files that are compiled from them. */
export function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) {
    const { href } = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
    if (existsSync(fileURLToPath(href))) return { url: href, shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  const [, loader] = LOADER.exec(url) ?? [];
  if (loader === undefined || context.importAttributes.type !== undefined) return next(url, context);
  const { transform } = await import('esbuild');
  const sourcefile = fileURLToPath(url);
  const options = { sourcefile, sourcemap: 'inline', loader, format: 'esm', target: 'node20' };
  const { code } = await transform(readFileSync(sourcefile, 'utf8'), options);
  return { format: 'module', source: code, shortCircuit: true };
}
