import { describe, expect, it } from 'vitest';
import { type Column, ColumnRooms, copyColumn } from '../../src/follow/columns.js';
import { release, SharedMemory } from '../../src/node/shared-memory.js';

const numbers = (length: number, first: number): Uint32Array =>
  Uint32Array.from({ length }, (_, i) => first + i);

const MANY = 100_000;

const bytesOf = ({ buffer, byteOffset, byteLength }: Column): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

describe('what a thread keeps of a segment', () => {
  it('is the same, of any type', () => {
    const memory = new SharedMemory();
    const columns: Column[] = [
      new Uint8Array(MANY).fill(7),
      numbers(MANY, 3).subarray(1),
      new BigUint64Array(MANY).fill(2n ** 64n - 1n),
      new BigInt64Array(MANY).fill(-(2n ** 63n)),
      new Uint32Array(0),
    ];
    const rooms = new ColumnRooms();
    for (const keep of [memory.keep, rooms.keep, copyColumn]) {
      for (const column of columns) {
        const kept = keep(column);
        expect(kept.constructor).toBe(column.constructor);
        expect(bytesOf(kept).equals(bytesOf(column))).toBe(true);
      }
    }
  });

  it('lies in memory that threads share, but for what is small', () => {
    const memory = new SharedMemory();
    const large = memory.keep(numbers(MANY, 0));
    expect(memory.keep(numbers(10, 0)).buffer).toBeInstanceOf(ArrayBuffer);
    expect(memory.takeKept()).toEqual([large.buffer]);
    expect(memory.takeKept()).toEqual([]);
  });

  it('lies in the memory of what was released, and of nothing else', () => {
    const memory = new SharedMemory();
    const first = memory.keep(numbers(MANY, 1));
    const kept = memory.takeKept();
    const second = memory.keep(numbers(MANY, 2));
    expect(second.buffer).not.toBe(first.buffer);
    expect(first[0]).toBe(1);
    release(kept);
    // a little longer than the first
    const third = memory.keep(numbers(MANY + 10, 3));
    expect(third.buffer).toBe(first.buffer);
    expect(second[0]).toBe(2);
  });

  it('lies in the same memory for each segment where there is one thread', () => {
    const rooms = new ColumnRooms();
    const first = [rooms.keep(numbers(MANY, 1)), rooms.keep(numbers(MANY, 2))];
    rooms.again();
    const second = [rooms.keep(numbers(MANY + 10, 3)), rooms.keep(numbers(10, 4))];
    expect(second.map(({ buffer }) => buffer)).toEqual(first.map(({ buffer }) => buffer));
  });
});
