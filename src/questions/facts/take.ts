import type { FactsStock } from '../../sources/identified-segment.js';
import type { Input } from '../../sources/input.js';
import type { Reading } from '../../sources/reading.js';

/** What facts tell of an archive, where a place of them is given. @throws WalError as `takeFacts` does */
export async function takeFactsIn(
  input: Input | undefined,
  reading: Reading,
): Promise<FactsStock | undefined> {
  if (input === undefined) return undefined;
  // what a question without facts has no need of (docs/decisions/start.md)
  const { takeFacts } = await import('./stock.js');
  return takeFacts(input, reading);
}
