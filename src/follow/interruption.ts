import type { WalSpan } from '../reader/span.js';
import type { Lsn } from '../wal/lsn.js';

/** Where WAL was missing or damaged, as far as it was read. */
export type Interruptions = Pick<WalSpan, 'gaps' | 'damages'>;

/** Whether WAL that lies between two positions could not be read. */
export function isInterrupted({ gaps, damages }: Interruptions, from: Lsn, to: Lsn): boolean {
  return (
    gaps.some((gap) => from < gap.to && gap.to <= to) ||
    damages.some(({ resumedAt }) => from < resumedAt && resumedAt <= to)
  );
}
