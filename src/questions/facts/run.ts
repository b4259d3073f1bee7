import type { ChainSegment } from '../../cluster/chain.js';
import { spanProblems } from '../../follow/wal-problems.js';
import type { SegmentFile, UsableInventory } from '../../sources/inventory.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf } from '../../sources/stored-bytes.js';
import type { WalError } from '../../wal/error.js';
import { dateOf, isUpToDate, replaces } from './choice.js';
import type { FactFile, FactsQuery } from './collector.js';
import { Joints } from './joint.js';
import type { FactsPlace } from './layout.js';
import { RollUps } from './roll-up/make.js';
import type { FactsPart } from './scan.js';
import { type KeptFacts, KeptSegments } from './segment-facts.js';
import { factFiles } from './segment-row.js';
import type { FactsStore } from './store.js';

/** A segment whose facts are to be made. */
interface FactsTask {
  segment: ChainSegment<SegmentFile>;
  records: boolean;
  /** See `dateOf`: as it was before it was read. */
  date: number | undefined;
}

interface Scanned {
  task: FactsTask;
  part: FactsPart;
  problem: WalError | undefined;
}

/** What became of the segments that were given. */
export interface FactsCounts {
  /** Segments of which there were no facts. */
  made: number;
  /** Segments of which there were others. */
  replaced: number;
  /** Segments whose facts were there. */
  passedOver: number;
  /** Records over the end of a segment whose facts were written. */
  joints: number;
  /** Written, in bytes. */
  bytes: number;
}

/** So many segments are looked at, or written, at a time: the disk has time to bring some to itself meanwhile. */
const AT_ONCE = 8;

/** Makes the facts of segments: says which are to be scanned, and puts what comes of that into a store. */
export class FactsRun {
  readonly tasks: FactsTask[] = [];
  readonly problems: WalError[] = [];
  private readonly counts = { made: 0, replaced: 0, passedOver: 0, bytes: 0 };
  private readonly kept: KeptSegments;
  private readonly joints: Joints;
  private readonly rollUps: RollUps;
  private readonly scanned: Scanned[] = [];
  private readonly writing = new Set<Promise<void>>();

  constructor(
    private readonly inventory: UsableInventory,
    private readonly store: FactsStore,
    /** Each record is to have a row. */
    private readonly records: boolean,
    reading: Reading,
  ) {
    this.kept = new KeptSegments(store, inventory.format);
    this.joints = new Joints(store, this.kept, inventory.format);
    this.rollUps = new RollUps(store, inventory.format, reading);
  }

  /** Passes over segments whose facts are there, and finds the {@link tasks}. @param checkAbort called between them */
  async findTasks(checkAbort: () => void): Promise<void> {
    const { segments } = this.inventory;
    for (let at = 0; at < segments.length; at += AT_ONCE) {
      checkAbort();
      const some = await Promise.all(segments.slice(at, at + AT_ONCE).map((file) => this.taskOf(file)));
      this.tasks.push(...some.filter((task) => task !== undefined));
    }
  }

  private async taskOf(file: SegmentFile): Promise<FactsTask | undefined> {
    const { format } = this.inventory;
    const kept = await this.keptOf(file);
    if (kept !== undefined && isUpToDate(kept, file, format, this.records)) {
      await this.passOver(file, kept);
      return undefined;
    }
    const end = file.start + BigInt(format.segmentSize);
    // what had them keeps them
    const records = this.records || kept?.tables.has('records') === true;
    return { segment: { file, end }, records, date: dateOf(file, Date.now()) };
  }

  /** Facts that are of no use are made again, and told unless they are only of another version. */
  private async keptOf(file: SegmentFile): Promise<KeptFacts | undefined> {
    try {
      return await this.kept.readWhole(this.placeOf(file));
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'system') throw problem;
      if (problem.code === 'bad-facts') this.problems.push(problem);
      return undefined;
    }
  }

  private async passOver(file: SegmentFile, { problem, state }: KeptFacts): Promise<void> {
    this.counts.passedOver++;
    this.tellProblems(file, problem, state);
    await this.joints.settleLeftover(file);
    this.rollUps.note(file);
  }

  queryOf({ records }: FactsTask): FactsQuery {
    return { records };
  }

  add(task: FactsTask, part: FactsPart, problem: WalError | undefined): void {
    this.scanned.push({ task, part, problem });
  }

  /** Begins to put what was added, and comes back when there is room for more. @throws WalError of the store */
  async write(): Promise<void> {
    for (const one of this.scanned.splice(0)) {
      const writing = this.put(one);
      this.writing.add(writing);
      writing.then(
        () => this.writing.delete(writing),
        () => {}, // it is looked at when there is to be room
      );
    }
    while (this.writing.size >= AT_ONCE) await Promise.race(this.writing);
  }

  private async put({ task, part, problem }: Scanned): Promise<void> {
    const { file } = task.segment;
    const { span, sums } = part;
    this.tellProblems(file, problem, { span, undecodable: sums.undecodable });
    // what cannot be read now may be there the next time
    if (problem?.kind === 'system') return;
    const files = this.filesOf(part, file, problem);
    if (files === undefined) return;
    const put = await this.store.put(this.placeOf(file), files, { modified: task.date, replaces });
    if (put === 'made' || put === 'replaced') {
      this.counts[put]++;
      for (const { bytes } of files) this.counts.bytes += bytes.length;
    } else this.counts.passedOver++;
    await this.joints.settleAround(file);
    this.rollUps.note(file);
  }

  /** Undefined, and told, where a record is too long. */
  private filesOf(part: FactsPart, file: SegmentFile, problem: WalError | undefined): FactFile[] | undefined {
    try {
      return factFiles(part, file, this.inventory.format, problem);
    } catch (error) {
      this.problems.push(problemOf(error));
      return undefined;
    }
  }

  /** What was wrong with a segment, whatever comes before and after it. */
  private tellProblems(
    file: SegmentFile,
    problem: WalError | undefined,
    { span, undecodable }: Pick<KeptFacts['state'], 'span' | 'undecodable'>,
  ): void {
    const { format } = this.inventory;
    const { timeline } = file;
    const chain = { timeline, history: [], historyKnown: true, gaps: [], resets: [] };
    const alone = { ...chain, segments: [{ file, end: span.end }] };
    if (problem !== undefined) this.problems.push(problem);
    this.problems.push(...spanProblems(span, undecodable, alone, format));
  }

  /** Waits for all that is being put. @throws WalError of the store */
  async finish(): Promise<FactsCounts> {
    await Promise.all(this.writing);
    const { counts, joints, rollUps } = this;
    await rollUps.settle();
    return { ...counts, joints: joints.written, bytes: counts.bytes + joints.bytes + rollUps.bytes };
  }

  /** Waits until nothing is being put any more, whatever became of it. */
  async close(): Promise<void> {
    await Promise.allSettled(this.writing);
  }

  private placeOf({ timeline, name }: SegmentFile): FactsPlace {
    return { systemIdentifier: this.inventory.format.systemIdentifier, timeline, name };
  }
}
