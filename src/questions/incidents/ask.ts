import { filesOfTable, readRelationNames, type TableChoice } from '../../replay/names-of-backup.js';
import { formatLocator } from '../../rmgr/locator.js';
import { takeUsableInventory } from '../../sources/inventory.js';
import type { ByteSource } from '../../sources/source.js';
import { type SegmentScan, scanInto } from '../scan-segments.js';
import { type IncidentsResult, IncidentsRun, withNames } from './run.js';
import type { IncidentQuery } from './search.js';

/** Which incidents to look for, and how. */
export interface IncidentsInPathsOptions extends IncidentQuery {
  /** Told after each segment how many of how many have been read. */
  onProgress?: (done: number, total: number) => void;
  /** A base backup from whose catalogs names are taken. All the WAL since then must be given. */
  backup?: string;
  /** What happened to this table only, which needs a backup. */
  table?: TableChoice;
  /** Threads to share the segments between, this one among them. Default 1. */
  jobs?: number;
}

/**
 * Finds the committed transactions that deleted or updated many rows, or removed relations or databases, in files
 * and folders of WAL. No more than a few segments are in memory at a time, and of what is found the newest.
 *
 * @throws WalError what `readRelationNames` and `filesOfTable` throw; `no-wal`, `unreadable` for a path that cannot be read, and what makes it unclear which WAL is the
 *   right one: `foreign-cluster`, `mixed-formats`, `different-content`
 */
export async function findIncidentsInPaths(
  paths: Iterable<string | ByteSource>,
  { onProgress, backup, table, jobs, ...query }: IncidentsInPathsOptions,
): Promise<IncidentsResult> {
  const inventory = await takeUsableInventory(paths);
  const found = backup === undefined ? undefined : await readRelationNames(backup, inventory);
  const files = table && filesOfTable(found, table).map(formatLocator);
  const run = new IncidentsRun(inventory, { ...query, relations: files && new Set(files) });
  for (const problem of [...inventory.problems, ...(found?.problems ?? [])]) run.problems.push(problem);
  const scans = run.tasks.map(({ segment }): SegmentScan<'incidents'> => {
    return { segment, work: { kind: 'incidents', endLsn: segment.end } };
  });
  await scanInto(run, scans, inventory.format, { jobs, onProgress });
  const places = [...paths].map((one) => (typeof one === 'string' ? one : one.name));
  const result = { ...run.finish(), places, backup };
  if (!found) return result;
  const all = new Map([...found.names.values()].flatMap((one) => [...one.all]));
  return withNames(result, all, query.all === true || table !== undefined);
}
