import { SingleBar } from 'cli-progress';

export interface Progress {
  advance(by?: number): void;
  stop(): void;
}

/** A progress bar on standard error, where that is a terminal; else nothing. */
export function startProgress(total: number, unit: string): Progress {
  if (!process.stderr.isTTY) return { advance() {}, stop() {} };
  const bar = new SingleBar({
    format: `{bar} {value}/{total} ${unit}, {eta_formatted} left`,
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
  });
  const stop = (): void => {
    for (const signal of SIGNALS) process.removeListener(signal, interrupted);
    bar.stop();
  };
  // gives the terminal its cursor back, then ends as if nobody had asked to be told
  const interrupted = (signal: NodeJS.Signals): void => {
    stop();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  bar.start(total, 0);
  return { advance: (by = 1) => bar.increment(by), stop };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
