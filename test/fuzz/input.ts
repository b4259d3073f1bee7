/**
 * What a target is run on: parts of any bytes. What a part is, is the target's to say: a record, a file, a member of a
 * tar file; where there is more than one, the first one mostly says what is to be done with the others.
 */
export type Input = readonly Uint8Array[];

export const sizeOf = (input: Input): number => input.reduce((sum, part) => sum + part.length, 0);

/** One after the other, each with its length before it. */
export function serialised(input: Input): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeOf(input) + 4 * input.length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of input) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

export function deserialised(bytes: Uint8Array): Input {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    parts.push(bytes.slice(at + 4, end));
    at = end;
  }
  return parts;
}
