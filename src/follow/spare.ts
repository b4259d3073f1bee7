/** More than this is not kept: what a segment of 16 MiB may hold takes less. */
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * Memory that one builder after the other fills: what V8 gives anew for each segment it collects late
 * (docs/decisions/columns.md). What is in it is of the builder before.
 */
export class Spare<T> {
  private kept: T | undefined;

  constructor(
    private readonly fresh: () => T,
    private readonly bytesOf: (room: T) => number,
  ) {}

  take(): T {
    const room = this.kept ?? this.fresh();
    this.kept = undefined;
    return room;
  }

  /** Once all that was in it has been copied. */
  giveBack(room: T): void {
    if (this.bytesOf(room) <= MOST_BYTES) this.kept = room;
  }
}
