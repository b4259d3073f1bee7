import type { ArchiveJson, MissingJson, Problem } from '../../index.js';
import { parseLsn } from '../../wal/lsn.js';

/** LSNs from `from` up to `to`. */
export interface Stretch {
  timeline: number;
  from: bigint;
  to: bigint;
}

export const lsnOf = (text: string): bigint => parseLsn(text) ?? 0n;

/** Where segments lie, by the names of the first and the last. */
export function stretchOf(
  one: Pick<MissingJson, 'first' | 'last' | 'timeline'>,
  segmentSize: number,
): Stretch {
  return {
    timeline: one.timeline,
    from: startOf(one.first, segmentSize),
    to: startOf(one.last, segmentSize) + BigInt(segmentSize),
  };
}

/** `TTTTTTTTXXXXXXXXYYYYYYYY`: timeline, the LSN's upper half, and which segment of its 4 GB. */
const startOf = (name: string, segmentSize: number): bigint =>
  (BigInt(`0x${name.slice(8, 16)}`) << 32n) + BigInt(`0x${name.slice(16, 24)}`) * BigInt(segmentSize);

/** Missing of a timeline or for a backup: each segment once, in the order of timelines and LSNs. */
export function allMissing({ wal, backups, segmentSize }: ArchiveJson): (Stretch & { count: number })[] {
  const all = [...wal, ...backups]
    .flatMap(({ missing }) => missing)
    .map((one) => stretchOf(one, segmentSize))
    .sort((a, b) => a.timeline - b.timeline || (a.from < b.from ? -1 : 1));
  const joined: Stretch[] = [];
  for (const one of all) {
    const last = joined.at(-1);
    if (last !== undefined && last.timeline === one.timeline && one.from <= last.to) {
      if (one.to > last.to) last.to = one.to;
    } else joined.push({ ...one });
  }
  return joined.map((one) => ({ ...one, count: Number((one.to - one.from) / BigInt(segmentSize)) }));
}

const DAMAGE = new Set<Problem['code']>([
  'damaged-wal',
  'undecodable-record',
  'truncated-segment',
  'oversized-segment',
  'different-content',
  'corrupt-compression',
  'short-file',
  'not-wal',
  'name-mismatch',
]);
const SEGMENT = /([0-9A-F]{8})[0-9A-F]{16}/g;

/** Segments that something is wrong with, as far as problems tell which. */
export function damagedSegments(problems: readonly Problem[], segmentSize: number): Stretch[] {
  return problems.flatMap(({ code, lsn, file }) => {
    const segment = [...(file ?? '').matchAll(SEGMENT)].at(-1);
    if (!DAMAGE.has(code) || segment === undefined) return [];
    const size = BigInt(segmentSize);
    const from = lsn === null ? startOf(segment[0], segmentSize) : (lsnOf(lsn) / size) * size;
    return [{ timeline: Number.parseInt(segment[1], 16), from, to: from + size }];
  });
}
