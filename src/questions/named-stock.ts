import { gapsOfLoss, timelineChain, timelinesOf } from '../cluster/chain.js';
import { takeInventoryFor } from '../replay/wal-of-backup.js';
import type { Backup } from '../sources/backup-parts.js';
import { isBounded, NAMES_ONLY, type WalBounds } from '../sources/bounds.js';
import type { FactsStock } from '../sources/identified-segment.js';
import type { UsableInventory } from '../sources/inventory.js';
import { labelOf } from '../sources/read-base-backup.js';
import type { Reading } from '../sources/reading.js';
import { NoWal } from '../sources/segment-facts.js';
import type { Lsn } from '../wal/lsn.js';
import { type ChosenBackup, candidateForNames, type Given } from './given.js';

/** What a question with names is out of. */
interface NamedStock {
  inventory: UsableInventory;
  /** The backup of a repository that names are out of. */
  chosen: ChosenBackup | undefined;
}

/** Where the WAL of a backup begins; undefined where its label does not tell, which is told when the backup is read. */
export const startOf = async (backup: Backup): Promise<Lsn | undefined> =>
  (await labelOf(backup).catch(() => undefined))?.startLsn;

/**
 * Takes stock for a question that may take names out of a backup. Of what its bounds leave out, what lies before the
 * backup is not looked at; all behind it is.
 * @param asked the backup that was asked for
 * @param candidates where none was: those to choose from
 * @param isNeeded there is no answer without names
 */
export async function takeNamedStock(
  given: Pick<Given, 'wal' | 'chosen'> & { facts?: FactsStock | undefined },
  bounds: WalBounds,
  asked: Backup | undefined,
  candidates: readonly ChosenBackup[],
  isNeeded: boolean,
  reading: Reading,
): Promise<NamedStock> {
  const take = (within?: WalBounds) => takeInventoryFor(asked, given.wal, reading, within, given.facts);
  const choose = (inventory: UsableInventory) =>
    given.chosen ?? candidateForNames(candidates, inventory, isNeeded);
  const takeAll = async (): Promise<NamedStock> => {
    const inventory = await take();
    return { inventory, chosen: choose(inventory) };
  };
  if (!isBounded(bounds)) return takeAll();
  if (asked === undefined && candidates.length === 0) {
    return { inventory: await take(bounds), chosen: undefined };
  }
  const begun = asked === undefined ? choose(await take(NAMES_ONLY)) : given.chosen;
  const namesFrom = asked === undefined ? begun?.stored.startLsn : await startOf(asked);
  if (namesFrom === undefined) return takeAll();
  const inventory = await take({ ...bounds, namesFrom });
  // what is missing may be in a file that is called something else
  return choose(inventory) === begun && !isMissingFrom(namesFrom, inventory)
    ? { inventory, chosen: begun }
    : takeAll();
}

/**
 * Checks that there is WAL to replay catalogs through: facts know no names.
 * @throws WalError `needs-wal`
 */
export async function checkNamesHaveWal(
  backup: Backup,
  { segments, format: { segmentSize } }: UsableInventory,
): Promise<void> {
  const from = (await startOf(backup)) ?? 0n;
  for (const { source, start } of segments) {
    if (source instanceof NoWal && start + BigInt(segmentSize) > from) throw source.error();
  }
}

const isMissingFrom = (lsn: Lsn, inventory: UsableInventory): boolean =>
  timelinesOf(inventory).some((timeline) =>
    gapsOfLoss(timelineChain(inventory, timeline)).some(({ to }) => to > lsn),
  );
