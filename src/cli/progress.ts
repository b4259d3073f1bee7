import type { SingleBar } from 'cli-progress';
import type { OnProgress, Phase } from '../questions/asking.js';
import type { Tongue } from '../text/tongue.js';
import { type Message, message } from '../wal/message.js';
import type { Io } from './io.js';
import { phaseTimes } from './phase-times.js';
import { progressLines } from './progress-lines.js';

/** Does what takes long, and says how far it is and, with details, what took how long. */
export async function withProgress<T>(io: Io, read: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  if (!io.telling.details) return showProgress(io, read);
  const times = phaseTimes(io);
  try {
    return await showProgress(io, (show) =>
      read((progress) => {
        times.onProgress(progress);
        show(progress);
      }),
    );
  } finally {
    times.tell();
  }
}

/** A bar on standard error where that is a terminal, or else lines where they are asked for. */
function showProgress<T>(io: Io, read: (onProgress: OnProgress) => Promise<T>): Promise<T> {
  const { errorTerminal, telling } = io;
  if (telling.progress === false) return read(() => {});
  if (errorTerminal !== undefined) return withBar(errorTerminal, io.tongue, read);
  return read(telling.progress === true ? progressLines(io) : () => {});
}

async function withBar<T>(
  errorTerminal: NodeJS.WriteStream,
  tongue: Tongue,
  read: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const { SingleBar } = await import('cli-progress');
  let progress: { phase: Phase; bar: SingleBar } | undefined;
  const barOf = (phase: Phase, total: number, format: Message): SingleBar => {
    if (progress?.phase !== phase) {
      progress?.bar.stop();
      progress = { phase, bar: startProgress(SingleBar, total, tongue.textOf(format), errorTerminal) };
    }
    return progress.bar;
  };
  try {
    return await read(({ phase, done, total, segments }) => {
      if (phase === 'verify') {
        const [bytes, all] = [inMiB(done), inMiB(total ?? 0)];
        barOf(phase, all, total === undefined ? READ_BAR : FILES_BAR).update(bytes);
      } else if (phase === 'wal' && segments?.total !== undefined) {
        barOf(phase, segments.total, SEGMENTS_BAR).increment();
      }
    });
  } finally {
    progress?.bar.stop();
  }
}

const inMiB = (bytes: number): number => Math.floor(bytes / 2 ** 20);

/** With the places that cli-progress fills in. */
const SEGMENTS_BAR = message`{bar} {value}/{total} segments, {eta_formatted} left`;
const FILES_BAR = message`{bar} {value}/{total} MiB of base backups, {eta_formatted} left`;
/** Where nobody knows how much there is. */
const READ_BAR = message`{value} MiB of base backups`;

/**
 * A bar that leaves the terminal as it is, with its cursor and the wrapping of lines: whatever ends the process, be it a
 * signal that nobody can catch, there is nothing to be put right again.
 */
function startProgress(
  Bar: typeof SingleBar,
  total: number,
  format: string,
  stream: NodeJS.WriteStream,
): SingleBar {
  stream.on('error', () => {}); // a terminal that is gone ends nothing
  const bar = new Bar({
    format,
    stream,
    clearOnComplete: true,
    linewrap: true,
  });
  bar.start(total, 0);
  return bar;
}
