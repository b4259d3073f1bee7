import type { WalFormat } from '../../../reader/segment.js';
import type { SourceFolder } from '../../../sources/byte-source.js';
import type { Reading } from '../../../sources/reading.js';
import { problemOf } from '../../../sources/stored-bytes.js';
import type { Lsn } from '../../../wal/lsn.js';
import { segmentFileNameOf } from '../../../wal/segment-name.js';
import { FactsAt } from '../facts-at.js';
import { type FactsPlace, factFile, factsFolder } from '../layout.js';
import { readColumns } from '../parquet.js';
import { brokenTable } from '../segment-facts.js';
import type { FactsStore } from '../store.js';
import { parseSeals } from '../table-seals.js';
import { blockStart, type RollUpSizes, rollUpSizes } from './block.js';
import { digestOf } from './digest.js';
import { type BlockPart, rollUpFiles } from './encode.js';
import { readPiece, type SegmentPiece, StretchBuilder } from './stretch.js';

/** A segment's place in the WAL. */
interface At {
  timeline: number;
  start: Lsn;
}

/** A segment that is rolled up. */
interface Member extends At {
  /** See `BlockPart`. */
  digest: number;
}

/** Most of a table is less than that; of `segments` it is the beginning and the end of the segment as text. */
const LARGEST_TABLE = 64 * 1024 * 1024;

/** Where a roll-up is another one each time that it is looked at, it is left: it is believed only where it is right. */
const MOST_TRIES = 8;

/**
 * Keeps roll-ups right: of blocks of segments, as far as they have facts. Any number of processes may: whoever reads a
 * roll-up believes it only where the digests in it are those of the facts that are there.
 */
export class RollUps {
  /** How many bytes were written. */
  bytes = 0;
  private readonly blocks = new Map<string, At>();

  constructor(
    private readonly store: FactsStore,
    private readonly format: WalFormat,
    private readonly reading: Reading,
    private readonly sizes: RollUpSizes = rollUpSizes(format.segmentSize),
  ) {}

  /** Notes that facts of a segment are there: its block is looked at later. */
  note({ timeline, start }: At): void {
    const first = blockStart(start, this.format.segmentSize, this.sizes.segments);
    this.blocks.set(`${timeline}/${first}`, { timeline, start: first });
  }

  /** Rolls up the blocks that were noted. @throws WalError of the store */
  async settle(): Promise<void> {
    if (this.sizes.segments === 1) return;
    for (const block of this.blocks.values()) await this.settleBlock(block);
    this.blocks.clear();
  }

  /** Until it is right: another process may have added facts meanwhile, and a roll-up of fewer come after one of more. */
  private async settleBlock(block: At): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const members = await this.membersOf(block);
      if (members.length === 0 || (await this.isMadeOf(block, members))) return;
      const files = rollUpFiles({ ...block, format: this.format }, await this.partsOf(members));
      const put = await this.store.put(this.rollUpOf(block), files, { replaces: async () => true });
      if (put !== 'made' && put !== 'replaced') return;
      for (const { bytes } of files) this.bytes += bytes.length;
    }
  }

  /** Those segments of a block that are rolled up: of its stretches that have facts of all. */
  private async membersOf(block: At): Promise<Member[]> {
    const members: Member[] = [];
    for (let i = 0; i < this.sizes.segments; i += this.sizes.stretch) {
      members.push(...((await this.stretchOf(block, i)) ?? []));
    }
    return members;
  }

  /** Undefined where not all segments have facts: those missing are the last as a rule. */
  private async stretchOf(block: At, first: number): Promise<Member[] | undefined> {
    const members: Member[] = [];
    for (let i = this.sizes.stretch - 1; i >= 0; i--) {
      const at = this.memberOf(block, first + i);
      const table = await this.store.read(this.placeOf(at), 'segments', LARGEST_TABLE);
      if (table === undefined) return undefined;
      members.push({ ...at, digest: digestOf(table.bytes) });
    }
    return members.reverse();
  }

  private async isMadeOf(block: At, members: readonly Member[]): Promise<boolean> {
    const place = this.rollUpOf(block);
    const table = await this.store.read(place, 'rollups', LARGEST_TABLE);
    if (table === undefined) return false;
    try {
      const names = ['start_lsn', 'digests', 'tables'] as const;
      const options = { names, file: 'rollups', most: this.sizes.segments };
      const { columns } = await readColumns('rollups', table.bytes, options);
      const known = Array.from(columns.digests as ArrayLike<number[]>).flatMap((digests, row) => {
        const start = columns.start_lsn[row] as Lsn;
        return digests.map((digest, i) => ({ start: this.startOf(start, i), digest }));
      });
      const isOfThese =
        known.length === members.length &&
        known.every(({ start, digest }, i) => start === members[i].start && digest === members[i].digest);
      if (!isOfThese) return false;
      const seals = parseSeals(String(columns.tables[0]), 'rollups');
      return (await brokenTable(this.store, place, seals)) === undefined;
    } catch (error) {
      problemOf(error);
      return false;
    }
  }

  /** Segments that follow on each other together, the others each by itself. */
  private async partsOf(members: readonly Member[]): Promise<BlockPart[]> {
    const parts: BlockPart[] = [];
    let some: Member[] = [];
    let builder: StretchBuilder | undefined;
    const close = (): void => {
      if (some.length === 0) return;
      const stretch = some.length > 1 ? builder?.finish() : undefined;
      parts.push({ start: some[0].start, digests: some.map(({ digest }) => digest), stretch });
      builder = undefined;
      some = [];
    };
    for (const member of members) {
      const piece = await this.pieceOf(member);
      if (piece === undefined || builder?.add(piece) !== true) {
        close();
        builder = piece && new StretchBuilder(piece, this.sizes);
      }
      some.push(member);
      if (piece === undefined) close();
    }
    close();
    return parts;
  }

  private async pieceOf(at: At): Promise<SegmentPiece | undefined> {
    const folder = folderOf(this.store, this.placeOf(at));
    try {
      const facts = await FactsAt.open(folder, { ...at, format: this.format }, this.reading);
      return await readPiece(facts);
    } catch (error) {
      const problem = problemOf(error);
      if (problem.kind === 'system') throw problem;
      return undefined;
    }
  }

  private memberOf({ timeline, start }: At, i: number): At {
    return { timeline, start: this.startOf(start, i) };
  }

  /** Where the segment begins that is so many behind another. */
  private startOf(start: Lsn, i: number): Lsn {
    return start + BigInt(i) * BigInt(this.format.segmentSize);
  }

  private placeOf({ timeline, start }: At): FactsPlace {
    const { systemIdentifier, segmentSize } = this.format;
    return { systemIdentifier, timeline, name: segmentFileNameOf(timeline, start, segmentSize) };
  }

  private rollUpOf(block: At): FactsPlace {
    return { ...this.placeOf(block), rolledUp: true };
  }
}

/** A folder of a store, to be read as any other. */
function folderOf(store: FactsStore, place: FactsPlace): SourceFolder {
  const name = `${store.name}/${factsFolder(place)}`;
  return {
    name,
    async *list() {
      for (const table of (await store.look(place))?.tables ?? []) {
        const file = `${name}/${factFile(table)}`;
        const source = {
          name: file,
          async *open() {
            const stored = await store.read(place, table, LARGEST_TABLE);
            if (stored !== undefined) yield stored.bytes;
          },
        };
        yield { kind: 'file', name: factFile(table), source };
      }
    },
  };
}
