import type { WalFormat } from '../../reader/segment.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { ERROR_KINDS, type Problem, WalError } from '../../wal/error.js';
import { parseLsn } from '../../wal/lsn.js';
import { parseSegmentFileName, segmentStart } from '../../wal/segment-name.js';
import { type FactsPlace, factFile, factsFolder } from './layout.js';
import { readRows } from './parquet.js';
import { parseState, type SegmentState } from './state.js';
import type { FactsStore } from './store.js';
import type { FactRow } from './tables.js';

/** What the table `segments` of one segment says. */
export interface SegmentFacts {
  row: FactRow<'segments'>;
  state: SegmentState;
}

/**
 * Reads the table `segments` of one segment.
 * @param file as messages name it
 * @throws WalError `bad-facts`, `facts-version`
 */
export async function segmentFactsOf(bytes: Uint8Array, file: string): Promise<SegmentFacts> {
  const [row] = await readRows('segments', bytes, { file, most: 1 });
  const state = parseState(row.state, file);
  const { start, end } = state.span;
  const place = parseSegmentFileName(row.name, row.segment_size);
  const isOfOne =
    place?.timeline === row.timeline &&
    segmentStart(place.segmentNumber, row.segment_size) === start &&
    start + BigInt(row.segment_size) === end;
  if (isOfOne) return { row, state };
  throw new WalError('bad-facts', `what ${file} says of its segment contradicts itself`, { file });
}

/** Why the segment's file was not whole. */
export function fileProblemOf({ problem }: FactRow<'segments'>): WalError | undefined {
  if (problem === undefined) return undefined;
  const { code, message, lsn, file }: Problem = JSON.parse(problem);
  return new WalError(code in ERROR_KINDS ? code : 'unreadable', message, {
    lsn: lsn === null ? undefined : parseLsn(lsn),
    file: file ?? undefined,
  });
}

/** Facts of a segment that are in a store. */
export interface KeptFacts extends SegmentFacts {
  /** They have a row for each record. */
  hasRecords: boolean;
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
    const there = await this.store.look(place);
    if (there === undefined) return undefined;
    const table = await this.store.read(place, 'segments', limitOf(this.format));
    if (table === undefined) throw new WalError('bad-facts', `${file} is missing, or too large`, { file });
    const hasRecords = there.tables.has('records');
    const { bytes, modified } = table;
    const known = this.known.get(folder);
    if (known?.hasRecords === hasRecords && isSame(known.bytes, bytes)) return known;
    const facts = { ...(await segmentFactsOf(bytes, file)), hasRecords, modified, bytes };
    if (facts.row.name !== place.name || facts.row.system_identifier !== place.systemIdentifier) {
      throw new WalError('bad-facts', `${file} is of another segment`, { file });
    }
    this.keep(folder, facts);
    return facts;
  }

  /** The same, where what is of no use counts as none. */
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

export const isSame = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
