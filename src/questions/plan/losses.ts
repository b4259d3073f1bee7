import type { Inputs } from '../../sources/input.js';
import { type FindCommitOptions, findCommit } from '../find-commit/ask.js';
import type { FindCommitResult } from '../find-commit/run.js';
import type { Platform } from '../platform.js';

/** No table has more files one after the other that people ask for; WAL that says so may go round in circles. */
const MOST_FILES = 100;

/**
 * What a relation lost. Where nothing is told of the file asked for, which TRUNCATE or a rewrite made, that is what the
 * file before it lost.
 */
export async function findLosses(
  inputs: Inputs,
  options: FindCommitOptions,
  platform: Platform,
): Promise<FindCommitResult> {
  let found = await findCommit(inputs, options, platform);
  // by its name it is asked for by all its files
  if (options.table !== undefined) return found;
  for (let i = 0; i < MOST_FILES && isWithoutLoss(found) && found.formerFiles?.length === 1; i++) {
    const [relation] = found.formerFiles;
    found = await findCommit(inputs, { ...options, relation }, platform);
  }
  return found;
}

const isWithoutLoss = ({ relations }: FindCommitResult): boolean =>
  relations.every(({ recoveryTarget }) => recoveryTarget === undefined);
