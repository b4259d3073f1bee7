import type { WalFormat } from '../../reader/segment.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { type FactsPlace, factFile, factsFolder } from './layout.js';
import { readRows } from './parquet.js';
import { contentOf, type SegmentContent } from './read-segment.js';
import { contradiction, NOT_AS_WRITTEN } from './segment-tables.js';
import type { FactsStore } from './store.js';
import { isSealed, type TableSeals } from './table-seals.js';

/**
 * Reads the table `segments` of one segment.
 * @param file as messages name it
 * @throws WalError `bad-facts`, `facts-version`
 */
export async function segmentFactsOf(bytes: Uint8Array, file: string): Promise<SegmentContent> {
  const [row] = await readRows('segments', bytes, { file, most: 1 });
  if (row === undefined) throw contradiction(file, message`it has no row`);
  return contentOf(row, file);
}

/** Facts of a segment that are in a store. */
export interface KeptFacts extends SegmentContent {
  /** See `StoredTable`. */
  modified: number;
  bytes: Uint8Array;
}

/** So many that were read are kept in memory: neighbours are looked at one after the other. */
const MOST_KEPT = 16;

/** Most of the table is the state: the beginning and the end of the segment as base64, no more than all of it. */
const limitOf = ({ segmentSize }: WalFormat): number => 2 * segmentSize;

/** Reads what a store has of segments of one cluster. */
export class KeptSegments {
  private readonly known = new Map<string, KeptFacts>();

  constructor(
    private readonly store: FactsStore,
    private readonly format: WalFormat,
  ) {}

  /**
   * @returns undefined where there are none; as long as they are the same, the same object
   * @throws WalError `bad-facts`, `facts-version`
   */
  async read(place: FactsPlace): Promise<KeptFacts | undefined> {
    const folder = factsFolder(place);
    const file = `${this.store.name}/${folder}/${factFile('segments')}`;
    if ((await this.store.look(place)) === undefined) return undefined;
    const table = await this.store.read(place, 'segments', limitOf(this.format));
    if (table === undefined)
      throw new WalError('bad-facts', message`${file} is missing, or too large`, { file });
    const { bytes, modified } = table;
    const known = this.known.get(folder);
    if (known !== undefined && isSame(known.bytes, bytes)) return known;
    const facts = { ...(await segmentFactsOf(bytes, file)), modified, bytes };
    if (facts.row.name !== place.name || facts.row.system_identifier !== place.systemIdentifier) {
      throw new WalError('bad-facts', message`${file} is of another segment`, { file });
    }
    this.keep(folder, facts);
    return facts;
  }

  /**
   * The same, where the other tables are there as they were written, too.
   * @throws WalError `bad-facts`, `facts-version`
   */
  async readWhole(place: FactsPlace): Promise<KeptFacts | undefined> {
    const facts = await this.read(place);
    const broken = facts && (await brokenTable(this.store, place, facts.tables));
    if (broken === undefined) return facts;
    throw contradiction(`${this.store.name}/${factsFolder(place)}/${factFile(broken)}`, NOT_AS_WRITTEN);
  }

  /** The same as {@link read}, where what is of no use counts as none. */
  async readUsable(place: FactsPlace): Promise<KeptFacts | undefined> {
    try {
      return await this.read(place);
    } catch (error) {
      if (problemOf(error).kind === 'system') throw error;
      return undefined;
    }
  }

  private keep(folder: string, facts: KeptFacts): void {
    this.known.delete(folder);
    this.known.set(folder, facts);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_KEPT) this.known.delete(oldest);
  }
}

/** Which table is not there as it was written. @throws WalError of the store */
export async function brokenTable(
  store: FactsStore,
  place: FactsPlace,
  seals: TableSeals,
): Promise<string | undefined> {
  for (const [table, seal] of seals) {
    const stored = await store.read(place, table, seal.bytes);
    if (!isSealed(stored?.bytes, seal)) return table;
  }
  return undefined;
}

export const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
