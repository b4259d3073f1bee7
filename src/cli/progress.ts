import type { SingleBar } from 'cli-progress';
import type { OnProgress } from '../questions/asking.js';
import type { Io } from './io.js';

/** Does what reads segments, with a progress bar on standard error where that is a terminal. */
export async function withProgress<T>(
  { errorTerminal }: Io,
  read: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  if (errorTerminal === undefined) return read(() => {});
  const { SingleBar } = await import('cli-progress');
  let progress: RunningBar | undefined;
  try {
    return await read(({ phase, segments }) => {
      if (phase !== 'wal' || segments?.total === undefined) return;
      progress ??= startProgress(SingleBar, segments.total, errorTerminal);
      progress.advance();
    });
  } finally {
    progress?.stop();
  }
}

interface RunningBar {
  advance(): void;
  stop(): void;
}

function startProgress(Bar: typeof SingleBar, total: number, stream: NodeJS.WriteStream): RunningBar {
  const bar = new Bar({
    format: '{bar} {value}/{total} segments, {eta_formatted} left',
    stream,
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
  return { advance: () => bar.increment(), stop };
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
