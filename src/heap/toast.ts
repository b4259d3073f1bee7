import { ByteView } from '../wal/byte-view.js';
import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { deformTuple, type StoredAttribute } from './tuple.js';
import { type FetchToast, readVarlena, type ToastPointer } from './varlena.js';

/** A TOAST table's columns: chunk_id oid, chunk_seq int4, chunk_data bytea. */
const CHUNK: readonly StoredAttribute[] = [
  { length: 4, alignment: 4 },
  { length: 4, alignment: 4 },
  { length: -1, alignment: 4 },
];

/** A value has 1 GiB at most, and a chunk hardly less than a byte in a thousand (`TOAST_MAX_CHUNK_SIZE`, heaptoast.h). */
const MOST_CHUNKS = 1 << 20;

/** Where a chunk is, in whatever way its reader counts places. */
type ChunkPlace = number;

/**
 * The chunks of a TOAST table, by value (PostgreSQL: src/backend/access/common/detoast.c). Of each no more is kept than
 * its numbers and its place.
 */
export class ToastTable {
  private count = 0;
  private ids = new Uint32Array(64);
  private sequences = new Int32Array(64);
  private places = new Float64Array(64);
  /** The numbers of chunks by value, sequence and, where a chunk is there twice, age; made when the first is asked for. */
  private sorted: Uint32Array | undefined;

  /** @param read gives the tuple of a chunk again, by the place that it was added with */
  constructor(private readonly read: (place: ChunkPlace) => Uint8Array) {}

  /** Takes in a tuple of the TOAST table. Where two are of the same chunk, the later one counts. */
  add(tuple: Uint8Array, place: ChunkPlace): void {
    const [id, sequence] = deformTuple(tuple, CHUNK);
    if (!id || !sequence) throw new WalError('corrupt-tuple', message`a TOAST chunk without a number`);
    if (this.count === this.ids.length) this.grow();
    this.ids[this.count] = ByteView.of(id).u32(0);
    this.sequences[this.count] = ByteView.of(sequence).i32(0);
    this.places[this.count++] = place;
    this.sorted = undefined;
  }

  private grow(): void {
    const size = 2 * this.count;
    const [ids, sequences, places] = [new Uint32Array(size), new Int32Array(size), new Float64Array(size)];
    ids.set(this.ids);
    sequences.set(this.sequences);
    places.set(this.places);
    this.ids = ids;
    this.sequences = sequences;
    this.places = places;
  }

  private get order(): Uint32Array {
    const { ids, sequences, count } = this;
    if (this.sorted === undefined) {
      this.sorted = Uint32Array.from({ length: count }, (_, i) => i);
      const compare = (a: number, b: number): number =>
        ids[a] - ids[b] || sequences[a] - sequences[b] || a - b;
      // as a server writes them
      if (!this.sorted.every((i) => i === 0 || compare(i - 1, i) < 0)) this.sorted.sort(compare);
    }
    return this.sorted;
  }

  /** The index in the order behind all chunks of a value up to one. */
  private endOf(valueId: number, sequence: number): number {
    const { order, ids, sequences } = this;
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >> 1;
      const chunk = order[middle];
      const isBehind = ids[chunk] === valueId ? sequences[chunk] > sequence : ids[chunk] > valueId;
      if (isBehind) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  private chunk(valueId: number, sequence: number): Uint8Array | undefined {
    const last = this.endOf(valueId, sequence) - 1;
    if (last < 0) return undefined;
    const chunk = this.order[last];
    if (this.ids[chunk] !== valueId || this.sequences[chunk] !== sequence) return undefined;
    return this.read(this.places[chunk]);
  }

  /** @throws WalError `missing-toast` when not every chunk is at hand */
  readonly fetch: FetchToast = (pointer: ToastPointer): Uint8Array => {
    const parts: Uint8Array[] = [];
    let size = 0;
    for (let sequence = 0; size < pointer.storedSize; sequence++) {
      const chunk = this.chunk(pointer.valueId, sequence);
      const data = chunk && chunkData(chunk);
      if (!data || data.length === 0) {
        throw new WalError(
          'missing-toast',
          message`chunk ${sequence} of TOAST value ${pointer.valueId} is not there`,
        );
      }
      parts.push(data);
      size += data.length;
    }
    if (size !== pointer.storedSize) {
      throw new WalError(
        'corrupt-tuple',
        message`TOAST value ${pointer.valueId} is longer than its pointer says`,
      );
    }
    return concat(parts);
  };
}

/** A chunk by its number within its value; undefined where the tuple is none. */
export function chunkOf(tuple: Uint8Array): { sequence: number; data: Uint8Array } | undefined {
  const [, sequence, stored] = deformTuple(tuple, CHUNK);
  const value = stored && readVarlena(stored);
  if (!sequence || value?.kind !== 'plain') return undefined;
  const number = ByteView.of(sequence).i32(0);
  return number < 0 || number > MOST_CHUNKS ? undefined : { sequence: number, data: value.data };
}

function chunkData(tuple: Uint8Array): Uint8Array {
  const stored = deformTuple(tuple, CHUNK)[2];
  const value = stored && readVarlena(stored);
  if (value?.kind !== 'plain') throw new WalError('corrupt-tuple', message`a TOAST chunk without plain data`);
  return value.data;
}
