import { fileURLToPath } from 'node:url';

/**
 * This file, or the one that a bundler has put it into, whose format only tells at run time; undefined where that does not
 * know.
 */
export function ownFile(): string | undefined {
  try {
    return __filename;
  } catch {
    // an ES module; what bundlers make of import.meta in CommonJS has no URL
    const url: string | undefined = import.meta.url;
    return url && fileURLToPath(url);
  }
}
