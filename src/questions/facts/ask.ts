import type { AnswerHead } from '../../cluster/answer-head.js';
import type { Inputs } from '../../sources/input.js';
import { takeUsableInventory, type UsableInventory } from '../../sources/inventory.js';
import type { WalError } from '../../wal/error.js';
import { highest, lowest } from '../../wal/lsn.js';
import { ask, type QuestionOptions } from '../asking.js';
import { openGiven } from '../given.js';
import type { Platform } from '../platform.js';
import { scanning } from '../scan-segments.js';
import { unusedSegments } from '../unused-segments.js';
import { type FactsCounts, FactsRun } from './run.js';
import { copySmallFiles } from './small-files.js';
import type { FactsStore } from './store.js';

/** Which facts to make, and how. */
export interface MakeFactsOptions extends Omit<QuestionOptions, 'backup'> {
  /** A row for each record as well. Facts that have them keep them. */
  records?: boolean | undefined;
}

/** What was made. `factsJson` makes JSON of it. */
export interface FactsMade extends AnswerHead, FactsCounts {
  /** The store's name. */
  store: string;
  /** What is wrong with the WAL, and with facts that were there. */
  problems: WalError[];
}

/** See `questions/portable.ts`. */
export async function makeFacts(
  inputs: Inputs,
  store: FactsStore,
  options: MakeFactsOptions,
  platform: Platform,
): Promise<FactsMade> {
  return ask(options, platform, async (asking) => {
    const { reading } = asking;
    const given = await openGiven(inputs, undefined, reading);
    const inventory = await takeUsableInventory(given.wal, reading);
    const run = new FactsRun(inventory, store, options.records === true, reading);
    run.problems.push(...inventory.problems, ...unusedSegments(inventory));
    run.problems.push(...(await copySmallFiles(inventory, store, reading)));
    try {
      await run.findTasks(() => asking.checkAbort());
      for await (const _ of scanning(run, 'facts', inventory.format, asking)) await run.write();
      const counts = await run.finish();
      return { ...headOf(inventory), store: store.name, ...counts, problems: run.problems };
    } finally {
      await run.close();
    }
  });
}

/** From the start of the first segment to the end of the last one. */
function headOf({ format, segments }: UsableInventory): AnswerHead {
  const { version: postgres, systemIdentifier, segmentSize } = format;
  return {
    ...{ postgres, systemIdentifier },
    timelines: [...new Set(segments.map(({ timeline }) => timeline))],
    startLsn: lowest(segments.map(({ start }) => start)),
    endLsn: highest(segments.map(({ start }) => start + BigInt(segmentSize))),
  };
}
