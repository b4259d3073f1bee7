/** Counts the bytes that a phase goes through. One that goes through the WAL several times begins at 0 each time. */
export class BytesGone {
  count = 0;

  /** @param last where it is already */
  constructor(private last = 0) {}

  goneTo(done: number): void {
    this.count += done - (done < this.last ? 0 : this.last);
    this.last = done;
  }
}
