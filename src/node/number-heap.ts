/** Numbers, of which the largest one is at hand (a binary heap). */
export class NumberHeap {
  private readonly items: number[] = [];

  get largest(): number | undefined {
    return this.items.at(0);
  }

  add(number: number): void {
    const { items } = this;
    let at = items.length;
    for (let parent = (at - 1) >> 1; at > 0 && items[parent] < number; parent = (at - 1) >> 1) {
      items[at] = items[parent];
      at = parent;
    }
    items[at] = number;
  }

  removeLargest(): void {
    const { items } = this;
    const last = items.pop();
    if (last === undefined || items.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const child = items[left + 1] > items[left] ? left + 1 : left;
      if (child >= items.length || items[child] <= last) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
  }
}
