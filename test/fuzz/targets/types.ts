import { HeapPage } from '../../../src/heap/page.js';
import { deformTuple } from '../../../src/heap/tuple.js';
import { builtinTypesOf } from '../../../src/heap/types/builtin.js';
import { formatStored } from '../../../src/heap/types/index.js';
import type { Type } from '../../../src/heap/types/type.js';
import { UTC } from '../../../src/text/timezone.js';
import type { Input } from '../input.js';
import type { Target } from '../target.js';
import { versionOf } from '../wal.js';

const TYPES = [...builtinTypesOf(18).keys()];

const context = (version: number) => ({
  version,
  timezone: UTC,
  type: (oid: number): Type | undefined => builtinTypesOf(version).get(oid),
});

/** A value of the length that its type has; a varlena with a header that fits it. */
function storedAs({ length }: Type, bytes: Uint8Array): Uint8Array {
  if (length === -2) return Uint8Array.from([...bytes, 0]);
  if (length === -1) {
    const stored = new Uint8Array(bytes.length + 4);
    stored.set(bytes, 4);
    new DataView(stored.buffer).setUint32(0, stored.length << 2, true);
    return stored;
  }
  const stored = new Uint8Array(length);
  stored.set(bytes.subarray(0, length));
  return stored;
}

/** Values of every type that walscan knows: which type and version, and the bytes. */
const types: Target = {
  name: 'types',
  seeds: () =>
    TYPES.flatMap((_, i): Input[] => [
      [
        Uint8Array.of(i, 8),
        Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0),
      ],
      [Uint8Array.of(i, 5), new Uint8Array(16)],
    ]),
  run([[which = 0, byte = 0, isRaw = 0] = new Uint8Array(0), bytes = new Uint8Array(0)]) {
    const version = versionOf(byte);
    const type = builtinTypesOf(version).get(TYPES[which % TYPES.length])!;
    formatStored(isRaw & 1 ? bytes : storedAs(type, bytes), type, context(version));
  },
};

/** The types of a table's columns, by their oids. */
const COLUMNS = [23, 25, 1114, 1700, 1007, 16, 2950, 19, 3802].map((oid) => builtinTypesOf(18).get(oid)!);

/** A page of a table, whose tuples are taken apart and printed. */
const page: Target = {
  name: 'page',
  seeds: () => [[pageOf([Uint8Array.of(1, 0, 0, 0, 0x0b, 0x61, 0x62, 0x63, 0x64)])], [pageOf([])]],
  run([bytes = new Uint8Array(0)]) {
    const full = new Uint8Array(8192);
    full.set(bytes.subarray(0, 8192));
    const heap = new HeapPage(full);
    for (let offset = 1; offset <= heap.itemCount; offset++) {
      const tuple = heap.tuple(offset);
      if (tuple === undefined) continue;
      const stored = deformTuple(tuple, COLUMNS);
      for (const [i, value] of stored.entries()) {
        if (value) formatStored(value, COLUMNS[i], context(18));
      }
    }
  },
};

/** Tuples from the front on, so that the page can be cut short. */
function pageOf(datas: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(400);
  const view = new DataView(bytes.buffer);
  view.setUint16(12, 24 + 4 * datas.length, true);
  view.setUint16(14, 200, true);
  view.setUint16(16, 8192, true);
  view.setUint16(18, 8192 | 4, true);
  datas.forEach((data, i) => {
    const at = 200 + 80 * i;
    view.setUint32(24 + 4 * i, at | (1 << 15) | ((24 + data.length) << 17), true);
    view.setUint16(at + 18, 2, true);
    view.setUint16(at + 20, 0x0900, true);
    bytes[at + 22] = 24;
    bytes.set(data, at + 24);
  });
  return bytes;
}

export const typeTargets: readonly Target[] = [types, page];
