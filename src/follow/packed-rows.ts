/**
 * Rows of numbers without what repeats: of each row a mask of the numbers in which it is not as the row before, and
 * those numbers. Most rows of a segment that holds many differ in six of twenty (docs/decisions/columns.md).
 *
 * @param rows at least `count` of them, each of at most 32 numbers; used up: what is returned lies in their memory
 * @param spare the place in a row of a number that is not kept: it takes the mask, so that no row grows by it
 */
export function packRows(rows: Uint32Array, count: number, rowSize: number, spare: number): Uint32Array {
  const before = new Uint32Array(rowSize);
  let end = 0;
  for (let at = 0; at < count * rowSize; at += rowSize) {
    const start = end++;
    let mask = 0;
    for (let i = 0; i < rowSize; i++) {
      const value = rows[at + i];
      if (value === before[i] || i === spare) continue;
      before[i] = value;
      mask |= 1 << i;
    }
    // only now, since the row may lie where its numbers go
    rows[start] = mask;
    for (let i = 0; i < rowSize; i++) if (mask & (1 << i)) rows[end++] = before[i];
  }
  return rows.subarray(0, end);
}

/** Makes rows of what {@link packRows} made: 0 stands for what was not kept. @param rows has room for `count` of them */
export function unpackRows(packed: Uint32Array, count: number, rowSize: number, rows: Uint32Array): void {
  let from = 0;
  rows.fill(0, 0, rowSize);
  for (let at = 0; at < count * rowSize; at += rowSize) {
    if (at > 0) for (let i = 0; i < rowSize; i++) rows[at + i] = rows[at + i - rowSize];
    for (let mask = packed[from++]; mask !== 0; mask &= mask - 1) {
      rows[at + 31 - Math.clz32(mask & -mask)] = packed[from++];
    }
  }
}
