import { describe, expect, it } from 'vitest';
import { missingProblem, timelineChain, timelinesOf } from '../../src/cluster/chain.js';
import { takeInventory } from '../../src/node/questions.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { branchOf, segmentsOf } from '../support/folder.js';
import type { WrittenSegment } from '../support/wal-writer.js';

const parent = segmentsOf(6);
const child = segmentsOf(6, { timeline: 2 });
/** The new timeline begins in the middle of segment 3. */
const switchOffset = 8192 * 20 + 400;
const branch = branchOf(parent[2], 2, switchOffset, child[2].bytes);
const history2 = `1\t0/${(0x300000 + switchOffset).toString(16)}\tno recovery target specified\n`;
const history3 = `${history2}\n2\t0/500000\tno recovery target specified\n`;

async function chains(segments: WrittenSegment[], histories: Record<string, string> = {}) {
  const inventory = await takeInventory([
    ...segments.map(({ name, bytes }) => memorySource(name, bytes)),
    ...Object.entries(histories).map(([name, text]) => memorySource(name, Buffer.from(text))),
  ]);
  expect(inventory).toMatchObject({ problems: [], conflicts: [] });
  return timelinesOf(inventory).map((timeline) => timelineChain(inventory, timeline));
}

const short = (name: string): string => `${Number(name.slice(0, 8))}:${Number(name.slice(16))}`;
const files = (chain: Awaited<ReturnType<typeof chains>>[number]): string[] =>
  chain.segments.map(({ file }) => short(file.name));

describe('timelineChain', () => {
  it('follows lab/17 along the history of each timeline', async () => {
    const inventory = await takeInventory(['testdata/lab/17']);
    expect(timelinesOf(inventory)).toEqual([1, 2]);
    const [first, second] = timelinesOf(inventory).map((timeline) => timelineChain(inventory, timeline));
    expect(files(first)).toEqual(['1:2', '1:3', '1:4', '1:5']);
    expect(files(second)).toEqual(['1:2', '1:3', '2:4']);
    expect([...first.gaps, ...second.gaps]).toEqual([]);
  });

  it('takes the child’s copy of the segment in which the switch is', async () => {
    const [first, second] = await chains([...parent, branch, ...child.slice(3)], {
      '00000002.history': history2,
    });
    expect(files(first)).toEqual(['1:1', '1:2', '1:3', '1:4', '1:5', '1:6']);
    expect(files(second)).toEqual(['1:1', '1:2', '2:3', '2:4', '2:5', '2:6']);
    expect(second.segments.map(({ end }) => end)).toEqual([2n, 3n, 4n, 5n, 6n, 7n].map((n) => n * 0x100000n));
    expect(second).toMatchObject({ historyKnown: true, gaps: [] });
  });

  it('takes the parent’s up to the switch point where the child’s is missing', async () => {
    const [, second] = await chains([...parent, ...child.slice(3)], { '00000002.history': history2 });
    expect(files(second)).toEqual(['1:1', '1:2', '1:3', '2:4', '2:5', '2:6']);
    expect(second.segments[2].end).toBe(0x300000n + BigInt(switchOffset));
    expect(second.gaps).toEqual([
      {
        timeline: 2,
        from: 0x300000n + BigInt(switchOffset),
        to: 0x400000n,
        firstName: branch.name,
        lastName: branch.name,
        count: 1,
      },
    ]);
  });

  it('knows a timeline by its history alone, and misses nothing of it', async () => {
    const [, second] = await chains(parent, { '00000002.history': history2 });
    expect(files(second)).toEqual(['1:1', '1:2', '1:3']);
    expect(second.gaps).toEqual([]);
  });

  it('names what is missing with the timeline that it is of', async () => {
    const [, second] = await chains([parent[0], child[4]], { '00000002.history': history2 });
    expect(
      second.gaps.map(({ firstName, lastName, count }) => [short(firstName), short(lastName), count]),
    ).toEqual([
      ['1:2', '1:2', 1],
      ['2:3', '2:4', 2],
    ]);
    expect(second.gaps.map((gap) => missingProblem(gap).message)).toEqual([
      'segment 000000010000000000000002 is missing (0/00200000 to 0/00300000)',
      '2 segments are missing, 000000020000000000000003 to 000000020000000000000004 (0/00300000 to 0/00500000)',
    ]);
  });

  it('counts gaps over the end of a log file by the size of the segments', async () => {
    // segments of 1 MiB: log 0 ends with 00000FFF; of 16 MiB: with 000000FF
    const [before] = segmentsOf(1, { firstSegment: 0xffen });
    const [after] = segmentsOf(1, { firstSegment: 0x1001n });
    const [chain] = await chains([before, after]);
    expect(chain.gaps).toMatchObject([
      { firstName: '000000010000000000000FFF', lastName: '000000010000000100000000', count: 2 },
    ]);
  });

  it('follows grandchildren, whose switch may lie on a segment’s border', async () => {
    const grandchild = segmentsOf(6, { timeline: 3 });
    const list = await chains([...parent, branch, ...child.slice(3), ...grandchild.slice(4)], {
      '00000002.history': history2,
      '00000003.history': history3,
    });
    expect(files(list[2])).toEqual(['1:1', '1:2', '2:3', '2:4', '3:5', '3:6']);
    expect(list[2].gaps).toEqual([]);
  });

  it('learns a timeline’s ancestors from its descendant where its own history file is missing', async () => {
    const list = await chains([...parent, branch, ...child.slice(3)], { '00000003.history': history3 });
    expect(list.map(({ timeline }) => timeline)).toEqual([1, 2, 3]);
    expect(files(list[1])).toEqual(['1:1', '1:2', '2:3', '2:4', '2:5', '2:6']);
    expect(list[1].historyKnown).toBe(true);
  });

  it('says that it does not know the history of a timeline without history file', async () => {
    const [, second] = await chains([...parent, branch, ...child.slice(3)]);
    expect(files(second)).toEqual(['2:3', '2:4', '2:5', '2:6']);
    expect(second.historyKnown).toBe(false);
  });
});
