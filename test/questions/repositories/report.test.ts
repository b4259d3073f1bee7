import { describe, expect, it } from 'vitest';
import { folderSource } from '../../../src/node/files.js';
import { runCli } from '../../support/cli.js';
import { fakeRepository } from '../../support/fake-repository.js';
import { folderOf, segmentsOf } from '../../support/folder.js';

describe('the report of a repository of which retention took WAL', () => {
  const segments = segmentsOf(8);
  const size = BigInt(segments[0].bytes.length);
  const start = (index: number): bigint => (BigInt(`0x${segments[0].name.slice(16)}`) + BigInt(index)) * size;
  const backupAt = (name: string, index: number) => ({
    ...{ name, startLsn: start(index) + 40n, endLsn: start(index) + 400n, timeline: 1 },
  });
  const backups = [backupAt('a', 3), backupAt('b', 6)];

  /** What each command says of it: its exit code, and what segments are missing. */
  async function told(...gone: number[]) {
    const wal = folderOf(
      Object.fromEntries(segments.flatMap(({ name, bytes }, i) => (gone.includes(i) ? [] : [[name, bytes]]))),
    );
    const repository = folderOf({});
    fakeRepository(repository, backups, { wal: [await folderSource(wal)] });
    const report = await runCli(['report', '--json', '--no-backup', repository]);
    const archive = await runCli(['archive', '--json', repository]);
    const { wal: counted, incidents } = JSON.parse(report.stdout);
    const missing = ({ problems }: { problems: { code: string; message: string }[] }) =>
      problems.flatMap(({ code, message }) => (code === 'missing-segments' ? [message] : []));
    return {
      codes: [report.code, archive.code],
      missing: [counted, incidents, JSON.parse(archive.stdout)].map(missing),
    };
  }

  it('has no problem for that, as the archive has none', async () => {
    expect(await told(1, 4, 5)).toEqual({ codes: [0, 0], missing: [[], [], []] });
  });

  it('has the same problem as the archive where more is missing', async () => {
    const { codes, missing } = await told(1, 4);
    const [first] = missing;
    expect(codes).toEqual([3, 3]);
    expect(first).toEqual([expect.stringContaining(segments[4].name)]);
    expect(missing).toEqual([first, first, first]);
  });
});
