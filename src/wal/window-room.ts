/** A room of so much is not doubled but given all that it may need. */
const LARGE = 4 * 1024 * 1024;

/** What data have been unpacked to, as far back as what follows may refer to it. It grows with what really comes. */
export class WindowRoom {
  bytes: Uint8Array = new Uint8Array(0);
  used = 0;

  /**
   * Makes room for so many bytes more.
   * @param window how much of what is there has to stay
   * @param margin how much comes on top of it before it is moved to the front again; at least `size`
   */
  reserve(size: number, window: number, margin: number): void {
    if (this.used + size <= this.bytes.length) return;
    const largest = window + margin;
    if (this.used + size > largest) {
      this.bytes.copyWithin(0, this.used - window, this.used);
      this.used = window;
    }
    if (this.used + size <= this.bytes.length) return;
    const wanted = this.bytes.length >= LARGE ? largest : Math.max(this.used + size, 2 * this.bytes.length);
    const larger = new Uint8Array(Math.min(wanted, largest));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }
}
