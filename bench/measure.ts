import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';

/** A command line: program, then arguments. */
export type Command = readonly string[];

/** Runs a command with its output thrown away. @returns wall time in milliseconds */
export async function wallTime(command: Command): Promise<number> {
  const start = performance.now();
  await exitOf(command, 'ignore');
  return performance.now() - start;
}

/** SHA-256 of what a command prints. */
export async function outputHash(command: Command): Promise<string> {
  const hash = createHash('sha256');
  await exitOf(command, (chunk) => hash.update(chunk));
  return hash.digest('hex');
}

/** What a command prints, as lines. */
export async function outputOf(command: Command): Promise<string> {
  const chunks: Buffer[] = [];
  await exitOf(command, (chunk) => chunks.push(chunk));
  return Buffer.concat(chunks).toString();
}

function exitOf([program, ...args]: Command, output: 'ignore' | ((chunk: Buffer) => void)): Promise<void> {
  const stdout = output === 'ignore' ? 'ignore' : 'pipe';
  const child = spawn(program, args, { stdio: ['ignore', stdout, 'ignore'] });
  if (output !== 'ignore') child.stdout?.on('data', output);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}

/**
 * Times two sides in turn, after runs that do not count: what slows the machine slows both.
 * @param warmUp runs of ours before: one, or as many as it takes until all code is compiled
 */
export async function inTurn(
  runs: number,
  warmUp: number,
  ours: () => number | Promise<number>,
  theirs: () => number | Promise<number>,
): Promise<{ ours: number; theirs: number; ratio: number }> {
  for (let i = 0; i < warmUp; i++) await ours();
  await theirs();
  const times: { ours: number; theirs: number }[] = [];
  for (let i = 0; i < runs; i++) times.push({ ours: await ours(), theirs: await theirs() });
  return {
    ours: median(times.map((pair) => pair.ours)),
    theirs: median(times.map((pair) => pair.theirs)),
    ratio: median(times.map((pair) => pair.ours / pair.theirs)),
  };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
