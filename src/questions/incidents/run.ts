import type { WalStock } from '../../cluster/chain.js';
import type { PlacedSegment } from '../../cluster/placed-segment.js';
import type { SummedTransactions } from '../../follow/summed-transactions.js';
import type { RelationName, RelationNames } from '../../replay/relation-names.js';
import type { WalError } from '../../wal/error.js';
import type { Lsn } from '../../wal/lsn.js';
import type { StoredBackupName } from '../given.js';
import type { SegmentTask } from '../segment-tasks.js';
import { type SearchedWal, TimelineSearches } from '../timeline-searches.js';
import type { WalReach } from '../wal-reach.js';
import type { LogsRead } from '../who/who.js';
import type { Incident } from './incident.js';
import type { IncidentPart } from './scan.js';
import { type IncidentQuery, IncidentSearch, isMeant } from './search.js';

/** An incident, and the timelines that it is part of. */
export type IncidentFound = Incident & { timelines: number[] };

/** The transactions that did much damage, and what the WAL is that they were looked for in. */
export interface IncidentsResult extends SearchedWal {
  /** Newest first. */
  incidents: IncidentFound[];
  /** There are so many more, older than these. */
  older: number;
  /** The names of relations by their files, where a base backup tells them. */
  names?: ReadonlyMap<string, RelationName>;
  /** The tables that TOAST tables and indexes belong to, by the files of these, where a base backup tells them. */
  owners?: ReadonlyMap<string, RelationName>;
  /** The names of databases by oid, also of those that were dropped, where a base backup tells them. */
  databases?: ReadonlyMap<number, string>;
  /** Where the WAL and the base backup are, as they were given: for the commands to go on with. */
  places?: readonly string[];
  backups?: readonly string[] | undefined;
  /** What WAL there is, where nothing was found in it. */
  reach?: WalReach | undefined;
  /** Where the facts are that were asked instead. */
  facts?: string | undefined;
  /** The base backup, where it is one of a backup tool's repository. */
  storedBackup?: StoredBackupName | undefined;
  /** What the server's logs tell of who did it, where they were given. */
  logs?: LogsRead;
  /** The file of the repository's passphrase, for the commands to go on with. */
  cipherPassFile?: string | undefined;
}

/**
 * Looks for incidents on all timelines. Each segment is scanned once:
 *
 * ```ts
 * const run = new IncidentsRun(stock, { minRows: 100 });
 * for (const task of run.tasks) run.add(task, scanForIncidents(…, task.segment.end));
 * const result = run.finish();
 * ```
 */
export class IncidentsRun<S extends PlacedSegment> {
  readonly tasks: SegmentTask<S>[];
  readonly problems: WalError[];
  /** Whether {@link addRolledUp} may be asked: roll-ups know nothing of what catalogs tell. */
  readonly takesRollUps: boolean;
  private readonly timelines: TimelineSearches<S, IncidentPart, IncidentSearch>;

  /**
   * @param names by timeline, where a base backup tells them
   * @throws WalError `no-wal` where there is no segment
   */
  constructor(
    stock: WalStock<S>,
    private readonly query: IncidentQuery,
    names: ReadonlyMap<number, RelationNames> = new Map(),
  ) {
    const search = (timeline: number) => {
      const of = names.get(timeline);
      return new IncidentSearch(query, of?.columnDrops, of?.catalogued);
    };
    this.timelines = new TimelineSearches(stock, undefined, {}, search);
    this.takesRollUps = names.size === 0;
    this.tasks = this.timelines.tasks;
    this.problems = this.timelines.problems;
  }

  queryOf({ segment: { end } }: SegmentTask<S>): { endLsn: Lsn } {
    return { endLsn: end };
  }

  /** Takes in what a task's segment says; tasks in their order. */
  add(task: SegmentTask<S>, part: IncidentPart, problem?: WalError): void {
    this.timelines.add(task, part, problem);
  }

  /** Whether one of the transactions that are summed up is an incident. */
  isTooCoarse({ relations }: SummedTransactions): boolean {
    const { minRows, all } = this.query;
    return relations.some(
      ({ relation, mostRows }) => mostRows > 0 && mostRows >= minRows && isMeant(relation, all),
    );
  }

  /** Takes in what a roll-up says of several tasks. @returns false where the part of each is to be given instead */
  addRolledUp(tasks: readonly SegmentTask<S>[], part: IncidentPart): boolean {
    return this.timelines.addRolledUp(tasks, part);
  }

  /** The last of each timeline, before all parts are in. */
  get lastSoFar(): Incident[] {
    return [...this.timelines.searches.values()].flatMap(({ last }) => last ?? []);
  }

  finish(): IncidentsResult {
    const { searches } = this.timelines;
    return {
      ...this.timelines.searched(),
      incidents: newestFirst(searches),
      older: Math.max(...[...searches.values()].map(({ dropped }) => dropped)),
    };
  }
}

/**
 * Adds what a base backup tells of relations. What a TOAST table lost, the table lost that it belongs to.
 * @param toast whether TOAST tables are to be told as well
 */
export function withNames(
  result: IncidentsResult,
  told: readonly RelationNames[],
  toast: boolean,
): IncidentsResult {
  const names = new Map(told.flatMap((one) => [...one.all]));
  const isToast = (relation: string): boolean => names.get(relation)?.schema === 'pg_toast';
  const unlogged = (relation: string): boolean | undefined =>
    told.map((one) => one.isUnlogged(relation)).find((one) => one !== undefined);
  const incidents = result.incidents
    .filter((one) => toast || !('relation' in one && isToast(one.relation)))
    .map((one) => {
      if (!('mayBeToastOf' in one) || !names.has(one.relation)) return one;
      return { ...one, unlogged: unlogged(one.relation), mayBeToastOf: undefined };
    });
  const owners = new Map(told.flatMap((one) => [...one.owners]));
  return { ...result, incidents, names, owners };
}

/** Timelines share WAL, and with it incidents: each once. */
function newestFirst(searches: ReadonlyMap<number, IncidentSearch>): IncidentFound[] {
  const found = new Map<string, IncidentFound>();
  for (const [timeline, { incidents }] of searches) {
    for (const incident of incidents) {
      const what = incident.kind === 'drop-database' ? incident.database : incident.relation;
      // after a switch point the same LSN and xid may be those of another transaction
      const key = `${incident.lsn} ${incident.xid} ${incident.time} ${incident.kind} ${what}`;
      const known = found.get(key);
      if (known) known.timelines.push(timeline);
      else found.set(key, { ...incident, timelines: [timeline] });
    }
  }
  return [...found.values()].sort((a, b) =>
    a.time === b.time ? Number(b.lsn - a.lsn) : a.time < b.time ? 1 : -1,
  );
}
