import { timelineChain, timelinesOf } from '../cluster/chain.js';
import type { CataloguedFiles } from '../follow/removal.js';
import { distinctProblems, notFoundIn } from '../follow/wal-problems.js';
import { openBackup } from '../sources/backup.js';
import type { Backup } from '../sources/backup-parts.js';
import type { Input } from '../sources/input.js';
import type { UsableInventory } from '../sources/inventory.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import type { RelFileLocator } from '../wal/record.js';
import type { RelationNames } from './relation-names.js';
import type { ReplayPort } from './replay-port.js';
import { unknownDatabase, unknownTable } from './unknown-name.js';

/** A table by its name. */
export interface TableChoice {
  /** `table` or `schema.table`, in double quotes where SQL needs them. */
  table: string;
  database: string;
}

/** What a base backup and the WAL after it tell of names. */
export interface NamesFound {
  /** By timeline; those that do not come from the backup's are left out. */
  names: Map<number, RelationNames>;
  /** Why names of later WAL, or all of a timeline, are not known. */
  problems: WalError[];
  /** The same by timeline. */
  problemsOn: ReadonlyMap<number, WalError[]>;
}

/**
 * Reads the names of relations out of a base backup's catalogs, replayed to the end of the WAL or as far as it goes
 * without interruption, by timeline.
 * @throws WalError what `openBackup` throws; `foreign-cluster`, `other-timeline` where no WAL follows on the backup
 */
export async function readRelationNames(
  input: Input | Backup,
  inventory: UsableInventory,
  port: ReplayPort,
  timeline?: number,
): Promise<NamesFound> {
  // what a question without a backup has no need of (docs/decisions/start.md)
  const { TimelineReplay } = await import('./timeline-replay.js');
  const { RelationNames } = await import('./relation-names.js');
  const backup = await openBackup(input, port.reading);
  const timelines = timeline === undefined ? timelinesOf(inventory) : [timeline];
  const names = new Map<number, RelationNames>();
  const problemsOn = new Map<number, WalError[]>();
  let other: WalError | undefined;
  for (const one of timelines) {
    const pages = port.newPages();
    const chain = timelineChain(inventory, one);
    const replay = new TimelineReplay(inventory.format, chain, backup, pages, port, 'stop');
    try {
      const cluster = await replay.catalogs({ kind: 'latest' });
      const found = await RelationNames.of(cluster);
      names.set(one, found);
      problemsOn.set(one, [
        ...replay.problems.map((problem) =>
          incomplete(
            isOfWal(problem)
              ? message`the names of relations are those of before: ${problem.said}`
              : message`the names of relations may be wrong: ${problem.said}`,
            problem,
          ),
        ),
        ...found.problems.map((problem) =>
          incomplete(message`the names of relations are not all known: ${problem.said}`, problem),
        ),
      ]);
    } catch (error) {
      if (!(error instanceof WalError)) throw error;
      if (error.kind === 'conflict') other = error;
      else if (
        error.code === 'unsupported-version' ||
        error.kind === 'damage' ||
        error.kind === 'incomplete' ||
        error.kind === 'not-reached'
      ) {
        const [cause = error] = replay.problems;
        problemsOn.set(one, [
          incomplete(message`the names of relations on timeline ${one} are not known: ${cause.said}`, cause),
        ]);
      } else throw error;
    } finally {
      pages.close();
    }
  }
  if (names.size === 0 && problemsOn.size === 0 && other) throw other;
  return { names, problems: distinctProblems([...problemsOn.values()].flat()), problemsOn };
}

/** Whether it is the WAL that goes no further, rather than a file of the backup that is not as it was. */
const isOfWal = ({ kind, code }: WalError): boolean => kind === 'incomplete' && code !== 'damaged-backup';

const incomplete = (said: Message, { lsn, file }: WalError): WalError =>
  new WalError('incomplete-names', said, { lsn, file });

/** What catalogs tell of files, by timeline. */
export const cataloguedIn =
  (found: NamesFound | undefined) =>
  (timeline: number): CataloguedFiles | undefined =>
    found?.names.get(timeline)?.catalogued;

/**
 * The files of a table on any of the timelines.
 * @throws WalError `no-backup` without names, `unknown-database`, `unknown-table`, `no-storage`; `incomplete-wal` where the table may
 *   be one whose name is not known
 */
export function filesOfTable(
  found: NamesFound | undefined,
  { table, database }: TableChoice,
): RelFileLocator[] {
  if (!found)
    throw new WalError('no-backup', message`a table can be found by its name only with a base backup`);
  const all = [...found.names.values()];
  const files = all.flatMap((one) => one.filesOf(table, database));
  if (files.length > 0) return files;
  if (all.some((one) => one.hasTable(table, database))) {
    const text = message`${table} has no file to look for: it is partitioned and has no partitions, or a view or a foreign table`;
    throw new WalError('no-storage', text);
  }
  const unknown = all.some((one) => one.has(database))
    ? unknownTable(
        message`there is no table ${table} in the backup, nor in the WAL after it`,
        table,
        all.flatMap((one) => one.relationsOf(database)),
      )
    : unknownDatabase(
        message`there is no database ${database}`,
        database,
        all.flatMap((one) => [...one.databases.values()]),
      );
  throw found.problems.length > 0 ? notFoundIn(unknown.said, found.problems) : unknown;
}
