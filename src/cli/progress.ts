import type { SingleBar } from 'cli-progress';
import type { OnProgress, Phase, Progress } from '../questions/asking.js';
import { type TimeZone, UTC } from '../text/timezone.js';
import type { Tongue } from '../text/tongue.js';
import { type Message, message } from '../wal/message.js';
import { BytesGone } from './bytes-gone.js';
import type { Io } from './io.js';
import { PHASE_NAMES } from './phase-names.js';
import { phaseTimes } from './phase-times.js';
import { progressLines } from './progress-lines.js';
import { SoFarLines } from './so-far.js';
import { wrapped } from './wrap.js';

/**
 * Does what takes long, and says how far it is and, with details, what took how long.
 * @param zone of times in what is known for certain on the way
 */
export async function withProgress<T>(
  io: Io,
  read: (onProgress: OnProgress) => Promise<T>,
  zone: TimeZone = UTC,
): Promise<T> {
  const soFar = new SoFarLines(io.tongue, zone);
  if (!io.telling.details) return showProgress(io, soFar, read);
  const times = phaseTimes(io);
  try {
    return await showProgress(io, soFar, (show) =>
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
function showProgress<T>(
  io: Io,
  soFar: SoFarLines,
  read: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const { errorTerminal, telling } = io;
  if (telling.progress === false) return read(() => {});
  if (errorTerminal !== undefined) return withBar(errorTerminal, soFar, io.tongue, read);
  return read(telling.progress === true ? progressLines(io, soFar) : () => {});
}

/** Of what takes less, nothing is drawn. */
const DELAY_MS = 250;

async function withBar<T>(
  terminal: NodeJS.WriteStream,
  soFar: SoFarLines,
  tongue: Tongue,
  read: (onProgress: OnProgress) => Promise<T>,
): Promise<T> {
  const { SingleBar } = await import('cli-progress');
  const bars = new Bars(SingleBar, terminal, soFar, tongue);
  // also where nothing comes for long, from a store say
  const timer = setTimeout(() => bars.begin(), DELAY_MS);
  try {
    return await read((progress) => bars.show(progress));
  } finally {
    clearTimeout(timer);
    bars.stop();
  }
}

/** What is drawn of a phase. */
interface Drawn {
  phase: Phase;
  hasTotal: boolean;
  bar: SingleBar;
  begun: number;
  bytes: BytesGone;
}

/** A line on the terminal: the phase, how far it is, and how fast. */
class Bars {
  private readonly begun = performance.now();
  private drawn: Drawn | undefined;

  constructor(
    private readonly Bar: typeof SingleBar,
    private readonly terminal: NodeJS.WriteStream,
    private readonly soFar: SoFarLines,
    private readonly tongue: Tongue,
  ) {
    terminal.on('error', () => {}); // a terminal that is gone ends nothing
  }

  begin(): void {
    if (this.drawn === undefined) this.draw({ phase: 'inventory', done: 0, total: undefined });
  }

  show(progress: Progress): void {
    if (this.drawn === undefined && performance.now() - this.begun < DELAY_MS) return;
    const line = this.soFar.lineOf(progress.soFar);
    if (line !== undefined) this.printAbove(line, progress.done);
    this.draw(progress);
  }

  stop(): void {
    this.drawn?.bar.stop();
    this.drawn = undefined;
  }

  /** The bar is drawn anew below the line. */
  private printAbove(line: string, done: number): void {
    this.drawn?.bar.stop();
    this.terminal.write(`${wrapped(line, this.terminal.columns)}\n`);
    if (this.drawn !== undefined) this.drawn.bar = this.barOf(this.drawn.phase, this.drawn.hasTotal, done);
  }

  private draw({ phase, done, total }: Pick<Progress, 'phase' | 'done' | 'total'>): void {
    const hasTotal = total !== undefined;
    if (this.drawn?.phase !== phase || this.drawn.hasTotal !== hasTotal) {
      this.stop();
      this.drawn = this.startOf(phase, hasTotal, done);
    }
    const { bar, begun, bytes } = this.drawn;
    bytes.goneTo(done);
    const perSecond = bytes.count / ((performance.now() - begun) / 1000);
    if (hasTotal) bar.setTotal(inMiB(total));
    const left = hasTotal ? durationText((total - done) / perSecond) : '';
    bar.update(inMiB(done), { rate: Number.isFinite(perSecond) ? inMiB(perSecond) : 0, left });
  }

  private startOf(phase: Phase, hasTotal: boolean, done: number): Drawn {
    const bar = this.barOf(phase, hasTotal, done);
    return { phase, hasTotal, bar, begun: performance.now(), bytes: new BytesGone(done) };
  }

  /**
   * A bar that leaves the terminal as it is, with its cursor and the wrapping of lines: whatever ends the process, be it a
   * signal that nobody can catch, there is nothing to be put right again.
   */
  private barOf(phase: Phase, hasTotal: boolean, done: number): SingleBar {
    const bar = new this.Bar({
      format: this.tongue.textOf(hasTotal ? partOf(phase) : soFar(phase)),
      stream: this.terminal,
      barsize: 20,
      clearOnComplete: true,
      linewrap: true,
    });
    bar.start(0, inMiB(done), { rate: 0, left: UNKNOWN });
    return bar;
  }
}

// with the places that cli-progress fills in
const partOf = (phase: Phase): Message =>
  message`${PHASE_NAMES[phase]} {bar} {value} of {total} MiB, {rate} MiB/s, {left} left`;
/** Where nobody knows how much there is. */
const soFar = (phase: Phase): Message => message`${PHASE_NAMES[phase]}: {value} MiB, {rate} MiB/s`;

/** Of seconds, in the unit that says enough. */
function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return UNKNOWN;
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

const UNKNOWN = '?';

const inMiB = (bytes: number): number => Math.floor(bytes / 2 ** 20);
