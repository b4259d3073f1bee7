import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../wal/timestamp.js';

/** What is counted to one time: plain data. */
export interface TimeSums {
  /** Bytes by resource manager id, without images. */
  bytes: Map<number, number>;
  imageBytes: number;
  records: number;
  commits: number;
  aborts: number;
  checkpoints: number;
}

/** WAL by time, of a stretch: plain data. */
export interface TimePart {
  /** What comes before the first time, up to a checkpoint each, whose time may tell it. */
  leads: { sums: TimeSums; time: number }[];
  /** The first time told; undefined where none is: then all is in {@link leads} and {@link rest}. */
  first: number | undefined;
  last: number | undefined;
  steps: Steps;
  /** What comes after the last time, or is of no time. */
  rest: TimeSums;
}

/** Sums by the number of a step, all as long as {@link STEP_SECONDS} has it at `level`. */
export interface Steps {
  level: number;
  sums: Map<number, TimeSums>;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;

/** How long steps may be, each a multiple of the one before, so that steps become longer ones by adding them up. */
export const STEP_SECONDS: readonly number[] = [
  ...[1, 2, 10, 30, 60, 300, 600, 1800, HOUR, 2 * HOUR, 6 * HOUR, DAY, WEEK],
  ...Array.from({ length: 6 }, (_, i) => WEEK * 10 ** (i + 1)),
];

/** Steps that hold something: where there are more, they become longer. */
const MOST_STEPS = 1000;
/** Checkpoints before the first time: the times of more tell nothing. */
const MOST_LEADS = 1000;

const MICROSECONDS = 1e6;
const [FIRST_TIME, LAST_TIME] = [Number(MIN_TIMESTAMP), Number(MAX_TIMESTAMP)];

export const noSums = (): TimeSums => ({
  ...{ bytes: new Map(), imageBytes: 0, records: 0 },
  ...{ commits: 0, aborts: 0, checkpoints: 0 },
});

export function addSums(sum: TimeSums, more: TimeSums): void {
  for (const [rmid, bytes] of more.bytes) sum.bytes.set(rmid, (sum.bytes.get(rmid) ?? 0) + bytes);
  sum.imageBytes += more.imageBytes;
  sum.records += more.records;
  sum.commits += more.commits;
  sum.aborts += more.aborts;
  sum.checkpoints += more.checkpoints;
}

/** Makes steps longer until they are few. */
function coarsen(steps: Steps, level = steps.level): void {
  while (steps.level < level || (steps.sums.size > MOST_STEPS && steps.level < STEP_SECONDS.length - 1)) {
    const factor = STEP_SECONDS[steps.level + 1] / STEP_SECONDS[steps.level];
    const old = steps.sums;
    steps.sums = new Map();
    steps.level++;
    for (const [step, sums] of old) addTo(steps.sums, Math.floor(step / factor), sums);
  }
}

function addTo(all: Map<number, TimeSums>, step: number, sums: TimeSums): void {
  const known = all.get(step);
  if (known === undefined) all.set(step, sums);
  else addSums(known, sums);
}

/** Adds steps to others, which become as long as the longer ones of the two. */
export function addSteps(steps: Steps, more: Steps): void {
  coarsen(steps, Math.max(steps.level, more.level));
  coarsen(more, steps.level);
  for (const [step, sums] of more.sums) addTo(steps.sums, step, sums);
  coarsen(steps);
}

/** Whether it is a time that the server can have, and no infinity. */
const isTime = (time: number): boolean => time >= FIRST_TIME && time <= LAST_TIME;

/**
 * Counts WAL by time. Records count to the time that is told next. That of an online checkpoint is of its beginning,
 * which may be long before: it tells nothing but where it is later than what was told last. Times are microseconds
 * since 2000-01-01; those of before 1714 and after 2285 to a millisecond, which no step is as short as.
 */
export class OverTime {
  private readonly leads: { sums: TimeSums; time: number }[] = [];
  private first: number | undefined;
  private readonly steps: Steps = { level: 0, sums: new Map() };
  private rest = noSums();
  /** The step of {@link last}. */
  private step = 0;

  /** @param last the time told before; `-Infinity` where the WAL begins here, undefined where that is not known */
  constructor(private last: number | undefined) {}

  /** What the records since the last time come to, to be added to. */
  get pending(): TimeSums {
    return this.rest;
  }

  /** The time told last. */
  get latest(): number | undefined {
    return this.last === Number.NEGATIVE_INFINITY ? undefined : this.last;
  }

  /** Takes in that the time is told by the last of the records that are pending. */
  tell(time: number): void {
    if (!isTime(time)) return;
    if (this.last === undefined) this.first = time;
    this.place(time);
  }

  /** The same of an online checkpoint. */
  tellBeginning(time: number): void {
    if (!isTime(time)) return;
    if (this.last !== undefined) {
      if (time > this.last) this.place(time);
    } else if (this.leads.length < MOST_LEADS) {
      this.leads.push({ sums: this.rest, time });
      this.rest = noSums();
    }
  }

  private place(time: number): void {
    const { steps, rest } = this;
    this.last = time;
    this.step = Math.floor(time / MICROSECONDS / STEP_SECONDS[steps.level]);
    const known = steps.sums.get(this.step);
    if (known !== undefined) {
      addSums(known, rest);
      clear(rest);
      return;
    }
    steps.sums.set(this.step, rest);
    this.rest = noSums();
    coarsen(steps);
  }

  /** Takes in what comes next in the WAL; `part` is of no use after that. */
  add({ leads, first, last, steps, rest }: TimePart): void {
    for (const { sums, time } of leads) {
      addSums(this.rest, sums);
      this.tellBeginning(time);
    }
    if (first !== undefined) {
      this.tell(first);
      this.last = last;
      addSteps(this.steps, steps);
    }
    addSums(this.rest, rest);
  }

  build(): TimePart {
    const { leads, first, last, steps, rest } = this;
    return { leads, first, last, steps, rest };
  }

  /** The steps of all; what comes after the last time counts to that. Undefined where no time was told. */
  finish(): Steps | undefined {
    const { latest, steps } = this;
    if (latest === undefined) return undefined;
    this.place(latest);
    return steps;
  }
}

function clear(sums: TimeSums): void {
  sums.bytes.clear();
  sums.imageBytes = 0;
  sums.records = 0;
  sums.commits = 0;
  sums.aborts = 0;
  sums.checkpoints = 0;
}

/** WAL by time, in steps that follow each other, and what is of times far off. */
export interface StepsOverTime {
  /** The number of the first one, counted from 2000-01-01 UTC. */
  first: number;
  /** How long each is. */
  seconds: number;
  /** Undefined where there is nothing. */
  sums: (TimeSums | undefined)[];
  /** From which step to which. */
  elsewhere: { sums: TimeSums; first: number; last: number } | null;
}

/** What is less than this share of all records may be left out for being of times far off. */
const LITTLE = 0.01;

/**
 * One step after the other, without a hole: where there are too many, what little is beyond the widest hole is left
 * out, as a clock that was once wrong leaves it; else steps become longer.
 */
export function denseSteps(all: Steps): StepsOverTime | undefined {
  const steps: Steps = { level: all.level, sums: new Map(all.sums) };
  const total = recordsOf([...steps.sums.values()]);
  const apart: { start: number; end: number; sums: TimeSums }[] = [];
  let left = total * LITTLE;
  for (;;) {
    const numbers = [...steps.sums.keys()].sort((a, b) => a - b);
    const [first] = numbers;
    const last = numbers[numbers.length - 1];
    const seconds = STEP_SECONDS[steps.level];
    if (first === undefined) return undefined;
    if (last - first < MOST_STEPS) {
      const sums = Array.from({ length: last - first + 1 }, (_, i) => steps.sums.get(first + i));
      return { first, seconds, sums, elsewhere: elsewhereOf(apart, seconds) };
    }
    const far = beyondWidestHole(numbers, steps.sums);
    const records = recordsOf(far.map((step) => steps.sums.get(step)!));
    if (records > left) {
      coarsen(steps, steps.level + 1);
      continue;
    }
    left -= records;
    for (const step of far) {
      apart.push({ start: step * seconds, end: (step + 1) * seconds, sums: steps.sums.get(step)! });
      steps.sums.delete(step);
    }
  }
}

const recordsOf = (all: readonly TimeSums[]): number => all.reduce((sum, { records }) => sum + records, 0);

/** The steps on that side of the widest hole where fewer records are. */
function beyondWidestHole(numbers: readonly number[], sums: ReadonlyMap<number, TimeSums>): number[] {
  let at = 1;
  for (let i = 1; i < numbers.length; i++) {
    if (numbers[i] - numbers[i - 1] > numbers[at] - numbers[at - 1]) at = i;
  }
  const [before, after] = [numbers.slice(0, at), numbers.slice(at)];
  const records = (side: readonly number[]): number => recordsOf(side.map((step) => sums.get(step)!));
  return records(before) < records(after) ? before : after;
}

function elsewhereOf(
  apart: readonly { start: number; end: number; sums: TimeSums }[],
  seconds: number,
): StepsOverTime['elsewhere'] {
  if (apart.length === 0) return null;
  const sums = noSums();
  for (const one of apart) addSums(sums, one.sums);
  const first = Math.floor(Math.min(...apart.map(({ start }) => start)) / seconds);
  const last = Math.ceil(Math.max(...apart.map(({ end }) => end)) / seconds) - 1;
  return { sums, first, last };
}
