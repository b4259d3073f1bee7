import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeFacts } from '../../../src/node.js';
import { runCli, runProgram } from '../../support/cli.js';
import { contentOf, crossingWal } from '../../support/facts.js';
import { filesOf, folderOf } from '../../support/folder.js';

const LABS = readdirSync('testdata/lab').map((version) => `testdata/lab/${version}`);

const walOf = (version = 17): string => folderOf(filesOf(crossingWal(version).segments));
/** Of files that were written just now, their date does not tell that they are the same. */
const LONG_AGO = new Date('2026-01-01');
const pathsIn = (folder: string): string[] =>
  readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));

describe('facts are the same, byte for byte', () => {
  it('in whatever order segments come, one by one', async () => {
    const wal = walOf();
    const [together, ahead, back] = [folderOf({}), folderOf({}), folderOf({})];
    const made = await makeFacts(wal, together);
    for (const path of pathsIn(wal)) await makeFacts(path, ahead);
    for (const path of pathsIn(wal).reverse()) await makeFacts(path, back);
    expect(made).toMatchObject({ made: pathsIn(wal).length, replaced: 0, passedOver: 0, problems: [] });
    expect(contentOf(ahead)).toEqual(contentOf(together));
    expect(contentOf(back)).toEqual(contentOf(together));
  });

  it('twice, and nothing is written the second time', async () => {
    const wal = walOf();
    const facts = folderOf({});
    for (const path of pathsIn(wal)) utimesSync(path, LONG_AGO, LONG_AGO);
    await makeFacts(wal, facts);
    const dates = (): number[] =>
      Object.keys(contentOf(facts)).map((path) => statSync(join(facts, path)).ctimeMs);
    const [before, content] = [dates(), contentOf(facts)];
    const again = await makeFacts(wal, facts);
    expect(again).toMatchObject({ made: 0, replaced: 0, joints: 0, bytes: 0 });
    expect(again.passedOver).toBe(pathsIn(wal).length);
    expect(contentOf(facts)).toEqual(content);
    expect(dates()).toEqual(before);
  });

  it('of compressed and plain files, in windows and whole', async () => {
    const { segments } = crossingWal(16);
    const plain = folderOf(filesOf(segments));
    const packed = folderOf(
      Object.fromEntries(segments.map(({ name, bytes }) => [`${name}.gz`, gzipSync(bytes)])),
    );
    const [one, other] = [folderOf({}), folderOf({})];
    await makeFacts(plain, one, { records: true });
    await makeFacts(packed, other, { records: true });
    expect(contentOf(other)).toEqual(contentOf(one));
  });

  it.each(LABS)('by one thread and by two: %s', async (lab) => {
    const [one, two] = [folderOf({}), folderOf({})];
    const { code, stderr } = await runCli(['facts', '-o', one, lab]);
    expect([code, stderr]).toEqual([0, '']);
    await runProgram(['facts', '-o', two, '--jobs', '2', lab]);
    expect(contentOf(two)).toEqual(contentOf(one));
  });

  it('by many processes at once, of the same segments and of others', async () => {
    const wal = walOf(18);
    const paths = pathsIn(wal);
    const [alone, together] = [folderOf({}), folderOf({})];
    await makeFacts(wal, alone);
    const orders = [paths, [...paths].reverse(), [paths[2]], paths.filter((_, i) => i % 2 === 1)];
    const runs = await Promise.all(
      [...orders, paths].map((some) => runProgram(['facts', '-o', together, ...some])),
    );
    expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']));
    expect(contentOf(together)).toEqual(contentOf(alone));
    expect(readdirSync(join(together, '_unfinished'))).toEqual([]);
  });
});

describe('small files', () => {
  it('are beside the facts, unpacked', async () => {
    const facts = folderOf({});
    await makeFacts('testdata/lab/17', facts);
    const [system] = readdirSync(facts).filter((name) => name.startsWith('system='));
    const files = join(facts, system, '_files');
    expect(readdirSync(files).sort()).toEqual([
      '000000010000000000000002.00000028.backup',
      '00000002.history',
    ]);
  });
});
