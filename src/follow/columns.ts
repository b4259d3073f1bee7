/** Numbers of which a segment may hold many: docs/decisions/columns.md. */
export type Column = Uint8Array | Uint32Array | BigUint64Array | BigInt64Array;

/** Copies a column out of the memory that it was collected in, which is used again. */
export type KeepColumn = <T extends Column>(column: T) => T;

/** To memory of its own. */
export const copyColumn: KeepColumn = <T extends Column>(column: T): T => column.slice() as T;

/** Keeps the columns of one segment after the other in the same memory. */
export class ColumnRooms {
  private readonly rooms: ArrayBuffer[] = [];
  private used = 0;

  readonly keep: KeepColumn = <T extends Column>(column: T): T => {
    const { byteLength, length } = column;
    let room = this.rooms[this.used];
    if (room === undefined || room.byteLength < byteLength) {
      room = new ArrayBuffer(2 ** Math.ceil(Math.log2(Math.max(LEAST_ROOM, byteLength))));
      this.rooms[this.used] = room;
    }
    this.used++;
    const Type = column.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
    const kept = new Type(room, 0, length);
    kept.set(column as Uint8Array & BigUint64Array);
    return kept;
  };

  /** What was kept before is no longer needed. */
  again(): void {
    this.used = 0;
  }
}

const LEAST_ROOM = 64;
