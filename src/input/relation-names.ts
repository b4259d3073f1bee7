import { RelationNames } from '../analysis/relation-names.js';
import { timelineChain, timelinesOf } from '../cluster/chain.js';
import { WalError } from '../wal/error.js';
import type { RelFileLocator } from '../wal/record.js';
import { openBackup } from './backup.js';
import type { UsableInventory } from './inventory.js';
import { PageSpill } from './page-spill.js';
import { TimelineReplay } from './timeline-replay.js';

/** A table by its name. */
export interface TableChoice {
  /** `table` or `schema.table`, in double quotes where SQL needs them. */
  table: string;
  database: string;
}

/**
 * Reads the names of relations out of a base backup's catalogs, replayed to the end of the WAL, by timeline; those
 * timelines that do not come from the backup's are left out.
 * @throws WalError what `openBackup` throws; `foreign-cluster`, `other-timeline`, `missing-segments`, `damaged-wal`
 *   where the WAL does not follow on the backup
 */
export async function readRelationNames(
  backupPath: string,
  inventory: UsableInventory,
  timeline?: number,
): Promise<Map<number, RelationNames>> {
  const backup = await openBackup(backupPath);
  const timelines = timeline === undefined ? timelinesOf(inventory) : [timeline];
  const found = new Map<number, RelationNames>();
  let problem: WalError | undefined;
  for (const one of timelines) {
    const pages = new PageSpill();
    try {
      const replay = new TimelineReplay(inventory.format, timelineChain(inventory, one), backup, pages);
      const cluster = await replay.catalogs({ kind: 'latest' });
      found.set(one, await replay.resolve(cluster, { kind: 'latest' }, () => RelationNames.of(cluster)));
    } catch (error) {
      if (!(error instanceof WalError) || error.code !== 'other-timeline') throw error;
      problem = error;
    } finally {
      pages.close();
    }
  }
  if (found.size > 0) return found;
  // with WAL there is a timeline, and without names of it what is in the way
  throw problem;
}

/**
 * The files of a table on any of the timelines.
 * @throws WalError `no-backup` without names, `unknown-database`, `unknown-table`
 */
export function filesOfTable(
  names: ReadonlyMap<number, RelationNames> | undefined,
  { table, database }: TableChoice,
): RelFileLocator[] {
  if (!names) throw new WalError('no-backup', 'a table can be found by its name only with a base backup');
  const all = [...names.values()];
  const files = all.flatMap((one) => one.filesOf(table, database));
  if (files.length > 0) return files;
  if (!all.some((one) => one.has(database))) {
    throw new WalError('unknown-database', `there is no database ${database}`);
  }
  throw new WalError('unknown-table', `there is no table ${table} in the backup, nor in the WAL after it`);
}
