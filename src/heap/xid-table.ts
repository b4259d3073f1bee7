/** States that are kept of a transaction id; 0 is for none. */
const NONE = 0;

/** A number that is odd and has its bits all over; a table begins with another one, so that no input fits them all. */
const SPREAD = 0x9e3779b1;

/**
 * A state and a time by transaction id: a hash table in three arrays, 13 bytes a place, for WAL ends transactions by
 * the million.
 */
export class XidTable {
  private count = 0;
  private bits = 10;
  private readonly salt = (SPREAD + 2 * Math.floor(Math.random() * 0x3fffffff)) | 1;
  private xids = new Uint32Array(1 << this.bits);
  private states = new Uint8Array(1 << this.bits);
  private times = new BigInt64Array(1 << this.bits);

  /** @param state from 1 to 255 */
  set(xid: number, state: number, time = 0n): void {
    let at = this.find(xid);
    if (this.states[at] === NONE && 4 * ++this.count > 3 * this.xids.length) {
      this.grow();
      at = this.find(xid);
    }
    this.xids[at] = xid;
    this.states[at] = state;
    this.times[at] = time;
  }

  /** 0 for one that is not there. */
  stateOf(xid: number): number {
    return this.states[this.find(xid)];
  }

  /** 0 where none was given. */
  timeOf(xid: number): bigint {
    const at = this.find(xid);
    return this.states[at] === NONE ? 0n : this.times[at];
  }

  /** The place of an id, or the empty one where it belongs. */
  private find(xid: number): number {
    const { xids, states } = this;
    const mask = xids.length - 1;
    let at = Math.imul(xid ^ (xid >>> 15), this.salt) >>> (32 - this.bits);
    while (states[at] !== NONE && xids[at] !== xid) at = (at + 1) & mask;
    return at;
  }

  private grow(): void {
    const { xids, states, times } = this;
    const size = 2 * xids.length;
    this.bits++;
    this.xids = new Uint32Array(size);
    this.states = new Uint8Array(size);
    this.times = new BigInt64Array(size);
    for (let i = 0; i < xids.length; i++) {
      if (states[i] === NONE) continue;
      const at = this.find(xids[i]);
      this.xids[at] = xids[i];
      this.states[at] = states[i];
      this.times[at] = times[i];
    }
  }
}
