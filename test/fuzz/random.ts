/** Random numbers that a seed says all of (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** 32 bits. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** From 0 up to before `count`; 0 where there is nothing. */
  below(count: number): number {
    return Math.floor((this.word() / 2 ** 32) * count);
  }

  /** Mostly small. */
  small(most: number): number {
    return this.below(1 + this.below(most));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}
