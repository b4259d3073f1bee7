import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Command } from './measure.js';

/** Between two looks, in milliseconds. What a process has had of the processor since the last one is not seen. */
const PAUSE = 5;

/** In clock ticks of a hundredth of a second, which Linux has on all machines that Node runs on (`USER_HZ`). */
const TICK_MS = 10;

/** What a process takes, its threads included. */
export interface Cost {
  /** Milliseconds. */
  wall: number;
  /** Milliseconds of the processor, user and system. */
  cpu: number;
  /** The most resident memory, MiB. */
  peak: number;
}

/** Runs a command with its output thrown away; looks at `/proc`, which Linux has. */
export function costOf([program, ...args]: Command): Promise<Cost> {
  const start = performance.now();
  const child = spawn(program, args, { stdio: 'ignore' });
  const cost: Cost = { wall: 0, cpu: 0, peak: 0 };
  const look = (): void => {
    try {
      cost.cpu = cpuOf(readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
      cost.peak = peakOf(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? cost.peak;
    } catch {
      // it has ended
    }
  };
  const timer = setInterval(look, PAUSE);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(timer);
      resolve({ ...cost, wall: performance.now() - start });
    });
  });
}

/** The 14th and 15th field of `/proc/PID/stat`; the second, a name in brackets, may have spaces. */
function cpuOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return TICK_MS * (Number(fields[11]) + Number(fields[12]));
}

/** `VmHWM`: what a process has had at most, the system remembers, until it has none any more. */
function peakOf(status: string): number | undefined {
  const [, kib] = /^VmHWM:\s*(\d+)/m.exec(status) ?? [];
  return kib === undefined ? undefined : Number(kib) / 1024;
}
