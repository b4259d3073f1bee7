import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from './measure.js';

/** Between two looks, in milliseconds: what a process has had at most, the system remembers. */
const PAUSE = 5;

/** Peak resident memory of a process, its threads included, in MiB (`VmHWM` of Linux). */
export function peakMemory([program, ...args]: Command): Promise<number> {
  const child = spawn(program, args, { stdio: 'ignore' });
  let peak = 0;
  const look = (): void => {
    try {
      const [, kib] = /^VmHWM:\s*(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kib ?? 0) / 1024);
    } catch {
      // it has ended
    }
  };
  const timer = setInterval(look, PAUSE);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(timer);
      resolve(peak);
    });
  });
}
