import { DISORDER_US } from '../../follow/disorder.js';
import { COMMIT, type TransactionEvents } from '../../follow/transaction-events.js';
import type { Lsn } from '../../wal/lsn.js';
import type { TimestampTz } from '../../wal/timestamp.js';

/** Where commits' times go back by more than commits can overtake each other. */
export interface ClockStep {
  /** Of the commit whose time is earlier. */
  lsn: Lsn;
  timeline: number;
  /** The latest time before it. */
  from: TimestampTz;
  to: TimestampTz;
}

/** So many are told. */
const MOST_STEPS = 1000;

/** Watches the clock of one timeline. */
export class Clock {
  readonly steps: ClockStep[] = [];
  /** How many more there are. */
  more = 0;
  private latest: TimestampTz | undefined;

  constructor(private readonly timeline: number) {}

  /** Takes in what comes next in the WAL. */
  add({ kinds, lsns, times }: TransactionEvents): void {
    for (let i = 0; i < kinds.length; i++) {
      if (kinds[i] !== COMMIT) continue;
      const time = times[i];
      const { latest } = this;
      if (latest === undefined || time > latest) this.latest = time;
      else if (time + DISORDER_US < latest) {
        this.step(lsns[i], latest, time);
        this.latest = time;
      }
    }
  }

  private step(lsn: Lsn, from: TimestampTz, to: TimestampTz): void {
    if (this.steps.length < MOST_STEPS) this.steps.push({ lsn, timeline: this.timeline, from, to });
    else this.more++;
  }
}
