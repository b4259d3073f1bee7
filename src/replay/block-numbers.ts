/** The numbers of the blocks of a store: a heap whose top is the highest, so that cutting the end off costs no more than what goes. */
export class BlockNumbers {
  private readonly heap: number[] = [];

  /** Takes in a number that is not among them. */
  add(block: number): void {
    const { heap } = this;
    let at = heap.push(block) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above] >= block) break;
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = block;
  }

  /** Takes out the highest number if it is not below `from`; undefined where there is none such. */
  takeFrom(from: number): number | undefined {
    const { heap } = this;
    if (heap.length === 0 || heap[0] < from) return undefined;
    const [top] = heap;
    const last = heap.pop()!;
    if (heap.length > 0) this.sink(last);
    return top;
  }

  /** Puts a number in the place of the top. */
  private sink(block: number): void {
    const { heap } = this;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && heap[below + 1] > heap[below]) below++;
      if (heap[below] <= block) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = block;
  }

  /** Those that are not below `from`, ascending. */
  from(from: number): number[] {
    const found: number[] = [];
    const open = [0];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at >= this.heap.length || this.heap[at] < from) continue;
      found.push(this.heap[at]);
      open.push(2 * at + 1, 2 * at + 2);
    }
    return found.sort((a, b) => a - b);
  }
}
