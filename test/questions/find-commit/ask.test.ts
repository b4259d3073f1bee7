import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findCommit, transactionsOf } from '../../../src/node/questions.js';
import type { FindCommitOptions } from '../../../src/questions/find-commit/ask.js';
import { type FindCommitJson, findCommitJson } from '../../../src/questions/find-commit/json.js';
import { findCommit as findInMemory } from '../../../src/questions/portable.js';
import { formatLsn, type Lsn } from '../../../src/wal/lsn.js';
import { branchOf, filesOf, folderOf, MiB } from '../../support/folder.js';
import { type RecordInput, WalWriter, type WriterOptions } from '../../support/wal-writer.js';
import { commit, filler, insert, prepare, remove, switchSegment } from '../../support/workload.js';

const at = (micros: number): bigint => 819_910_800_000_000n + BigInt(micros);

function write(records: RecordInput[], options: Partial<WriterOptions> = {}): WalWriter {
  const writer = new WalWriter({ version: 17, ...options });
  for (const record of records) writer.append(record);
  return writer;
}

/** Searches a folder of these files. */
async function search(
  files: Record<string, Uint8Array | string>,
  options: Partial<FindCommitOptions> = {},
): Promise<FindCommitJson> {
  const found = await findCommit([folderOf(files)], { relation: '16386', ...options });
  return findCommitJson(found);
}

/** Timeline, last INSERT and last DELETE by transaction. */
const told = ({ relations }: FindCommitJson): string[] =>
  relations.map(
    ({ timeline, lastInsert, lastDelete }) =>
      `${timeline}: ${lastInsert?.commit.xid ?? 'none'}, ${lastDelete?.commit.xid ?? 'none'}`,
  );

it.each([null, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY, '5'])(
  'refuses %s for how many transactions are listed',
  async (transactions) => {
    const options = { relation: '16386', transactions: transactions as never };
    await expect(findInMemory(LONG.segments, options)).rejects.toMatchObject({ code: 'usage' });
  },
);

it('lists transactions without an end in JSON, although many newer ones have ended', async () => {
  const { segments } = write([
    ...[insert(600), prepare(600, at(0)), insert(601)],
    ...Array.from({ length: 150 }, (_, i) => [insert(700 + i), commit(700 + i, at(i))]).flat(),
  ]);
  const { relations } = await search(filesOf(segments));
  const [{ transactions, unended }] = relations;
  expect(transactions.map(({ xid }) => xid)).toEqual(Array.from({ length: 100 }, (_, i) => 750 + i));
  expect(unended).toEqual([
    expect.objectContaining({ xid: 600, status: 'prepared', commit: null }),
    expect.objectContaining({ xid: 601, status: 'in-progress', commit: null }),
  ]);
  const [unlisted] = (await search(filesOf(segments), { transactions: 0 })).relations;
  expect(unlisted).toMatchObject({ transactions: [], unended });
});

/** Four segments: an INSERT in the first, a record over the second and the third, a DELETE in the last. */
const LONG = write([
  insert(700),
  commit(700, at(1)),
  switchSegment(),
  filler(2 * MiB),
  switchSegment(),
  remove(701),
  commit(701, at(2)),
]);

it('tells all transactions of a relation one by one, as they end, and then the answer', async () => {
  const { segments } = write([
    insert(650),
    ...Array.from({ length: 150 }, (_, i) => [insert(700 + i), commit(700 + i, at(i))]).flat(),
    switchSegment(),
    remove(900),
    commit(900, at(900)),
    insert(650),
  ]);
  const folder = folderOf(filesOf(segments));
  const seen: number[] = [];
  const generator = transactionsOf([folder], {
    relation: '16386',
    onProgress: ({ segments }) => segments?.done === 2 && expect(seen).toHaveLength(150),
  });
  let next = await generator.next();
  for (; !next.done; next = await generator.next()) {
    expect(next.value).toMatchObject({ relation: '1663/16384/16386', timeline: 1 });
    seen.push(next.value.xid);
  }
  expect(seen).toEqual([...Array.from({ length: 150 }, (_, i) => 700 + i), 900, 650]);
  const { relations, ...result } = await findCommit([folder], { relation: '16386', transactions: 0 });
  expect(next.value).toEqual({ ...result, relations });
  expect(relations[0].transactionCounts).toMatchObject({ committed: 151, 'in-progress': 1 });
});

describe('find-commit in an archive', () => {
  it('finds segments in dated folders, in any form and order', async () => {
    const [a, b, c, d, e] = LONG.segments;
    const json = await search({
      [`2025-12-25/${d.name}.gz`]: gzipSync(d.bytes),
      [`2025-12-24/${a.name}`]: a.bytes,
      [`2025-12-24/${b.name}.gz`]: gzipSync(b.bytes),
      [`2025-12-25/night/${c.name}`]: c.bytes,
      [`2025-12-25/night/${e.name}`]: e.bytes,
      '2025-12-25/README': 'the archive',
    });
    expect(told(json)).toEqual(['1: 700, 701']);
    expect(json).toMatchObject({ segments: 5, problems: [] });
  });

  it.each(['.partial', '.gz.partial', '.partial.gz'])('reads a %s file as far as it goes', async (suffix) => {
    const [first] = write([insert(700), commit(700, at(1)), filler(30_000)]).segments;
    const pack = (bytes: Uint8Array): Uint8Array => (suffix === '.partial' ? bytes : gzipSync(bytes));
    for (const length of [MiB, 20_000, 16_384]) {
      const json = await search({ [first.name + suffix]: pack(first.bytes.subarray(0, length)) });
      expect(told(json), String(length)).toEqual(['1: 700, none']);
      expect(json.problems, String(length)).toEqual([]);
    }
    const whole = await search({
      [first.name + suffix]: pack(first.bytes.subarray(0, 16_384)),
      [`whole/${first.name}`]: first.bytes,
    });
    expect(whole).toMatchObject({ segments: 1, problems: [] });
  });

  it('takes a compressed segment under the name of a later one for what it holds', async () => {
    const [a, b, c, d, e] = LONG.segments;
    const later = `${e.name}.gz`;
    const json = await search({ ...filesOf([a, b, c, d]), [later]: gzipSync(b.bytes) });
    expect(json.problems).toMatchObject([{ code: 'name-mismatch', file: expect.stringContaining(later) }]);
  });

  it('takes a whole segment that ends early for damaged', async () => {
    const [first] = write([insert(700), commit(700, at(1)), filler(30_000)]).segments;
    const { problems } = await search({ [first.name]: first.bytes.subarray(0, 20_000) });
    expect(problems).toMatchObject([{ code: 'truncated-segment', lsn: '0/00104000' }]);
  });

  it('may begin in the middle of a record', async () => {
    const [, , ...rest] = LONG.segments;
    const json = await search(filesOf(rest));
    expect(told(json)).toEqual(['1: none, 701']);
    expect(json.problems).toEqual([]);
  });

  it('names segments that are missing where the numbers pass from one log file to the next', async () => {
    const writer = write(
      [insert(700), commit(700, at(1)), filler(3 * MiB), switchSegment(), remove(701), commit(701, at(2))],
      { firstSegment: 0x3_fffn },
    );
    const [first, , ...rest] = writer.segments;
    expect(first.name).toBe('000000010000000300000FFF');
    const json = await search(filesOf([first, ...rest]));
    expect(told(json)).toEqual(['1: 700, 701']);
    expect(json.problems).toMatchObject([{ code: 'missing-segments', lsn: '4/00000000' }]);
    expect(json.problems[0].message).toContain('000000010000000400000000');
  });
});

describe('find-commit over several timelines', () => {
  const common = [insert(700), commit(700, at(1))];
  const first = write([...common, remove(701), commit(701, at(2))]);
  const second = write([...common, insert(701), commit(701, at(3)), remove(702), commit(702, at(4))], {
    timeline: 2,
  });
  const third = write(
    [...common, insert(701), commit(701, at(3)), insert(702), commit(702, at(5)), remove(703)],
    { timeline: 3 },
  );
  const branch = (lsn: Lsn): number => Number(lsn - first.start);
  const toSecond = second.records[2].lsn;
  const toThird = third.records[4].lsn;
  const onSecond = branchOf(first.segments[0], 2, branch(toSecond), second.segments[0].bytes);
  const onThird = branchOf(onSecond, 3, branch(toThird), third.segments[0].bytes);
  const archive = {
    ...filesOf([first.segments[0], onSecond, onThird]),
    '00000002.history': `1\t${formatLsn(toSecond)}\tbefore transaction 701\n`,
    '00000003.history.gz': gzipSync(
      `1\t${formatLsn(toSecond)}\tbefore\n\n2\t${formatLsn(toThird)}\tno recovery target specified\n`,
    ),
  };

  it('answers for each along its own history', async () => {
    const json = await search(archive);
    expect(told(json)).toEqual(['1: 700, 701', '2: 701, 702', '3: 702, none']);
    expect(json).toMatchObject({ timelines: [1, 2, 3], problems: [] });
    expect(json.relations.map(({ transactions }) => transactions.map(({ status }) => status))).toEqual([
      ['committed', 'committed'],
      ['committed', 'committed', 'committed'],
      ['committed', 'committed', 'committed', 'in-progress'],
    ]);
  });

  it('answers for the one asked for', async () => {
    const json = await search(archive, { timeline: 2 });
    expect(told(json)).toEqual(['2: 701, 702']);
    expect(json).toMatchObject({ timelines: [2], segments: 1 });
  });

  it('follows a parent where the child’s first segment has not been archived', async () => {
    const without = Object.entries(archive).filter(([name]) => name !== onSecond.name);
    const json = await search(Object.fromEntries(without), { timeline: 2 });
    expect(told(json)).toEqual(['2: 700, none']);
  });

  it('says that it needs a history file that is missing', async () => {
    const next = write([remove(704), commit(704, at(9))], { timeline: 2, firstSegment: 2n });
    const json = await search(filesOf([first.segments[0], next.segments[0]]));
    expect(told(json)).toEqual(['1: 700, 701', '2: none, 704']);
    expect(json.problems).toMatchObject([{ code: 'missing-history', lsn: null }]);
    expect(json.problems[0].message).toContain('00000002.history');
  });

  it('gives the same for the files in memory', async () => {
    const { '00000003.history.gz': packed, ...files } = archive;
    const inMemory = Object.entries({
      ...files,
      '00000003.history': `1\t${formatLsn(toSecond)}\tx\n2\t${formatLsn(toThird)}\tx\n`,
    }).map(([name, content]) => ({
      name,
      bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
    }));
    expect(packed).toBeDefined();
    // a command names what was given
    const withoutPlaces = ({ relations, ...rest }: FindCommitJson) => ({
      ...rest,
      relations: relations.map(({ undoCommand, ...others }) => ({
        ...others,
        isUndone: undoCommand !== null,
      })),
    });
    const found = findCommitJson(await findInMemory(inMemory, { relation: '16386' }));
    expect(withoutPlaces(found)).toEqual(withoutPlaces(await search(archive)));
  });
});

describe.each([
  [10, 1, 1024],
  [12, 1, 65_536],
  [13, 4, 2048],
  [16, 16, 8192],
  [19, 64, 32_768],
])('WAL of %d in segments of %d MiB and blocks of %d bytes', (version, megabytes, blockSize) => {
  it('is searched', async () => {
    const writer = write(
      [
        ...Array.from({ length: 40 }, (_, i) => [
          insert(700 + i),
          commit(700 + i, at(i)),
          filler(9000),
        ]).flat(),
        switchSegment(),
        remove(800),
        filler(3 * blockSize),
        commit(800, at(100)),
      ],
      { version, segmentSize: megabytes * MiB, blockSize, firstSegment: 77n },
    );
    const files = Object.fromEntries(
      writer.segments.map(({ name, bytes }) => [`${name}.gz`, gzipSync(bytes, { level: 1 })]),
    );
    const json = await search(files);
    expect(json).toMatchObject({ postgres: version, segments: 2, problems: [] });
    expect(told(json)).toEqual(['1: 739, 800']);
    const deletion = writer.records[writer.records.length - 3];
    expect(json.relations[0].lastDelete?.lsn).toBe(formatLsn(deletion.lsn));
    const { lsn: commitLsn } = writer.records[writer.records.length - 1];
    expect(json.relations[0].recoveryTarget?.lsn.recovery_target_lsn).toBe(formatLsn(commitLsn));
  });
});
