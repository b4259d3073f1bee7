import type { WalFormat } from '../../reader/segment.js';
import { problemOf } from '../../sources/stored-bytes.js';
import { ERROR_KINDS, type Problem, WalError } from '../../wal/error.js';
import { parseLsn } from '../../wal/lsn.js';
import { isValidSegmentSize, parseSegmentFileName, segmentStart } from '../../wal/segment-name.js';
import { type FactsPlace, factFile, factsFolder } from './layout.js';
import { readRows } from './parquet.js';
import { parseState, type SegmentState } from './state.js';
import type { FactsStore } from './store.js';
import type { FactRow } from './tables.js';

/** What the table `segments` of one segment says. */
export interface SegmentFacts {
  row: FactRow<'segments'>;
  state: SegmentState;
  /** Why the segment's file was not whole. */
  problem: WalError | undefined;
}

/**
 * Reads the table `segments` of one segment.
 * @param file as messages name it
 * @throws WalError `bad-facts`, `facts-version`
 */
export async function segmentFactsOf(bytes: Uint8Array, file: string): Promise<SegmentFacts> {
  const [row] = await readRows('segments', bytes, { file, most: 1 });
  if (row === undefined || !isValidSegmentSize(row.segment_size)) throw contradiction(file);
  const state = parseState(row.state, file);
  const { start, end } = state.span;
  const place = parseSegmentFileName(row.name, row.segment_size);
  const isOfOne =
    place?.timeline === row.timeline &&
    segmentStart(place.segmentNumber, row.segment_size) === start &&
    start + BigInt(row.segment_size) === end;
  const problem = row.problem === undefined ? undefined : problemIn(row.problem);
  if (!isOfOne || (problem === undefined) !== (row.problem === undefined)) throw contradiction(file);
  return { row, state, problem };
}

const contradiction = (file: string): WalError =>
  new WalError('bad-facts', `what ${file} says of its segment contradicts itself`, { file });

/** @returns undefined where it tells none */
function problemIn(text: string): WalError | undefined {
  try {
    const { code, message, lsn, file }: Partial<Problem> = JSON.parse(text);
    if (code === undefined || !Object.hasOwn(ERROR_KINDS, code)) return undefined;
    return new WalError(code, String(message), {
      lsn: typeof lsn === 'string' ? parseLsn(lsn) : undefined,
      file: typeof file === 'string' ? file : undefined,
    });
  } catch {
    return undefined;
  }
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
