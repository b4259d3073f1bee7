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
  let progress: SingleBar | undefined;
  try {
    return await read(({ phase, segments }) => {
      if (phase !== 'wal' || segments?.total === undefined) return;
      progress ??= startProgress(SingleBar, segments.total, errorTerminal);
      progress.increment();
    });
  } finally {
    progress?.stop();
  }
}

/**
 * A bar that leaves the terminal as it is, with its cursor and the wrapping of lines: whatever ends the process, be it a
 * signal that nobody can catch, there is nothing to be put right again.
 */
function startProgress(Bar: typeof SingleBar, total: number, stream: NodeJS.WriteStream): SingleBar {
  stream.on('error', () => {}); // a terminal that is gone ends nothing
  const bar = new Bar({
    format: '{bar} {value}/{total} segments, {eta_formatted} left',
    stream,
    clearOnComplete: true,
    linewrap: true,
  });
  bar.start(total, 0);
  return bar;
}
