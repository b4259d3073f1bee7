import { expect, it } from 'vitest';
import { formatStats, type WalStats } from '../../src/dump/stats.js';

const RANGE = { startLsn: 0x1000028n, endLsn: 0x1000100n };
const INSERT = 10 * 16;
const CUSTOM = 200 * 16;

function rowOf(text: string, name: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith(name));
}

it('rounds a share between two hundredths to the even one, as C does', () => {
  // 1 of 32 is 3.125 %, 3 of 32 are 9.375 %
  const kinds = (count: number): WalStats => ({
    version: 15,
    kinds: {
      [INSERT]: { count, recordBytes: 0, imageBytes: 0 },
      0: { count: 32 - count, recordBytes: 0, imageBytes: 0 },
    },
  });
  expect(rowOf(formatStats(kinds(1), false, RANGE), 'Heap ')).toContain(' 1 (  3.12) ');
  expect(rowOf(formatStats(kinds(3), false, RANGE), 'Heap ')).toContain(' 3 (  9.38) ');
});

it('prints nothing for no record since 15, and zeroes before', () => {
  const none = (version: number): string => formatStats({ version, kinds: {} }, false, undefined);
  expect(none(15)).toBe('');
  expect(rowOf(none(14), 'Total')).toMatch(/^Total +0 {11} +0 \[0\.00%\] +0 \[0\.00%\] +0 \[100%\]$/);
});

it("lists an extension's resource manager only where it occurs", () => {
  const stats: WalStats = {
    version: 17,
    kinds: { [CUSTOM + 3]: { count: 2, recordBytes: 90, imageBytes: 10 } },
  };
  expect(rowOf(formatStats(stats, false, RANGE), 'custom200')).toMatch(/^custom200 +2 \(100\.00\) +90 /);
  expect(rowOf(formatStats(stats, true, RANGE), 'custom200/UNKNOWN (30)')).toBeDefined();
  expect(formatStats({ version: 17, kinds: {} }, false, RANGE)).not.toContain('custom');
});

it('writes the LSNs of its heading as the version does', () => {
  const heading = (version: number): string =>
    formatStats({ version, kinds: {} }, false, RANGE).split('\n')[0];
  expect(heading(18)).toBe('WAL statistics between 0/1000028 and 0/1000100:');
  expect(heading(19)).toBe('WAL statistics between 0/01000028 and 0/01000100:');
});
