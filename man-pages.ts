import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manPages } from './src/cli/man.js';

/** Writes the pages of the manual into a folder: `node man-pages.js dist/man`. */
const [, , folder] = process.argv;
mkdirSync(folder, { recursive: true });
for (const { file, text } of await manPages()) writeFileSync(join(folder, file), text);
