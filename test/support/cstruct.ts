/**
 * C structs as a little-endian 64-bit compiler lays them out, field after field, each at a multiple of its own
 * alignment: what the tests' records are made of, so that no offset has to be counted by hand.
 */
export interface Field {
  alignment: number;
  bytes: Uint8Array;
}

const field = (size: number, write: (view: DataView) => void, alignment = size): Field => {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return { alignment, bytes };
};

export const u8 = (value: number): Field => field(1, (view) => view.setUint8(0, value));
export const i8 = (value: number): Field => field(1, (view) => view.setInt8(0, value));
export const bool = (value: boolean): Field => u8(value ? 1 : 0);
export const u16 = (value: number): Field => field(2, (view) => view.setUint16(0, value, true));
export const u32 = (value: number): Field => field(4, (view) => view.setUint32(0, value, true));
export const i32 = (value: number): Field => field(4, (view) => view.setInt32(0, value, true));
export const u64 = (value: bigint): Field => field(8, (view) => view.setBigUint64(0, value, true));
export const f64 = (value: number): Field => field(8, (view) => view.setFloat64(0, value, true));

/** Bytes as they are, at any place. */
export const raw = (bytes: Uint8Array): Field => ({ alignment: 1, bytes });

/** Any number of fields of one type. */
export const array = <T>(values: readonly T[], element: (value: T) => Field): Field =>
  struct(...values.map(element));

/** A struct within a struct, padded at its end as C does. */
export const struct = (...fields: Field[]): Field => {
  const alignment = Math.max(1, ...fields.map((each) => each.alignment));
  const bytes = layOut(fields);
  const padded = new Uint8Array(Math.ceil(bytes.length / alignment) * alignment);
  padded.set(bytes);
  return { alignment, bytes: padded };
};

/** The fields laid out, without padding after the last: what PostgreSQL registers as `SizeOf…` bytes. */
export function layOut(fields: readonly Field[]): Uint8Array {
  let size = 0;
  const places = fields.map(({ alignment, bytes }) => {
    const place = Math.ceil(size / alignment) * alignment;
    size = place + bytes.length;
    return place;
  });
  const out = new Uint8Array(size);
  for (const [i, { bytes }] of fields.entries()) out.set(bytes, places[i]);
  return out;
}

/** The same, as arguments. */
export const cstruct = (...fields: Field[]): Uint8Array => layOut(fields);

/** Fields one after the other, as `XLogRegisterData` puts them, aligned to nothing. */
export const packed = (...fields: Field[]): Uint8Array =>
  layOut(fields.map(({ bytes }) => ({ alignment: 1, bytes })));
