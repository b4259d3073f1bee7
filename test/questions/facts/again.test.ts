import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFacts } from '../../../src/node.js';
import { runCli, runProgram, startProgram } from '../../support/cli.js';
import { contentOf, crossingWal, foldersIn, rowsOf } from '../../support/facts.js';
import { filesOf, folderOf, segmentsOf } from '../../support/folder.js';

const { segments } = crossingWal(17);
const [first, second] = segments;

const LONG_AGO = new Date('2026-01-01');

/** A folder of files that were not written just now. */
function oldFolder(files: Record<string, Uint8Array>, date = LONG_AGO): string {
  const folder = folderOf(files);
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), date, date);
  return folder;
}

/** The folder of facts of a segment. */
const folderOfSegment = (facts: string, name: string): string => {
  const path = Object.keys(contentOf(facts)).find((one) => one.includes(`segment=${name}/`));
  return join(facts, path!, '..');
};

describe('a .partial file', () => {
  const cut = (bytes: Uint8Array, length: number): Uint8Array =>
    new Uint8Array(bytes.length).fill(0).map((_, i) => (i < length ? bytes[i] : 0));
  const short = { [`${second.name}.partial`]: cut(second.bytes, 200_000) };
  const longer = { [`${second.name}.partial`]: cut(second.bytes, 700_001) };
  const whole = { [second.name]: second.bytes };

  it.each([
    ['short, longer, whole', [short, longer, whole]],
    ['whole, longer, short', [whole, longer, short]],
    ['longer, short, whole', [longer, short, whole]],
  ])('gives way to more of it: %s', async (_, files) => {
    const [facts, expected] = [folderOf({}), folderOf({})];
    for (const one of files) await makeFacts(oldFolder(one), facts);
    await makeFacts(oldFolder(whole), expected);
    expect(contentOf(facts)).toEqual(contentOf(expected));
  });

  it('gives way to a longer one, and that not to a shorter one', async () => {
    const [facts, other, expected] = [folderOf({}), folderOf({}), folderOf({})];
    const wal = [oldFolder(short, new Date('2026-01-02')), oldFolder(longer)];
    for (const one of wal) await makeFacts(one, facts);
    for (const one of wal.reverse()) await makeFacts(one, other);
    await makeFacts(oldFolder(longer), expected);
    expect(contentOf(facts)).toEqual(contentOf(expected));
    expect(contentOf(other)).toEqual(contentOf(expected));
    expect(await rowsOf(facts, 'segments')).toMatchObject([{ partial: true }]);
  });

  it('is counted as replaced, then as there already', async () => {
    const facts = folderOf({});
    expect(await makeFacts(oldFolder(short), facts)).toMatchObject({ made: 1, replaced: 0 });
    const live = oldFolder(longer);
    utimesSync(join(live, `${second.name}.partial`), new Date(), new Date());
    expect(await makeFacts(live, facts)).toMatchObject({ made: 0, replaced: 1 });
    expect(await makeFacts(oldFolder(whole), facts)).toMatchObject({ made: 0, replaced: 1 });
    expect(await makeFacts(live, facts)).toMatchObject({ made: 0, replaced: 0, passedOver: 1, bytes: 0 });
  });
});

describe('a file that is damaged', () => {
  const cutOff = { [first.name]: first.bytes.subarray(0, 300_000) };

  it('has facts that say so, each time', async () => {
    const [facts, wal] = [folderOf({}), oldFolder(cutOff)];
    const args = ['facts', '--json', '-o', facts, wal];
    for (const counts of [{ made: 1 }, { made: 0, passedOver: 1 }]) {
      const { stdout, code } = await runCli(args);
      const answer = JSON.parse(stdout);
      expect(answer).toMatchObject(counts);
      expect(answer.problems[0]).toMatchObject({ code: 'truncated-segment', file: join(wal, first.name) });
      expect(code).toBe(3);
    }
    const [{ records, problem }] = await rowsOf(facts, 'segments');
    expect(records).toBeGreaterThan(0);
    expect(JSON.parse(String(problem))).toMatchObject({ code: 'truncated-segment' });
  });

  it('gives way to the whole one, and that not to it', async () => {
    const whole = { [first.name]: first.bytes };
    const [facts, other, expected] = [folderOf({}), folderOf({}), folderOf({})];
    for (const one of [cutOff, whole]) await makeFacts(folderOf(one), facts);
    for (const one of [whole, cutOff]) await makeFacts(folderOf(one), other);
    await makeFacts(folderOf(whole), expected);
    expect(contentOf(facts)).toEqual(contentOf(expected));
    expect(contentOf(other)).toEqual(contentOf(expected));
  });
});

describe('--records', () => {
  it('adds a row for each record, and what has them keeps them', async () => {
    const [facts, at, wal] = [folderOf({}), folderOf({}), oldFolder(filesOf(segments.slice(0, 2)))];
    await makeFacts(wal, at, { records: true });
    await makeFacts(wal, facts);
    expect(await rowsOf(facts, 'records')).toEqual([]);
    expect(await makeFacts(wal, facts, { records: true })).toMatchObject({ replaced: 2 });
    expect(contentOf(facts)).toEqual(contentOf(at));
    for (const name of readdirSync(wal)) utimesSync(join(wal, name), new Date(), new Date());
    expect(await makeFacts(wal, facts)).toMatchObject({ replaced: 0, passedOver: 2 });
    expect(contentOf(facts)).toEqual(contentOf(at));
  });
});

describe('what others left in the folder', () => {
  const wal = (): string => oldFolder({ [first.name]: first.bytes });

  it.each([
    ['garbage', Buffer.from('PAR1 not quite')],
    ['nothing', Buffer.alloc(0)],
    ['the table of something else', undefined],
  ])('is made again and told where it is %s', async (_, bytes) => {
    const [facts, expected] = [folderOf({}), folderOf({})];
    await makeFacts(wal(), expected);
    await makeFacts(wal(), facts);
    const folder = folderOfSegment(facts, first.name);
    writeFileSync(join(folder, 'segments.parquet'), bytes ?? readFileSync(join(folder, 'rmgrs.parquet')));
    const made = await makeFacts(wal(), facts);
    expect(made).toMatchObject({ made: 0, replaced: 1 });
    expect(made.problems.map(({ code }) => code)).toEqual(['bad-facts']);
    expect(contentOf(facts)).toEqual(contentOf(expected));
  });

  /** Something in the middle of a file that still has the same size. */
  const bitten = (path: string): void => {
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] ^= 0x10;
    writeFileSync(path, bytes);
  };

  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['cut off', (path: string) => truncateSync(path, 100)],
    ['damaged', bitten],
    ['longer', (path: string) => appendFileSync(path, 'x')],
  ])('is made again and told where a table is %s', async (_, damage) => {
    const [facts, expected] = [folderOf({}), folderOf({})];
    const folder = wal();
    await makeFacts(folder, expected);
    await makeFacts(folder, facts);
    const path = join(folderOfSegment(facts, first.name), 'changes.parquet');
    damage(path);
    const made = await makeFacts(folder, facts);
    expect(made).toMatchObject({ made: 0, replaced: 1 });
    expect(made.problems).toMatchObject([{ code: 'bad-facts', file: path }]);
    expect(contentOf(facts)).toEqual(contentOf(expected));
    expect((await makeFacts(folder, facts)).problems).toEqual([]);
  });

  it('gives way to facts of less of the segment where it cannot be read', async () => {
    const facts = folderOf({});
    await makeFacts(wal(), facts);
    bitten(join(folderOfSegment(facts, first.name), 'changes.parquet'));
    const partial = oldFolder({ [`${first.name}.partial`]: first.bytes });
    expect(await makeFacts(partial, facts)).toMatchObject({ replaced: 1 });
    expect(await rowsOf(facts, 'segments')).toMatchObject([{ partial: true }]);
  });

  it('is made again where it is what runs over the end of a segment', async () => {
    const [facts, expected] = [folderOf({}), folderOf({})];
    const folder = oldFolder(filesOf(segments.slice(0, 2)));
    await makeFacts(folder, expected);
    await makeFacts(folder, facts);
    const joint = `${folderOfSegment(facts, first.name)}-next`;
    for (const damage of [bitten, (path: string) => rmSync(path)]) {
      damage(join(joint, 'transactions.parquet'));
      await makeFacts(folder, facts);
      expect(contentOf(facts)).toEqual(contentOf(expected));
    }
  });

  it('is no answer to a question', async () => {
    const facts = folderOf({});
    await makeFacts(wal(), facts);
    const path = join(folderOfSegment(facts, first.name), 'changes.parquet');
    bitten(path);
    const { stdout, code } = await runCli(['find-commit', '--json', '--rel', '16384', '--facts', facts]);
    expect(JSON.parse(stdout).problems).toContainEqual(
      expect.objectContaining({ code: 'bad-facts', file: path }),
    );
    expect(code).toBe(3);
  });

  it('is made again where a file is in the place of the folder', async () => {
    const facts = folderOf({});
    await makeFacts(wal(), facts);
    const folder = folderOfSegment(facts, first.name);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'x');
    expect(await makeFacts(wal(), facts)).toMatchObject({ replaced: 1 });
    expect(foldersIn(facts)).toEqual([first.name]);
  });

  it('is not written to where a link leads out of it', async () => {
    const [facts, elsewhere] = [folderOf({}), folderOf({})];
    symlinkSync(elsewhere, join(facts, 'system=7000000000000000001'));
    const { code, stderr } = await runCli(['facts', '-o', facts, wal()]);
    expect(code).toBe(2);
    expect(stderr).toContain('is a symbolic link to');
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('goes a day after the process that wrote it died', async () => {
    const facts = folderOf({ '_unfinished/old/new/segments.parquet': '', '_unfinished/young/new/x': '' });
    const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
    utimesSync(join(facts, '_unfinished/old'), old, old);
    await makeFacts(wal(), facts);
    expect(readdirSync(join(facts, '_unfinished'))).toEqual(['young']);
  });

  it('is nothing where there is no WAL', async () => {
    const facts = folderOf({});
    expect((await runCli(['facts', '-o', facts, folderOf({})])).code).toBe(2);
    expect(readdirSync(facts)).toEqual([]);
  });

  it('is told where nothing can be written', async () => {
    const facts = folderOf({ file: '' });
    const { code, stderr } = await runCli(['facts', '-o', join(facts, 'file'), wal()]);
    expect(code).toBe(2);
    expect(stderr).toContain(`facts cannot be written to ${join(facts, 'file')}`);
  });
});

describe('a process that is ended', () => {
  const many = filesOf(segmentsOf(12));

  it.each(['SIGKILL', 'SIGINT'] as const)('by %s leaves nothing that counts', async (signal) => {
    const wal = oldFolder(many);
    const [facts, expected] = [folderOf({}), folderOf({})];
    await makeFacts(wal, expected);
    for (const wait of [0, 30, 60]) {
      const child = startProgram(['facts', '--jobs', '1', '-o', facts, wal]);
      const ended = once(child, 'exit');
      while (child.exitCode === null && !hasSome(facts)) await new Promise((done) => setTimeout(done, 2));
      await new Promise((done) => setTimeout(done, wait));
      child.kill(signal);
      await ended;
    }
    if (signal === 'SIGINT') expect(readdirSync(join(facts, '_unfinished'))).toEqual([]);
    const { code, stderr } = await runProgram(['facts', '-o', facts, wal]);
    expect([code, stderr]).toEqual([0, '']);
    expect(contentOf(facts)).toEqual(contentOf(expected));
  });
});

function hasSome(facts: string): boolean {
  mkdirSync(join(facts, '_unfinished'), { recursive: true });
  return readdirSync(facts).some((name) => name.startsWith('system='));
}
