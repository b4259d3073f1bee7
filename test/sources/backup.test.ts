import { expect, it } from 'vitest';
import { NODE_READING } from '../../src/node/reading.js';
import { openBackup } from '../../src/sources/backup.js';
import { folderOf } from '../support/folder.js';

it('takes the pages of a data folder as they are, whatever they begin with', async () => {
  const page = Buffer.alloc(8192, 1);
  page.set([0x1f, 0x8b], 0);
  const folder = folderOf({ PG_VERSION: Buffer.from('17'), 'base/5/16384': page });
  const backup = await openBackup(folder, NODE_READING);
  const pieces: Uint8Array[] = [];
  await backup.visit(
    (path) => path === 'base/5/16384',
    async (_, body) => {
      for await (const piece of body) pieces.push(piece);
    },
  );
  expect(Buffer.concat(pieces).equals(page)).toBe(true);
});
