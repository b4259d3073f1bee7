import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { docsPages } from './test/support/docs-pages.js';
import { renewed } from './test/support/renewed-transcripts.js';
import { TranscriptShell } from './test/support/transcripts.js';

/**
 * Runs the commands that documents show, and puts what they print now in the place of what they printed:
 * `npm run docs:transcripts`, or with `-- README.md docs/es/rows.md` of these documents alone. What it changed is for
 * `git diff` and a reader to judge.
 */
/** As `npm run build` made it. */
const WALSCAN = `'${process.execPath}' '${resolve('dist/cli.js')}'`;

const named = process.argv.slice(2);
let isDone = true;
for (const path of named.length > 0 ? named : ['README.md', ...docsPages()]) {
  const before = readFileSync(path, 'utf8');
  const shell = new TranscriptShell(WALSCAN);
  try {
    const { markdown, byHand } = renewed(before, (command) => shell.run(command));
    if (markdown !== before) {
      writeFileSync(path, markdown);
      console.log(`${path}: renewed`);
    }
    for (const { line, command } of byHand) {
      console.log(`${path}:${line}: to be renewed by hand: what is between two … is gone: ${command}`);
      isDone = false;
    }
  } finally {
    shell.remove();
  }
}
process.exitCode = isDone ? 0 : 1;
