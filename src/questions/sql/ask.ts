import type { Input } from '../../sources/input.js';
import { takeUsableInventory, type UsableInventory } from '../../sources/inventory.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { type Asking, ask, type QuestionOptions } from '../asking.js';
import { FactsAt } from '../facts/facts-at.js';
import { takeFacts } from '../facts/stock.js';
import type { Platform } from '../platform.js';
import { scanInto } from '../scan-segments.js';
import { unusedSegments } from '../unused-segments.js';
import type { Answers } from './answers.js';
import { readUnsettled, type UnsettledInsert } from './confirmed-inserts.js';
import { AnswersRun } from './run.js';

/**
 * Works out of facts what SQL cannot tell of them.
 * @throws WalError `no-wal` where there are none; as `findIncidents`
 */
export const factsAnswers = (
  facts: Input,
  options: Pick<QuestionOptions, 'jobs'>,
  platform: Platform,
): Promise<Answers> =>
  ask(options, platform, async (asking) => {
    const stock = await takeFacts(facts, asking.reading);
    const inventory = await takeUsableInventory([], asking.reading, { facts: stock });
    const run = new AnswersRun(inventory);
    run.problems.push(...inventory.problems, ...unusedSegments(inventory));
    await takeUnsettled(run, inventory, asking);
    await scanInto(run, 'incidents', inventory.format, asking);
    return run.finish();
  });

/** Insertions that a segment does not settle: few have any. */
async function takeUnsettled(
  run: AnswersRun<UsableInventory['segments'][number]>,
  { segments, format }: UsableInventory,
  { reading }: Asking,
): Promise<void> {
  for (const { facts, name, timeline, start } of segments) {
    if (facts === undefined) continue;
    let found: UnsettledInsert[] = [];
    try {
      found = await readUnsettled(await FactsAt.open(facts.folder, { timeline, start, format }, reading));
    } catch (error) {
      run.problems.push(problemOf(error));
    }
    if (found.length > 0) run.unsettled.set(name, found);
  }
}
