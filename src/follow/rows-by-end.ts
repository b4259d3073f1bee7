/** The rows of a chunk by the events that end the transaction ids that they are of: chains in the order of the rows. */
export class RowsByEnd {
  /** Those of no event. */
  readonly open: number[] = [];
  private readonly first: Int32Array;
  private readonly next: Int32Array;

  /** @param endOf the event that ends a row's transaction id; -1 where none does */
  constructor(events: number, rows: number, endOf: (row: number) => number) {
    this.first = new Int32Array(events).fill(-1);
    this.next = new Int32Array(rows).fill(-1);
    for (let row = rows - 1; row >= 0; row--) {
      const event = endOf(row);
      if (event < 0 || event >= events) this.open.push(row);
      else {
        this.next[row] = this.first[event];
        this.first[event] = row;
      }
    }
    this.open.reverse();
  }

  /** The first row of an event, or -1. */
  firstOf(event: number): number {
    return this.first[event];
  }

  /** The row after this one, or -1. */
  after(row: number): number {
    return this.next[row];
  }
}
