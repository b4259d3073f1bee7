import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { takeInventory } from '../../src/node/questions.js';
import { NODE_READING } from '../../src/node/reading.js';
import { openBackup } from '../../src/sources/backup.js';
import { filesOf, folderOf, segmentsOf } from '../support/folder.js';

const [first, second, third] = segmentsOf(3);

const makeFifo = (path: string): unknown => execFileSync('mkfifo', [path]);

async function makeSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => void server.close());
}

describe.runIf(process.platform !== 'win32')('a name of a segment that is', () => {
  it.each([
    ['a FIFO', makeFifo],
    ['a socket', makeSocket],
    ['a device', (path: string) => symlinkSync('/dev/null', path)],
  ])('%s is told, and not opened', async (what, make) => {
    const folder = folderOf(filesOf([first, third]));
    await make(join(folder, second.name));
    await make(join(folder, 'of no matter'));
    const { problems, segments } = await takeInventory([folder]);
    expect(segments.map(({ name }) => name)).toEqual([first.name, third.name]);
    expect(problems).toMatchObject([
      {
        code: 'unreadable',
        file: join(folder, second.name),
        message: `cannot read ${join(folder, second.name)}: it is ${what}, and neither a file nor a folder; copy what comes out of it to a file`,
      },
    ]);
    await expect(takeInventory([join(folder, second.name)])).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.stringContaining(what),
    });
  });

  it('nothing of a backup is passed over, and what is of it is told', async () => {
    const folder = folderOf({ PG_VERSION: '17\n' });
    mkdirSync(join(folder, 'global'));
    await makeSocket(join(folder, '.s.PGSQL.5432'));
    makeFifo(join(folder, 'global/pg_control'));
    const backup = await openBackup(folder, NODE_READING);
    const seen: string[] = [];
    const visit = (path: string): Promise<void> =>
      backup.visit(
        (one) => one === path,
        async (one) => void seen.push(one),
      );
    await visit('PG_VERSION');
    expect(seen).toEqual(['PG_VERSION']);
    await expect(visit('global/pg_control')).rejects.toMatchObject({ code: 'unreadable' });
  });
});
