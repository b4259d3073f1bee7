import { describe, expect, it } from 'vitest';
import { NODE } from '../../src/node/platform.js';
import { mapSegments } from '../../src/node/worker-pool.js';
import { examineArchive } from '../../src/questions/archive/ask.js';
import { findCommit } from '../../src/questions/find-commit/ask.js';
import { findIncidents } from '../../src/questions/incidents/ask.js';
import type { Platform } from '../../src/questions/platform.js';
import { readReport } from '../../src/questions/report/ask.js';
import { plain } from '../support/faults-told.js';
import { filesOf, folderOf } from '../support/folder.js';
import { WalWriter, type WrittenSegment } from '../support/wal-writer.js';
import { commit, filler, insert, remove } from '../support/workload.js';

const PAGE = 8192;
const threads = { useful: (jobs: number) => jobs, map: mapSegments };

/** Segments of more than so much are read in windows. */
const withWindows = (pages: number): Platform => ({
  ...NODE,
  reading: { ...NODE.reading, windowSize: pages * PAGE },
  threads,
});
const WHOLE: Platform = { ...NODE, threads };

/** Transactions that insert rows and delete them, among records that run over pages and windows. */
function written(): WrittenSegment[] {
  const writer = new WalWriter({ version: 17 });
  for (let xid = 700; writer.segments.length < 6; xid++) {
    for (let row = 1; row < 10; row++) writer.append(insert(xid, { offset: row }));
    writer.append(filler((xid * 7919) % 40_000));
    writer.append(remove(xid, { offset: 1 }));
    writer.append(commit(xid, BigInt(xid) * 1_000_000n));
  }
  return writer.segments;
}

const segments = written();
const damaged = segments.map((segment, i) =>
  i === 3 ? { ...segment, bytes: segment.bytes.slice().fill(0x55, 300_000, 300_010) } : segment,
);

describe.each([
  ['whole', segments],
  ['damaged in the middle', damaged],
])('segments that are %s, read in windows', (_, given) => {
  it.each([
    [1, 1],
    [17, 1],
    [17, 2],
    [64, 3],
  ])('of %i pages with %i threads give the same answers', async (pages, jobs) => {
    const folder = folderOf(filesOf(given));
    const report = async (platform: Platform): Promise<unknown> => {
      return { ...(await readReport([folder], { jobs, minRows: 1 }, platform)), made: 0n };
    };
    const answers = async (platform: Platform): Promise<unknown[]> => [
      plain(await examineArchive([folder], { jobs }, platform)),
      plain(await findIncidents([folder], { jobs, minRows: 1 }, platform)),
      plain(await findCommit([folder], { jobs, relation: { relNumber: 16386 } }, platform)),
      plain(await report(platform)),
    ];
    expect(await answers(withWindows(pages))).toEqual(await answers(WHOLE));
  });
});
