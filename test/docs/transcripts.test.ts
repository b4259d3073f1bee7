import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from '../support/cli.js';
import { docsPages } from '../support/docs-pages.js';
import { renewed, renewedOutput } from '../support/renewed-transcripts.js';
import { asShown, TranscriptShell, transcriptsOf } from '../support/transcripts.js';

const documents = ['README.md', ...docsPages()]
  .map((path) => ({ path, transcripts: transcriptsOf(readFileSync(path, 'utf8')) }))
  .filter(({ transcripts }) => transcripts.length > 0);

describe.each(documents)('$path', ({ transcripts }) => {
  let shell: TranscriptShell;

  beforeAll(() => {
    shell = new TranscriptShell(commandLine);
  });
  afterAll(() => shell?.remove());

  it.each(transcripts)('line $line: $command', ({ command, output }) => {
    expect(asShown(shell.run(command), output)).toEqual(output);
  });
});

it('finds something to run', () => {
  expect(documents.map(({ path }) => path)).toContain('docs/find-commit.md');
});

describe('transcripts of a document', () => {
  const markdown = [
    '```console',
    '$ echo one; false',
    'one',
    '$ echo $? \\',
    'two',
    '1 two',
    '$ true',
    '',
    '```',
    '```console no-test',
    '$ shutdown',
    '```',
    '  ```console',
    '  $ seq 9',
    '  1',
    '  …',
    '  5',
    '  …',
    '  ```',
  ].join('\n');
  const transcripts = transcriptsOf(markdown);

  it('are the commands of its console blocks', () => {
    expect(transcripts).toEqual([
      { line: 2, command: 'echo one; false', output: ['one'] },
      { line: 4, command: 'echo $? \\\ntwo', output: ['1 two'] },
      { line: 7, command: 'true', output: [] },
      { line: 14, command: 'seq 9', output: ['1', '…', '5', '…'] },
    ]);
  });

  it('differ where the output does', () => {
    const actual = ['1', '2', '3', '4'];
    expect(asShown(actual, ['1', '…', '4'])).toEqual(['1', '…', '4']);
    expect(asShown(actual, ['…', '2', '…'])).toEqual(['…', '2', '…']);
    expect(asShown(actual, actual)).toEqual(actual);
    for (const wrong of [
      ['1', '2', '3'],
      ['…', '3'],
      ['2', '…'],
      ['1', '…', '5', '…'],
      ['1', '…', '3', '…', '3', '4'],
    ]) {
      expect(asShown(actual, wrong)).not.toEqual(wrong);
    }
  });

  it('are renewed in their places, whatever is left out', () => {
    const printed: Record<string, string[]> = {
      'echo one; false': ['ONE', 'more'],
      'echo $? \\\ntwo': ['1 two'],
      true: [],
      'seq 9': ['A', 'B', '5', 'C'],
    };
    const { markdown: now, byHand } = renewed(markdown, (command) => printed[command]);
    expect(byHand).toEqual([]);
    const at = markdown.split('\n');
    at.splice(2, 1, 'ONE', 'more');
    at.splice(at.indexOf('  1'), 1, '  A');
    expect(now.split('\n')).toEqual(at);
    expect(renewedOutput(['1', '2', '3'], ['1', '…', '4', '…'])).toBeUndefined();
    expect(renewedOutput(['1', '2'], ['0', '…', '3'])).toEqual(['1', '2']);
  });
});
