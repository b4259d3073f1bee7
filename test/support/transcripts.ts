import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { ENVIRONMENT } from './environment.js';

/** A command that a document shows, and what it shows of its output. */
export interface Transcript {
  /** Of the command, in the document. */
  line: number;
  command: string;
  /** A line that is `…` stands for any number of lines. Without empty lines at the end. */
  output: string[];
}

/**
 * The commands in the fenced blocks of a Markdown text whose info string is `console`: each begins with `$ ` and
 * goes on in the next line after a `\`; what follows is its output. Other blocks, also `console no-test`, are
 * passed over.
 */
export function transcriptsOf(markdown: string): Transcript[] {
  const found: Transcript[] = [];
  let fence: { info: string; indent: string } | undefined;
  let current: Transcript | undefined;
  for (const [i, text] of markdown.split('\n').entries()) {
    const [, indent, info] = /^(\s*)```\s*(.*?)\s*$/.exec(text) ?? [];
    if (indent !== undefined) {
      fence = fence === undefined ? { info, indent } : undefined;
      current = undefined;
    } else if (fence?.info === 'console') {
      const line = text.slice(fence.indent.length);
      if (current?.output.length === 0 && current.command.endsWith('\\')) current.command += `\n${line}`;
      else if (line.startsWith('$ ')) {
        current = { line: i + 1, command: line.slice(2), output: [] };
        found.push(current);
      } else if (current) current.output.push(line);
      else throw new Error(`line ${i + 1}: output without a command in front of it`);
    }
  }
  for (const { output } of found) while (output.at(-1) === '') output.pop();
  return found;
}

/** Runs the commands of one document, one after the other, in a folder of their own that has the test data. */
export class TranscriptShell {
  private readonly folder = mkdtempSync(join(tmpdir(), 'walscan-docs-'));
  private lastStatus = 0;

  /** @param commandLine what starts walscan, as words of a shell */
  constructor(commandLine: string) {
    const bin = join(this.folder, '.bin');
    mkdirSync(bin);
    const script = join(bin, 'walscan');
    writeFileSync(script, `#!/bin/sh\nexec ${commandLine} "$@"\n`);
    chmodSync(script, 0o755);
    symlinkSync(resolve('testdata'), join(this.folder, 'testdata'));
  }

  /** @returns standard output and standard error, as a terminal shows them; `$?` is the status of the command before */
  run(command: string): string[] {
    const { PATH = '' } = process.env;
    const { stdout, status } = spawnSync('sh', ['-c', `exec 2>&1\n(exit ${this.lastStatus})\n${command}`], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, ...ENVIRONMENT, PATH: join(this.folder, '.bin') + delimiter + PATH },
      maxBuffer: 256 * 1024 * 1024,
    });
    this.lastStatus = status ?? 255;
    return stdout === '' ? [] : stdout.trimEnd().split('\n');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Stands for any lines of an output. */
export const ANY_LINES = '…';

/**
 * What the command really printed, told as the document does: where a `…` stands for them, lines are left out.
 * Equal to the transcript's output if the document is right.
 */
export function asShown(actual: readonly string[], shown: readonly string[]): string[] {
  const [first, ...rest] = splitAt(shown);
  if (rest.length === 0) return [...actual];
  const told: string[] = actual.slice(0, first.length);
  let at = first.length;
  for (const [i, part] of rest.entries()) {
    const isLast = i === rest.length - 1;
    const found = isLast ? actual.length - part.length : indexOfLines(actual, part, at);
    if (found < at) return [...actual];
    told.push(ANY_LINES, ...actual.slice(found, found + part.length));
    at = found + part.length;
  }
  return told;
}

/** The lines between those that are `…`. */
export function splitAt(lines: readonly string[]): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (line === ANY_LINES) parts.push([]);
    else parts[parts.length - 1].push(line);
  }
  return parts;
}

function indexOfLines(lines: readonly string[], part: readonly string[], from: number): number {
  for (let at = from; at + part.length <= lines.length; at++) {
    if (part.every((line, i) => line === lines[at + i])) return at;
  }
  return -1;
}
