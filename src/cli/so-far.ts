import type { SoFar } from '../questions/so-far.js';
import { printable } from '../text/printable.js';
import { formatTimestampTz, type TimeZone } from '../text/timezone.js';
import type { Tongue } from '../text/tongue.js';
import { formatLsn } from '../wal/lsn.js';
import { message } from '../wal/message.js';

/** So often at the most, after the first: busy WAL has something newer in each segment. */
const BETWEEN_MS = 5000;

/** Says what is certain before all WAL is read, each time that there is something newer. */
export class SoFarLines {
  private told: SoFar['commit']['lsn'] | undefined;
  private next = 0;

  constructor(
    private readonly tongue: Tongue,
    private readonly zone: TimeZone,
  ) {}

  /** @returns the line to be shown now, if there is one */
  lineOf(soFar: SoFar | undefined): string | undefined {
    const now = performance.now();
    if (soFar === undefined || soFar.commit.lsn === this.told || now < this.next) return undefined;
    this.told = soFar.commit.lsn;
    this.next = now + BETWEEN_MS;
    const { xid, lsn, time } = soFar.commit;
    const said = message`the last one so far: ${soFar.what}, committed ${formatTimestampTz(time, this.zone)}, transaction ${xid}, at ${formatLsn(lsn)}`;
    return `walscan: ${printable(this.tongue.textOf(said))}`;
  }
}
