import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from './measure.js';

/** Peak resident memory of a walscan process, its threads included, in MiB: what it says of itself at its end. */
export function peakMemory([program, ...args]: Command): Promise<number> {
  const child = spawn(program, ['--import', join(import.meta.dirname, 'report-memory.js'), ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let reported = '';
  child.stdio[3]?.on('data', (chunk) => {
    reported += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Number(reported) / 1024));
  });
}
