import type { AnswerHead } from '../../cluster/answer-head.js';
import { type PlacedSegment, type TimelineChain, timelineChain, type WalStock } from '../../cluster/chain.js';
import { distinctProblems, historyProblem, spanProblems } from '../../follow/wal-problems.js';
import type { RelationName } from '../../replay/relation-names.js';
import type { WalError } from '../../wal/error.js';
import { highest, type Lsn, lowest } from '../../wal/lsn.js';
import { type SegmentTask, segmentTasks, timelinesToSearch } from '../segment-tasks.js';
import type { IncidentPart } from './scan.js';
import { type Incident, type IncidentQuery, IncidentSearch } from './search.js';

/** An incident, and the timelines that it is part of. */
export type IncidentFound = Incident & { timelines: number[] };

/** The transactions that did much damage, and what the WAL is that they were looked for in. */
export interface IncidentsResult extends AnswerHead {
  /** Number of segments read. */
  segments: number;
  /** Newest first. */
  incidents: IncidentFound[];
  /** There are so many more, older than these. */
  older: number;
  /** The names of relations by their files, where a base backup tells them. */
  names?: ReadonlyMap<string, RelationName>;
  /** Where the WAL and the base backup are, as they were given: for the commands to go on with. */
  places?: readonly string[];
  backup?: string;
  /** What the answer may be incomplete for: gaps, damage, files that could not be read. */
  problems: WalError[];
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
  readonly problems: WalError[] = [];
  private readonly chains: TimelineChain<S>[];
  private readonly searches: Map<number, IncidentSearch>;

  /** @throws WalError `no-wal` where there is no segment */
  constructor(
    private readonly stock: WalStock<S>,
    query: IncidentQuery,
  ) {
    const timelines = timelinesToSearch(stock, undefined);
    this.searches = new Map(timelines.map((one) => [one, new IncidentSearch(query)]));
    this.chains = timelines.map((one) => timelineChain(stock, one));
    this.tasks = segmentTasks(this.chains);
  }

  queryOf({ segment: { end } }: SegmentTask<S>): { endLsn: Lsn } {
    return { endLsn: end };
  }

  /** Takes in what a task's segment says; tasks in their order. */
  add(task: SegmentTask<S>, part: IncidentPart, problem?: WalError): void {
    // where a segment is cut off, the reader tells by LSN
    if (problem && problem.code !== 'truncated-segment') this.problems.push(problem);
    for (const timeline of task.timelines) this.searches.get(timeline)?.add(part);
  }

  finish(): IncidentsResult {
    const { version, systemIdentifier } = this.stock.format!;
    const searches = [...this.searches];
    const spans = searches.map(([, { open }]) => open.span);
    return {
      postgres: version,
      systemIdentifier,
      timelines: searches.map(([timeline]) => timeline),
      startLsn: lowest(spans.map((span) => span?.firstRecord)),
      endLsn: highest(spans.map((span) => span?.lastRecordEnd)),
      segments: this.tasks.length,
      incidents: newestFirst(searches),
      older: Math.max(...searches.map(([, { dropped }]) => dropped)),
      problems: distinctProblems([
        ...this.problems,
        ...this.chains.flatMap((chain) => [...historyProblem(chain, this.stock), ...this.problemsOf(chain)]),
      ]),
    };
  }

  private problemsOf(chain: TimelineChain<S>): WalError[] {
    const { span, undecodable } = this.searches.get(chain.timeline)!.open;
    return span ? spanProblems(span, undecodable, chain, this.stock.format!) : [];
  }
}

/**
 * Adds the names of relations. What a TOAST table lost, the table lost that it belongs to.
 * @param toast whether TOAST tables are to be told as well
 */
export function withNames(
  result: IncidentsResult,
  names: ReadonlyMap<string, RelationName>,
  toast: boolean,
): IncidentsResult {
  const isToast = (relation: string): boolean => names.get(relation)?.schema === 'pg_toast';
  const incidents = result.incidents.filter((one) => toast || !('relation' in one && isToast(one.relation)));
  return { ...result, incidents, names };
}

/** Timelines share WAL, and with it incidents: each once. */
function newestFirst(searches: readonly [number, IncidentSearch][]): IncidentFound[] {
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
