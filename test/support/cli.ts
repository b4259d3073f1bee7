import { type ChildProcess, spawn } from 'node:child_process';
import { inject } from 'vitest';
import { tongueOf } from '../../src/cli/language.js';
import { run } from '../../src/cli/program.js';
import { USUAL_TELLING } from '../../src/cli/telling.js';
import { ENVIRONMENT, type Environment } from './environment.js';

export interface CliResult {
  /** One byte per character. */
  stdout: string;
  stderr: string;
  code: number | null;
}

export interface ProcessOptions {
  cwd?: string;
  env?: Environment;
}

/** The command line program's file, as built for this run. */
export const program = inject('program');

/** An executable that is tested in its place (docs/decisions/tests.md). */
export const executable = inject('executable');

/** What starts the program: a file, and arguments before its own. */
export const [command, ...before] = executable === undefined ? [process.execPath, program] : [executable];

/** The same as words of a shell. */
export const commandLine = [command, ...before].map((word) => `'${word}'`).join(' ');

/** Runs a command within this process, with one thread. */
export async function runCli(args: readonly string[], env: Environment = {}): Promise<CliResult> {
  if (executable !== undefined) return runProgram(args, { env });
  const written: Uint8Array[] = [];
  let stderr = '';
  const code = await run([...args], {
    // what is written may be in memory that is used again
    write: (data) => void written.push(Buffer.from(data)),
    writeError: (text) => {
      stderr += text;
    },
    env: { ...ENVIRONMENT, ...env },
    tongue: await tongueOf(args, { ...ENVIRONMENT, ...env }),
    telling: USUAL_TELLING,
    isTerminal: false,
    errorTerminal: undefined,
  });
  return { stdout: Buffer.concat(written).toString('latin1'), stderr, code };
}

/** Starts the program in a process of its own. */
export function startProgram(args: readonly string[], { cwd, env }: ProcessOptions = {}): ChildProcess {
  return spawn(command, [...before, ...args], {
    cwd,
    env: { ...process.env, ...ENVIRONMENT, ...env },
  });
}

/** Runs the program in a process of its own: for what a process has of its own, as its folder, and for threads. */
export function runProgram(args: readonly string[], options?: ProcessOptions): Promise<CliResult> {
  const child = startProgram(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('latin1').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ stdout, stderr, code }));
  });
}
