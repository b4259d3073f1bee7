import { describe, expect, it } from 'vitest';
import { timelineChain } from '../../src/cluster/chain.js';
import { readSegments, takeInventory } from '../../src/node/questions.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import type { ByteSource } from '../../src/sources/byte-source.js';
import { memorySource } from '../../src/sources/memory-source.js';
import type { SegmentRead } from '../../src/sources/read-segments.js';
import { WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';
import { MiB, segmentsOf } from '../support/folder.js';

async function readAll(sources: (string | ByteSource)[], timeline = 1): Promise<SegmentRead[]> {
  const inventory = await takeInventory(sources);
  const all: SegmentRead[] = [];
  for await (const read of readSegments(timelineChain(inventory, timeline).segments, inventory.format!))
    all.push(read);
  return all;
}

function countRecords(reads: SegmentRead[]): number {
  const reader = new WalReader();
  let count = 0;
  for (const { segment } of reads) {
    reader.push(segment);
    while (reader.next()) count++;
  }
  return count;
}

describe('readSegments', () => {
  it('gives a reader the records that pg_waldump finds in lab/17', async () => {
    expect(countRecords(await readAll(['testdata/lab/17']))).toBe(28);
  });

  it('reads a fixed number of segments ahead', async () => {
    let open = 0;
    let most = 0;
    const sources = segmentsOf(8).map(
      ({ name, bytes }): ByteSource => ({
        name,
        async *open({ wanted } = {}) {
          if (wanted === undefined) most = Math.max(most, ++open);
          yield bytes;
        },
      }),
    );
    const inventory = await takeInventory(sources);
    const names: string[] = [];
    for await (const { segment } of readSegments(timelineChain(inventory, 1).segments, inventory.format!)) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      names.push(segment.name);
      open--;
    }
    expect(names).toEqual(sources.map(({ name }) => name));
    expect(most).toBe(3);
  });

  it('gives nothing behind a segment whose store fails', async () => {
    const sources = segmentsOf(8).map(({ name, bytes }, number): ByteSource => {
      if (number !== 2) return memorySource(name, bytes);
      return {
        name,
        async *open({ wanted } = {}) {
          if (wanted === undefined) throw new TypeError('fetch failed');
          yield bytes;
        },
      };
    });
    const inventory = await takeInventory(sources);
    const names: string[] = [];
    const reading = async (): Promise<void> => {
      for await (const { segment } of readSegments(timelineChain(inventory, 1).segments, inventory.format!))
        names.push(segment.name);
    };
    await expect(reading()).rejects.toMatchObject({ code: 'source-failed', file: sources[2].name });
    expect(names).toEqual(sources.slice(0, 2).map(({ name }) => name));
  });

  it('gives what can be read of a segment that is cut off or has become unreadable', async () => {
    const [first, second, third] = segmentsOf(3);
    const failing: ByteSource = {
      name: second.name,
      async *open({ wanted } = {}) {
        yield second.bytes.subarray(0, 100_000);
        if (wanted === undefined) throw new WalError('unreadable', message`disk on fire`);
        yield second.bytes.subarray(100_000);
      },
    };
    const all = await readAll([
      memorySource(first.name, first.bytes),
      failing,
      memorySource(third.name, third.bytes.slice(0, 9000)),
    ]);
    expect(all.map(({ problem }) => problem?.code)).toEqual([undefined, 'unreadable', 'truncated-segment']);
    expect(all.map(({ segment }) => segment.bytes.length)).toEqual([MiB, 100_000, 9000]);
  });

  describe('where a server takes the file away after it was compared with a copy', () => {
    const [first, second, third] = segmentsOf(3);

    /** Comparing opens a file for its first page, and as a whole. */
    function takenAway(): ByteSource {
      let openings = 0;
      return {
        name: `pg_wal/${second.name}`,
        async *open() {
          if (++openings > 2) throw new WalError('unreadable', message`gone`);
          yield second.bytes;
        },
      };
    }

    const readWith = (...copies: Uint8Array[]): Promise<SegmentRead[]> =>
      readAll([
        memorySource(first.name, first.bytes),
        takenAway(),
        ...copies.map((bytes, i) => memorySource(`archive${i}/${second.name}`, bytes)),
        memorySource(third.name, third.bytes),
      ]);

    it('reads the copy', async () => {
      const all = await readWith(second.bytes);
      expect(all.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
      expect(all[1].file.source.name).toBe(`archive0/${second.name}`);
      expect(Buffer.from(all[1].segment.bytes).equals(second.bytes)).toBe(true);
    });

    it('takes none that has only its beginning', async () => {
      const unwritten = second.bytes.slice().fill(0, MiB / 2);
      const cut = second.bytes.slice(0, MiB / 2);
      const [, read] = await readWith(unwritten, cut);
      expect(read.problem?.code).toBe('unreadable');
      const [, other] = await readWith(unwritten, cut, second.bytes);
      expect(other.problem).toBeUndefined();
    });
  });

  it('shows a timeline’s WAL to the switch point only where the parent’s segment stands in', async () => {
    const [only] = segmentsOf(1);
    const sources = [
      memorySource(only.name, only.bytes),
      memorySource('00000002.history', Buffer.from('1\t0/108000\treason\n')),
    ];
    const [whole] = await readAll(sources, 1);
    const [upToSwitch] = await readAll(sources, 2);
    const upTo = (read: SegmentRead): Buffer => Buffer.from(read.segment.bytes.subarray(0, 0x8000));
    expect(upTo(upToSwitch).equals(upTo(whole))).toBe(true);
    expect(upToSwitch.segment.bytes.subarray(0x8000).every((byte) => byte === 0)).toBe(true);
    expect(whole.segment.bytes.subarray(0x8000).every((byte) => byte === 0)).toBe(false);
  });
});
