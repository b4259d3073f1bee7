/** A number that is odd and has its bits all over; a table begins with another one, so that no input fits them all. */
const SPREAD = 0x9e3779b1;

/** Numbers by 32-bit keys: a hash table in two arrays, for keys by the million. A value that is 0 is none. */
class NumberTable<V extends Uint32Array | BigInt64Array> {
  private count = 0;
  private bits = 10;
  private readonly salt = (SPREAD + 2 * Math.floor(Math.random() * 0x3fffffff)) | 1;
  private keys = new Uint32Array(1 << this.bits);
  values: V;

  constructor(private readonly newValues: (length: number) => V) {
    this.values = newValues(1 << this.bits);
  }

  /** Where the key's value is, or would be. */
  find(key: number): number {
    const { keys, values } = this;
    const mask = keys.length - 1;
    let at = Math.imul(key ^ (key >>> 15), this.salt) >>> (32 - this.bits);
    while (values[at] && keys[at] !== key) at = (at + 1) & mask;
    return at;
  }

  /** Where the key's value is: one that is none has to be set at once. */
  place(key: number): number {
    let at = this.find(key);
    if (this.values[at]) return at;
    if (4 * ++this.count > 3 * this.keys.length) {
      this.grow();
      at = this.find(key);
    }
    this.keys[at] = key;
    return at;
  }

  private grow(): void {
    const { keys, values } = this;
    this.bits++;
    this.keys = new Uint32Array(2 * keys.length);
    this.values = this.newValues(2 * keys.length);
    for (let i = 0; i < keys.length; i++) {
      if (!values[i]) continue;
      const at = this.find(keys[i]);
      this.keys[at] = keys[i];
      this.values[at] = values[i];
    }
  }
}

/**
 * A state, two bits of it, by transaction id. WAL ends transactions by the million, mostly one id after the other: 16
 * of them share a place of 8 bytes.
 */
export class XidStates {
  private readonly table = new NumberTable((length) => new Uint32Array(length));

  /** @param state from 1 to 3 */
  set(xid: number, state: number): void {
    const { table } = this;
    const at = table.place(xid >>> 4);
    const shift = (xid & 15) * 2;
    table.values[at] = (table.values[at] & ~(3 << shift)) | (state << shift);
  }

  /** 0 for one that is not there. */
  stateOf(xid: number): number {
    const { table } = this;
    return (table.values[table.find(xid >>> 4)] >>> ((xid & 15) * 2)) & 3;
  }
}

/** A time by transaction id; that of 0 is none. */
export class XidTimes {
  private readonly table = new NumberTable((length) => new BigInt64Array(length));

  set(xid: number, time: bigint): void {
    if (time === 0n) return;
    const { table } = this;
    const at = table.place(xid);
    table.values[at] = time;
  }

  /** 0 where none was given. */
  timeOf(xid: number): bigint {
    const { table } = this;
    return table.values[table.find(xid)];
  }
}
