/** Keys that rows went to from each other: one of them stands for all. */
export class KeyGroups {
  /** Each leads to one more of its group. */
  private readonly links = new Map<string, string>();

  /** Which key stands for the group of this one. */
  rootOf(key: string): string {
    let root = key;
    for (let next = this.links.get(root); next !== undefined; next = this.links.get(root)) {
      const after = this.links.get(next);
      if (after !== undefined) this.links.set(root, after);
      root = next;
    }
    return root;
  }

  /** Makes one group of two. @param into stands for both from now on */
  join(into: string, other: string): void {
    const [one, two] = [this.rootOf(into), this.rootOf(other)];
    if (one !== two) this.links.set(two, one);
  }
}
