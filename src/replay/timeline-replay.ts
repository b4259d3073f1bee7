import type { AnswerHead } from '../cluster/answer-head.js';
import {
  type ChainSegment,
  missingProblem,
  resetProblem,
  type TimelineChain,
  type WalReset,
} from '../cluster/chain.js';
import { whyNotDescended } from '../cluster/recovery-timeline.js';
import type { Interruptions } from '../follow/interruption.js';
import { beginsMinimalWal } from '../follow/minimal-wal.js';
import { isEndOfWal } from '../follow/wal-problems.js';
import { type PlacedTuple, TupleHeader } from '../heap/tuple.js';
import { faultSaid, type ReadFault } from '../reader/fault.js';
import { offsetInSegment, type WalFormat } from '../reader/segment.js';
import { type Gap, WalReader } from '../reader/wal-reader.js';
import { formatLocator } from '../rmgr/locator.js';
import type { Backup } from '../sources/backup-parts.js';
import type { SegmentFile } from '../sources/inventory.js';
import { ManifestCheck } from '../sources/manifest-check.js';
import { readWindows } from '../sources/read-segments.js';
import { WalError } from '../wal/error.js';
import { formatLsn, type Lsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';
import type { RelFileLocator, WalRecord } from '../wal/record.js';
import type { Pages } from './block-store.js';
import { CATALOG_OIDS } from './catalog.js';
import type { ClusterFiles } from './cluster-files.js';
import { FollowedTables, type TablesWanted } from './followed-tables.js';
import { loadClusterFiles, loadRelations } from './load-backup.js';
import type { StopTarget } from './recovery.js';
import { checkTarget, ReplayPass } from './replay-pass.js';
import type { ReplayPort } from './replay-port.js';
import { ReplayedCluster } from './replayed-cluster.js';
import { ReplayedRelation } from './replayed-relation.js';

/**
 * Replays relations through the WAL of one timeline, from a base backup or, without one, from what the WAL alone
 * tells of them. Each pass reads the WAL from the beginning to its target.
 */
export class TimelineReplay {
  /** What is wrong with the WAL and with the backup, where that does not forbid an answer. */
  readonly problems: WalError[] = [];
  /** WAL was read that does not matter to the question by its bounds, of which stock was not taken. */
  isBeyond = false;
  /** What passes have said of it: each says it anew. */
  private readonly noted = new Set<string>();
  private files: ClusterFiles | undefined;
  private check: ManifestCheck | undefined;
  /** Of the reading of WAL that is under way. */
  private interruptions = 0;
  private isMinimal = false;

  constructor(
    private readonly format: WalFormat,
    private readonly chain: TimelineChain<SegmentFile>,
    private readonly backup: Backup | undefined,
    private readonly pages: Pages,
    private readonly port: ReplayPort,
    /**
     * With a backup, what missing or damaged WAL means: `fail` throws it; `stop` takes it for the end of the WAL
     * and a problem.
     */
    private readonly onInterruption: 'fail' | 'stop' = 'fail',
    /** Whether passes keep the times of commits. */
    private readonly keepsTimes = false,
  ) {}

  get hasBackup(): boolean {
    return this.backup !== undefined;
  }

  /** The WAL's major version. */
  get version(): number {
    return this.format.version;
  }

  /** Of an answer out of what a pass replayed. */
  headOf({ firstLsn, endLsn }: Pick<ReplayPass, 'firstLsn' | 'endLsn'>): AnswerHead {
    const { version: postgres, systemIdentifier } = this.format;
    return {
      ...{ postgres, systemIdentifier },
      timelines: [this.chain.timeline],
      ...{ startLsn: firstLsn, endLsn },
    };
  }

  /**
   * Replays the catalogs of all databases of the backup, where they usually lie.
   * @param follow the tables that are to be replayed on the way, and whether they keep the tuples that went from their pages
   * @throws WalError
   */
  async catalogs(
    target: StopTarget,
    follow?: TablesWanted & { keepRemoved: boolean },
  ): Promise<ReplayedCluster> {
    const usual = new Set<number>(Object.values(CATALOG_OIDS));
    const relations = new Map<string, ReplayedRelation>();
    const relationOf = (file: RelFileLocator) => {
      if (!usual.has(file.relNumber)) return undefined;
      const key = formatLocator(file);
      const known = relations.get(key);
      if (known) return known;
      const relation = this.newRelation(file, KEPT.get(file.relNumber));
      relations.set(key, relation);
      return relation;
    };
    await this.loadFiles(relationOf);
    const pass = this.newPass(target, [...relations.values()]);
    if (follow) pass.followed = await this.follow(follow, pass);
    await this.run(pass, target);
    return new ReplayedCluster(
      this.version,
      pass,
      async (files) => (await this.relations(target, files, true)).relations,
    );
  }

  private follow(
    { keepRemoved, ...wanted }: TablesWanted & { keepRemoved: boolean },
    pass: ReplayPass,
  ): Promise<FollowedTables> {
    const catalogs = new Map(pass.relations.map((relation) => [formatLocator(relation.file), relation]));
    return FollowedTables.begin({
      version: this.version,
      wanted,
      cluster: pass.cluster,
      hintsLogged: this.files?.logsHints ?? false,
      catalogFile: (file) => catalogs.get(formatLocator(file)),
      addCatalogs: async (files) => {
        const relations = files.map((file) => this.newRelation(file, true));
        for (const relation of relations) {
          catalogs.set(formatLocator(relation.file), relation);
          pass.add(relation);
        }
        await this.loadOwn(relations);
      },
      newRelation: (file) => this.newRelation(file, keepRemoved),
      load: (relations) => this.loadOwn(relations),
    });
  }

  /** Reads the backup's small files, and on the way the blocks of relations that are wanted. @throws WalError */
  async loadFiles(relationOf: (file: RelFileLocator) => ReplayedRelation | undefined): Promise<ClusterFiles> {
    if (!this.backup) throw new WalError('no-backup', message`catalogs are in a base backup only`);
    const note = (problem: WalError): void => this.note(problem);
    const check = await this.manifestCheck(this.backup);
    this.files = await loadClusterFiles(this.backup, check, relationOf, note);
    this.checkBackup(this.files);
    return this.files;
  }

  /** Gives relations the blocks that the backup has of files, their own or others that they were copied from. */
  async loadBlocks(wanted: readonly { relation: ReplayedRelation; source: RelFileLocator }[]): Promise<void> {
    if (!this.backup) return;
    const check = await this.manifestCheck(this.backup);
    let rest = wanted;
    while (rest.length > 0) {
      const bySource = new Map(rest.map((one) => [formatLocator(one.source), one]));
      const now = [...bySource.values()];
      const sources = new Map(now.map(({ relation, source }) => [relation, source]));
      rest = rest.filter((one) => !now.includes(one));
      const relations = now.map(({ relation }) => relation);
      await loadRelations(this.backup, check, relations, this.files?.hasChecksums ?? false, sources);
    }
  }

  private async manifestCheck(backup: Backup): Promise<ManifestCheck> {
    if (this.check) return this.check;
    this.check = await ManifestCheck.of(backup);
    if (this.check.problem) this.note(this.check.problem);
    return this.check;
  }

  /**
   * Replays relations from the backup, where there is one, to the target.
   * @param keepRemoved whether they keep the tuples that went from their pages
   */
  async relations(target: StopTarget, files: RelFileLocator[], keepRemoved: boolean): Promise<ReplayPass> {
    const relations = files.map((file) => this.newRelation(file, keepRemoved));
    await this.loadOwn(relations);
    const pass = this.newPass(target, relations);
    await this.run(pass, target);
    return pass;
  }

  private newPass(target: StopTarget, relations: readonly ReplayedRelation[]): ReplayPass {
    return new ReplayPass(target, this.files, this.version, relations, this.keepsTimes);
  }

  /** Gives relations the blocks that the backup, where there is one, has of them. */
  private async loadOwn(relations: readonly ReplayedRelation[]): Promise<void> {
    if (!this.backup) return;
    const check = await this.manifestCheck(this.backup);
    await loadRelations(this.backup, check, relations, this.files?.hasChecksums ?? false);
  }

  private newRelation(
    file: RelFileLocator,
    keepRemoved: ConstructorParameters<typeof ReplayedRelation>[2],
  ): ReplayedRelation {
    return new ReplayedRelation(file, this.pages.newStore(), keepRemoved, this.pages);
  }

  private async run(pass: ReplayPass, target: StopTarget): Promise<void> {
    await this.readWal(
      (record) => pass.take(record),
      () => pass.forgetPages(),
    );
    checkTarget(pass, target, this.problems);
  }

  /**
   * Gives the records from the backup's start on (or all, without one) until `take` wants no more, and with each what
   * could not be read so far.
   * @param onGap without a backup: WAL is missing or damaged there
   * @throws WalError with a backup: `missing-segments`, `damaged-wal`, also where no valid record comes after it
   */
  async readWal(
    take: (record: WalRecord, read: Interruptions) => boolean,
    onGap: () => void = () => {},
  ): Promise<Interruptions> {
    let read: Interruptions = { gaps: [], damages: [] };
    for await (const reader of this.segments()) {
      read = reader;
      for (const record of this.recordsOf(reader, onGap)) if (!take(record, reader)) return read;
    }
    return read;
  }

  /** The records of a segment that the reader has got. */
  *recordsOf(reader: WalReader, onGap: () => void): Generator<WalRecord> {
    for (let record = reader.next(); record; record = reader.next()) {
      const interruptions = reader.gaps.length + reader.damages.length;
      if (interruptions > this.interruptions) {
        this.interruptions = interruptions;
        onGap();
      }
      yield record;
      if (!this.isMinimal && beginsMinimalWal(record)) {
        this.isMinimal = true;
        this.note(minimalWal(record.lsn));
      }
    }
  }

  /**
   * Reads the WAL from the backup's start on (or all, without one), segment by segment, large ones window by window: what the reader has got is to be
   * taken before the next one is asked for. A record is good until the next one is read.
   * @throws WalError as {@link readWal} does
   */
  async *segments(): AsyncGenerator<WalReader> {
    const startLsn = this.files?.base.startLsn;
    const segments = this.segmentsFrom(startLsn);
    const reader = new WalReader({ startLsn, onFault: this.files ? 'stop' : 'resume', transient: true });
    this.interruptions = 0;
    this.isMinimal = false;
    let before: WalError | undefined;
    let done = 0;
    let isInterrupted = false;
    try {
      for await (const { segment, file, problem } of readWindows(
        segments,
        this.format,
        this.port.reading,
        1,
      )) {
        this.isBeyond ||= file.outside === true;
        const isSegment = offsetInSegment(segment, segment) === 0;
        if (isSegment) this.port.onSegment?.(++done, segments.length, this.format.segmentSize);
        if (problem) this.note(problem);
        const { fault } = reader;
        const reset = done > 1 ? this.resetAt(segment.start) : undefined;
        reader.push(segment, reset !== undefined);
        // what ends the WAL in the middle of its last segment is no interruption
        const interruption =
          this.files && isSegment ? this.interruption(fault, reader.gaps.at(-1), reset, before) : undefined;
        before = problem;
        if (interruption) {
          isInterrupted = true;
          this.interrupt(interruption);
          return;
        }
        yield reader;
      }
    } finally {
      if (!isInterrupted) this.noteInterruptions(reader);
    }
    const { fault } = reader;
    if (!fault || isEndOfWal(fault, this.chain)) return;
    const problem = this.faultProblem(fault, before);
    if (this.files) this.interrupt(problem);
    else this.note(problem);
  }

  /** What was passed over, without a backup. */
  private noteInterruptions({ gaps, damages }: Interruptions): void {
    for (const gap of gaps) {
      const reset = this.resetAt(gap.to);
      this.note(reset ? resetProblem(reset) : missingWal(this.chain, gap));
    }
    for (const { fault } of damages) {
      if (fault.kind !== 'short-file') this.note(damaged(fault, this.version));
    }
  }

  /**
   * Why recovery would not go on with the next segment.
   * @param before what is wrong with the file before it
   */
  private interruption(
    fault: ReadFault | undefined,
    gap: Gap | undefined,
    reset: WalReset | undefined,
    before: WalError | undefined,
  ): WalError | undefined {
    if (reset) return resetProblem(reset);
    // where segments are missing, the one before may well end early
    if (gap && (!fault || isEndOfWal(fault, this.chain))) return missingWal(this.chain, gap);
    return fault && this.faultProblem(fault, before);
  }

  /** @param ofFile what is wrong with the file that it is in, which tells more where that is too short */
  private faultProblem(fault: ReadFault, ofFile: WalError | undefined): WalError {
    if (fault.kind !== 'short-file' || ofFile === undefined) return damaged(fault, this.version);
    if (ofFile.code === 'truncated-segment') return ofFile;
    const { said, file } = ofFile;
    return new WalError('damaged-wal', said, { lsn: fault.lsn, file, cause: ofFile });
  }

  private resetAt(lsn: Lsn): WalReset | undefined {
    return this.chain.resets.find(({ start }) => start === lsn);
  }

  private interrupt(problem: WalError): void {
    if (this.onInterruption === 'fail') throw problem;
    this.note(problem);
  }

  private checkBackup({ base, control, version }: ClusterFiles): void {
    if (version !== this.version || control.systemIdentifier !== this.format.systemIdentifier) {
      throw new WalError(
        'foreign-cluster',
        message`the backup ${String(this.backup?.name)} and the WAL are of different clusters: system identifier ${control.systemIdentifier} and ${this.format.systemIdentifier}; give a backup of the cluster that the WAL is of`,
      );
    }
    const { startLsn, checkpointLsn, timeline } = base;
    const detail = whyNotDescended(this.chain, { lsn: checkpointLsn ?? startLsn, timeline });
    if (detail !== undefined) throw new WalError('other-timeline', detail);
  }

  private note(problem: WalError): void {
    if (this.noted.has(problem.message)) return;
    this.noted.add(problem.message);
    this.problems.push(problem);
  }

  private segmentsFrom(startLsn: Lsn | undefined): ChainSegment<SegmentFile>[] {
    const { segments } = this.chain;
    if (startLsn === undefined) return segments;
    const wanted = segments.filter(({ end }) => end > startLsn);
    if (wanted.length === 0 || wanted[0].file.start > startLsn) {
      throw new WalError(
        'missing-segments',
        message`the WAL from the backup's start at ${formatLsn(startLsn)} on is not in the input: give it, too; where pg_basebackup took it along, it is in the backup's pg_wal or pg_wal.tar`,
        { lsn: startLsn },
      );
    }
    return wanted;
  }
}

/** Temporary tables leave many columns behind in pg_attribute; what a column was before, few do. */
const wasUpdated = ({ block, offset, tuple }: PlacedTuple): boolean => {
  const { ctid } = new TupleHeader(tuple);
  return ctid.block !== block || ctid.offset !== offset;
};

/** Catalogs of which it matters what they said before: which of the tuples that went from their pages are kept. */
const KEPT = new Map<number, true | ((placed: PlacedTuple) => boolean)>([
  [CATALOG_OIDS.class, true],
  [CATALOG_OIDS.namespace, true],
  [CATALOG_OIDS.inherits, true],
  [CATALOG_OIDS.index, true],
  [CATALOG_OIDS.database, true],
  [CATALOG_OIDS.attribute, wasUpdated],
]);

const damaged = (fault: ReadFault, version: number): WalError =>
  new WalError(
    'damaged-wal',
    message`the WAL is damaged at ${formatLsn(fault.lsn)}: ${faultSaid(fault, version)}`,
    {
      lsn: fault.lsn,
    },
  );

function missingWal(chain: TimelineChain<SegmentFile>, gap: Gap): WalError {
  const known = chain.gaps.find(({ from, to }) => from < gap.to && to > gap.from);
  if (known) return missingProblem(known);
  return new WalError(
    'missing-segments',
    message`WAL from ${formatLsn(gap.from)} to ${formatLsn(gap.to)} is missing`,
  );
}

const minimalWal = (lsn: Lsn): WalError =>
  new WalError(
    'minimal-wal',
    message`from ${formatLsn(lsn)} on the WAL was written with wal_level=minimal, which leaves rows out: take a backup of later`,
    { lsn },
  );
