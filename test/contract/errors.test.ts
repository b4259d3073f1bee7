import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../src/cli/exit-code.js';
import { ERROR_KINDS, type ErrorCode, WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';

const TABLE = 'src/wal/error.ts';
const codes = Object.keys(ERROR_KINDS) as ErrorCode[];

/** The rows of a table in docs/errors.md, or in that page of another language, cell by cell, without the marks of code. */
function documented(heading: string, page = 'docs/errors.md'): string[][] {
  const [, section] = readFileSync(page, 'utf8').split(`\n## ${heading}\n`);
  return section
    .split('\n## ')[0]
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(2, -2).split(' | '))
    .map((row) => row.map((cell) => cell.replace(/^`([a-z-]+)`$/, '$1')));
}

describe('the codes of errors', () => {
  it('are all in docs/errors.md, with their kinds and the meaning that the source gives', () => {
    const text = readFileSync(TABLE, 'utf8');
    const meanings = Array.from(
      text.matchAll(/\/\*\* (.+)\. \*\/\n {2}'?([a-z-]+)'?: '([a-z-]+)'/g),
      ([, meaning, code, kind]) => [code, kind, meaning],
    );
    expect(meanings.map(([code]) => code)).toEqual(codes);
    const lower = (row: string[]): string[] => row.map((cell) => cell.toLowerCase());
    expect(documented('Codes').map(lower)).toEqual(meanings.map(lower));
  });

  it('are the same in Spanish, with their kinds', () => {
    const kindsOf = (rows: string[][]): string[][] => rows.map(([code, kind]) => [code, kind]);
    expect(kindsOf(documented('Códigos', 'docs/es/errors.md'))).toEqual(kindsOf(documented('Codes')));
  });

  it('are all thrown or told somewhere', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .map((name) => join('src', name))
      .filter((path) => path.endsWith('.ts') && path !== TABLE);
    const source = files.map((path) => readFileSync(path, 'utf8')).join('\n');
    const unused = codes.filter((code) => !source.includes(`'${code}'`));
    expect(unused).toEqual([]);
  });
});

describe('the kinds of errors', () => {
  const kinds = new Map(documented('Kinds').map(([kind, , exitCode]) => [kind, exitCode]));

  it('are those in docs/errors.md, with the exit codes there', () => {
    expect(new Set(Object.values(ERROR_KINDS))).toEqual(new Set(kinds.keys()));
    const spanish = documented('Clases', 'docs/es/errors.md');
    expect(spanish.map(([kind, , exitCode]) => [kind, exitCode])).toEqual([...kinds]);
    for (const code of codes) {
      const error = new WalError(code, message``);
      expect(exitCodeOf(error), code).toBe(Number(kinds.get(error.kind)));
    }
  });
});

describe('an error', () => {
  it('keeps what it came of, and has none where it came of nothing', () => {
    const cause = new Error('connection reset');
    expect(new WalError('unreadable', message`cannot read it`, { cause }).cause).toBe(cause);
    expect(new WalError('unreadable', message`cannot read it`)).not.toHaveProperty('cause');
  });

  it('is a problem in JSON', () => {
    const error = new WalError('damaged-wal', message`the WAL is damaged`, { lsn: 0x4000680n, file: 'a' });
    const problem = { code: 'damaged-wal', message: 'the WAL is damaged', lsn: '0/04000680', file: 'a' };
    expect(JSON.parse(JSON.stringify(error))).toEqual(problem);
    expect(new WalError('no-wal', message`none`).toJSON()).toEqual({
      code: 'no-wal',
      message: 'none',
      lsn: null,
      file: null,
    });
  });
});
