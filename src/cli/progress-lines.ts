import type { OnProgress, Progress } from '../questions/asking.js';
import { type Message, message } from '../wal/message.js';
import type { Io } from './io.js';
import { PHASE_NAMES } from './phase-names.js';
import type { SoFarLines } from './so-far.js';

/** So often at the most: a log is read by people. */
const BETWEEN_MS = 5000;

/** Says how far the work is in lines, where nothing can be drawn over. */
export function progressLines({ tongue, writeError }: Io, soFar: SoFarLines): OnProgress {
  let next = 0;
  return (progress) => {
    const line = soFar.lineOf(progress.soFar);
    if (line !== undefined) writeError(`${line}\n`);
    const now = performance.now();
    if (now < next) return;
    next = now + BETWEEN_MS;
    writeError(`walscan: ${tongue.textOf(lineOf(progress))}\n`);
  };
}

function lineOf({ phase, done, total }: Progress): Message {
  return total === undefined
    ? message`${PHASE_NAMES[phase]}: ${inMiB(done)} MiB`
    : message`${PHASE_NAMES[phase]}: ${inMiB(done)} of ${inMiB(total)} MiB`;
}

const inMiB = (bytes: number): number => Math.floor(bytes / 2 ** 20);
