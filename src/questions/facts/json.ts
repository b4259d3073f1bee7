import { type HeadJson, headJson } from '../../cluster/answer-head.js';
import type { Problem } from '../../wal/error.js';
import type { FactsMade } from './ask.js';
import type { FactsCounts } from './run.js';

/** What `walscan facts --json` prints. */
export interface FactsJson extends HeadJson, FactsCounts {
  /** The folder that the facts are in. */
  folder: string;
  problems: Problem[];
}

/** Makes JSON of what `makeFacts` gives. */
export const factsJson = (facts: FactsMade): FactsJson => ({
  ...headJson(facts),
  folder: facts.store,
  made: facts.made,
  replaced: facts.replaced,
  passedOver: facts.passedOver,
  joints: facts.joints,
  bytes: facts.bytes,
  problems: facts.problems.map((problem) => problem.toJSON()),
});
