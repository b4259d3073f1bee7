import { ByteView } from '../wal/byte-view.js';
import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { deformTuple, type StoredAttribute } from './tuple.js';
import { type FetchToast, readVarlena, type ToastPointer } from './varlena.js';

/** A TOAST table's columns: chunk_id oid, chunk_seq int4, chunk_data bytea. */
const CHUNK: readonly StoredAttribute[] = [
  { length: 4, alignment: 4 },
  { length: 4, alignment: 4 },
  { length: -1, alignment: 4 },
];

/** The chunks of a TOAST table, by value (PostgreSQL: src/backend/access/common/detoast.c). */
export class ToastTable {
  private readonly values = new Map<number, Map<number, () => Uint8Array>>();

  /**
   * Takes in a tuple of the TOAST table. Only its place is kept: `read` gives its bytes again when its value
   * is asked for.
   */
  add(tuple: Uint8Array, read: () => Uint8Array): void {
    const [id, sequence] = deformTuple(tuple, CHUNK);
    if (!id || !sequence) throw new WalError('corrupt-tuple', 'a TOAST chunk without a number');
    const valueId = ByteView.of(id).u32(0);
    let chunks = this.values.get(valueId);
    if (!chunks) {
      chunks = new Map();
      this.values.set(valueId, chunks);
    }
    chunks.set(ByteView.of(sequence).i32(0), read);
  }

  /** @throws WalError `missing-toast` when not every chunk is at hand */
  readonly fetch: FetchToast = (pointer: ToastPointer): Uint8Array => {
    const parts: Uint8Array[] = [];
    const chunks = this.values.get(pointer.valueId);
    let size = 0;
    for (let sequence = 0; size < pointer.storedSize; sequence++) {
      const chunk = chunks?.get(sequence)?.();
      const data = chunk && chunkData(chunk);
      if (!data || data.length === 0) {
        throw new WalError(
          'missing-toast',
          `chunk ${sequence} of TOAST value ${pointer.valueId} is not there`,
        );
      }
      parts.push(data);
      size += data.length;
    }
    if (size !== pointer.storedSize) {
      throw new WalError('corrupt-tuple', `TOAST value ${pointer.valueId} is longer than its pointer says`);
    }
    return concat(parts);
  };
}

function chunkData(tuple: Uint8Array): Uint8Array {
  const stored = deformTuple(tuple, CHUNK)[2];
  const value = stored && readVarlena(stored);
  if (value?.kind !== 'plain') throw new WalError('corrupt-tuple', 'a TOAST chunk without plain data');
  return value.data;
}
