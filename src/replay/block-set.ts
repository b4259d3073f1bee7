/**
 * Numbers of blocks. They are marked as taken out, and not deleted: a Set from which a number is deleted and added again
 * takes ever longer to find it.
 */
export class BlockSet {
  private readonly marks = new Map<number, boolean>();
  private count = 0;

  get isEmpty(): boolean {
    return this.count === 0;
  }

  has(block: number): boolean {
    return this.marks.get(block) === true;
  }

  add(block: number): void {
    if (this.has(block)) return;
    this.marks.set(block, true);
    this.count++;
  }

  /** @returns whether it was there */
  delete(block: number): boolean {
    if (!this.has(block)) return false;
    this.marks.set(block, false);
    this.count--;
    return true;
  }
}
