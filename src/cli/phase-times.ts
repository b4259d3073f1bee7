import type { OnProgress, Phase } from '../questions/asking.js';
import { message } from '../wal/message.js';
import { BytesGone } from './bytes-gone.js';
import type { Io } from './io.js';
import { PHASE_NAMES } from './phase-names.js';
import { printDetail } from './telling.js';

/** What one phase came to. */
interface PhaseTime {
  phase: Phase;
  seconds: number;
  bytes: BytesGone;
}

/** Takes the time of phases, and tells it at the end. A phase lasts from the last word of the one before. */
export function phaseTimes(io: Io): { onProgress: OnProgress; tell(): void } {
  const begun = performance.now();
  const phases: PhaseTime[] = [];
  let then = begun;
  return {
    onProgress({ phase, done }) {
      if (phases.at(-1)?.phase !== phase) phases.push({ phase, seconds: 0, bytes: new BytesGone() });
      const current = phases.at(-1)!;
      const now = performance.now();
      current.seconds += (now - then) / 1000;
      current.bytes.goneTo(done);
      then = now;
    },
    tell() {
      for (const { phase, seconds, bytes } of phases) {
        printDetail(message`${PHASE_NAMES[phase]}: ${mib(bytes.count)} MiB in ${seconds.toFixed(2)} s`, io);
      }
      printDetail(message`in all ${((performance.now() - begun) / 1000).toFixed(2)} s`, io);
    },
  };
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
