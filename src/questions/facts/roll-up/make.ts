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

/** Most of a table is less than that; of `segments` it is the beginning and the end of the segment as text. */
const LARGEST_TABLE = 64 * 1024 * 1024;

/**
 * Keeps roll-ups right: of blocks of segments all of which have facts. Any number of processes may: whoever reads a
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

  /** Notes that facts of a segment are there: its block is looked at when all are. */
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

  private async settleBlock(block: At): Promise<void> {
    const digests = await this.digestsOf(block);
    if (digests === undefined || (await this.isMadeOf(block, digests))) return;
    const parts = await this.partsOf(block, digests);
    const files = rollUpFiles({ ...block, format: this.format }, parts);
    const put = await this.store.put(this.rollUpOf(block), files, { replaces: async () => true });
    if (put === 'made' || put === 'replaced') for (const { bytes } of files) this.bytes += bytes.length;
  }

  /** Undefined where not all segments have facts: those missing are the last as a rule. */
  private async digestsOf(block: At): Promise<number[] | undefined> {
    const digests: number[] = [];
    for (let i = this.sizes.segments - 1; i >= 0; i--) {
      const table = await this.store.read(this.placeOf(this.memberOf(block, i)), 'segments', LARGEST_TABLE);
      if (table === undefined) return undefined;
      digests.push(digestOf(table.bytes));
    }
    return digests.reverse();
  }

  private async isMadeOf(block: At, digests: readonly number[]): Promise<boolean> {
    const place = this.rollUpOf(block);
    const table = await this.store.read(place, 'rollups', LARGEST_TABLE);
    if (table === undefined) return false;
    try {
      const options = { names: ['digests', 'tables'] as const, file: 'rollups', most: this.sizes.segments };
      const { columns } = await readColumns('rollups', table.bytes, options);
      const known = Array.from(columns.digests as ArrayLike<number[]>).flat();
      const isOfThese = known.length === digests.length && known.every((digest, i) => digest === digests[i]);
      if (!isOfThese) return false;
      const seals = parseSeals(String(columns.tables[0]), 'rollups');
      return (await brokenTable(this.store, place, seals)) === undefined;
    } catch (error) {
      problemOf(error);
      return false;
    }
  }

  /** Segments that follow on each other together, the others each by itself. */
  private async partsOf(block: At, digests: readonly number[]): Promise<BlockPart[]> {
    const parts: BlockPart[] = [];
    let start = block.start;
    let builder: StretchBuilder | undefined;
    let some: number[] = [];
    const close = (): void => {
      if (some.length === 0) return;
      parts.push({ start, digests: some, stretch: some.length > 1 ? builder?.finish() : undefined });
      builder = undefined;
      some = [];
    };
    for (const [i, digest] of digests.entries()) {
      const at = this.memberOf(block, i);
      const piece = await this.pieceOf(at);
      if (piece === undefined || builder?.add(piece) !== true) {
        close();
        start = at.start;
        builder = piece && new StretchBuilder(piece, this.sizes);
      }
      some.push(digest);
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
    return { timeline, start: start + BigInt(i) * BigInt(this.format.segmentSize) };
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
