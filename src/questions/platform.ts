import type { OffsetOf } from '../logs/clock.js';
import { MemoryPages } from '../replay/block-store.js';
import type { ReplayPort } from '../replay/replay-port.js';
import type { AbortSignalLike } from '../sources/abort.js';
import { PORTABLE_READING } from '../sources/reading.js';
import type { ScanKind } from './registry.js';
import type { ScanResult, ScanTask } from './scan-task.js';

/** What questions need of their surroundings: Node has paths, zlib, files to put pages into, and threads. */
export interface Platform extends Omit<ReplayPort, 'onSegment'> {
  /** What an abbreviation of a time zone means wherever it is in use; left out where there are no data of zones. */
  readonly offsetAnywhere?: OffsetOf;
  /** To share segments between; without them one comes after the other. */
  readonly threads?: Threads;
  /** Stands in commands for the folder of files that have no path here, for whoever runs them to fill in. */
  readonly unknownFolder?: string;
}

/** Threads that scan segments. */
export interface Threads {
  /** How many to use for so many segments: one where others take longer to start than they save. */
  useful(jobs: number, segments: number): number;
  /**
   * Does the tasks, in any order, and gives their results in the order of the tasks.
   * @throws WalError `worker-failed`, which names the segment that takes more memory than a thread may have
   */
  map<K extends ScanKind>(
    tasks: Iterable<ScanTask<K>>,
    options: {
      jobs: number;
      /** How many may be worked on or done before the one whose turn it is. */
      ahead: number;
      signal: AbortSignalLike | undefined;
    },
  ): AsyncIterable<ScanResult<K>>;
}

/** Where there is nothing but JavaScript. */
export const PORTABLE: Platform = {
  reading: PORTABLE_READING,
  newPages: () => new MemoryPages(),
};
