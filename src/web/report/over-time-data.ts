import type { OverTimeJson, ReportJson } from '../../index.js';

/** Bytes of one resource manager, or of several that have little, by step. */
export interface Layer {
  /** Undefined of those that are many in one. */
  rmgr: string | undefined;
  /** Of how many. */
  rmgrs: number;
  values: readonly number[];
}

/** So many have a colour of their own. */
const OWN_COLOUR = 7;

/** Largest first, the rest as one. */
export function layersOf({ bytes, steps }: OverTimeJson): Layer[] {
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const sorted = bytes
    .map(({ rmgr, values }) => ({ rmgr, rmgrs: 1, values, total: total(values) }))
    .filter((one) => one.total > 0)
    .sort((a, b) => b.total - a.total);
  // one that is left has a place of its own
  const own = sorted.length <= OWN_COLOUR + 1 ? sorted.length : OWN_COLOUR;
  const rest = sorted.slice(own);
  if (rest.length === 0) return sorted;
  const values = Array.from({ length: steps }, (_, i) => total(rest.map((one) => one.values[i])));
  return [...sorted.slice(0, own), { rmgr: undefined, rmgrs: rest.length, values }];
}

/** The time of steps, in milliseconds. */
export class Steps {
  readonly start: number;
  readonly length: number;
  readonly count: number;

  constructor({ start, stepSeconds, steps }: OverTimeJson) {
    this.start = Date.parse(start);
    this.length = stepSeconds * 1000;
    this.count = steps;
  }

  get end(): number {
    return this.from(this.count);
  }

  from(step: number): number {
    return this.start + step * this.length;
  }

  /** The step that a time is in, or that is nearest to it. */
  at(time: number): number {
    return Math.min(Math.max(Math.floor((time - this.start) / this.length), 0), this.count - 1);
  }

  /** What a line goes through to be level for the whole of each step: both of its ends. */
  points(values: readonly number[]): [time: number, value: number][] {
    return values.flatMap((value, i): [number, number][] => [
      [this.from(i), value],
      [this.from(i + 1), value],
    ]);
  }
}

export type EventKind = 'incidents' | 'restorePoints' | 'checkpoints' | 'clockSteps';

/** Something that happened at a moment; `index`: which one of its kind in the report. */
export interface TimedEvent {
  kind: EventKind;
  time: number;
  index: number;
}

/** All that is marked, of those kinds that there are. Checkpoints that are not listed count to the middle of their step. */
export function eventsOf({ incidents, wal }: ReportJson, steps: Steps): Map<EventKind, TimedEvent[]> {
  const times = (kind: EventKind, all: readonly string[]) =>
    all.map((time, index): TimedEvent => ({ kind, time: Date.parse(time), index }));
  const checkpoints =
    wal.olderCheckpoints === 0
      ? times(
          'checkpoints',
          wal.checkpoints.map(({ time }) => time),
        )
      : (wal.overTime?.checkpoints ?? []).flatMap((count, index) =>
          count > 0 ? [{ kind: 'checkpoints' as const, time: steps.from(index + 0.5), index: -1 }] : [],
        );
  const all: [EventKind, TimedEvent[]][] = [
    [
      'incidents',
      times(
        'incidents',
        incidents.incidents.map(({ time }) => time),
      ),
    ],
    [
      'restorePoints',
      times(
        'restorePoints',
        wal.restorePoints.map(({ time }) => time),
      ),
    ],
    ['checkpoints', checkpoints],
    [
      'clockSteps',
      times(
        'clockSteps',
        wal.clockSteps.map(({ to }) => to),
      ),
    ],
  ];
  return new Map(all.filter(([kind, events]) => kind === 'incidents' || events.length > 0));
}

/** A round number that is not less: the top of an axis. */
export function roundedUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((one) => one * power).find((one) => one >= value)!;
}
