import { describe, expect, it } from 'vitest';
import { makeFacts } from '../../../src/node.js';
import { contentOf, crossingWal, foldersIn, rowsOf } from '../../support/facts.js';
import { branchOf, filesOf, folderOf } from '../../support/folder.js';

const VERSIONS = Array.from({ length: 10 }, (_, i) => 10 + i);

describe.each(VERSIONS)('records over the end of a segment, PostgreSQL %i', (version) => {
  const writer = crossingWal(version);
  const wal = (): string => folderOf(filesOf(writer.segments));

  it('are in a folder of their own: each record is there once, and each commit', async () => {
    const facts = folderOf({});
    const made = await makeFacts(wal(), facts, { records: true });
    const rows = await rowsOf(facts, 'records');
    const lsns = rows.map(({ start_lsn }) => start_lsn as bigint).sort((a, b) => (a < b ? -1 : 1));
    expect(lsns).toEqual(writer.records.map(({ lsn }) => lsn));
    const size = BigInt(writer.segmentSize);
    const crossing = writer.records.filter(({ lsn, endLsn }) => lsn / size !== (endLsn - 1n) / size);
    expect(made.joints).toBe(crossing.length);
    expect(foldersIn(facts).filter((name) => name.endsWith('-next'))).toHaveLength(crossing.length);
    const commits = await rowsOf(facts, 'transactions');
    expect(commits.map(({ xid, subxids }) => [xid, (subxids as number[]).length])).toEqual(
      [1000, 2000, 3000, 4000].map((xid) => [xid, 200]),
    );
  });
});

describe('a joint', () => {
  const { segments } = crossingWal(17);
  const names = segments.map(({ name }) => name);

  it('comes with whichever segment comes last, also over several', async () => {
    const facts = folderOf({});
    const folder = folderOf(filesOf(segments));
    const [first, middle, last] = names.slice(2);
    for (const name of [middle, last]) await makeFacts(`${folder}/${name}`, facts);
    expect(foldersIn(facts)).toEqual([middle, last]);
    await makeFacts(`${folder}/${first}`, facts);
    expect(foldersIn(facts)).toEqual([first, `${first}-next`, middle, last]);
  });

  it('goes where the segment after it is another one now', async () => {
    const facts = folderOf({});
    await makeFacts(folderOf(filesOf(segments)), facts);
    expect(foldersIn(facts)).toContain(`${names[0]}-next`);
    const damaged = segments[1].bytes.slice();
    damaged.fill(0xff, 40, 8192);
    const made = await makeFacts(folderOf({ [names[1]]: damaged }), facts);
    expect(made).toMatchObject({ replaced: 1 });
    expect(made.problems).not.toEqual([]);
    expect(foldersIn(facts)).not.toContain(`${names[0]}-next`);
    await makeFacts(folderOf({ [names[1]]: segments[1].bytes }), facts);
    expect(foldersIn(facts)).toContain(`${names[0]}-next`);
  });

  it('is made of another timeline that began in the segment after it, as of that itself', async () => {
    const branch = branchOf(segments[1], 2, 65_536, new Uint8Array(segments[1].bytes.length));
    const [own, other] = [folderOf({}), folderOf({})];
    await makeFacts(folderOf(filesOf(segments.slice(0, 2))), own);
    const parts = { [names[0]]: segments[0].bytes, [branch.name]: branch.bytes };
    await makeFacts(folderOf(parts), other);
    const jointOf = (folder: string) =>
      Object.entries(contentOf(folder)).filter(([path]) => path.includes(`${names[0]}-next/`));
    expect(jointOf(own)).not.toEqual([]);
    expect(jointOf(other)).toEqual(jointOf(own));
  });
});
