import { it } from 'vitest';
import { FactsFolder } from '../../src/node/facts-folder.js';
import { NODE } from '../../src/node/platform.js';
import { examineArchive } from '../../src/node/questions.js';
import { makeFacts } from '../../src/questions/facts/ask.js';
import { folderOf } from '../support/folder.js';
it('x', async () => {
  const folder = folderOf({});
  await makeFacts('testdata/lab/17', await FactsFolder.open(folder), {}, NODE);
  await examineArchive([], { facts: folder }).catch((e) => console.log(e.message, e.cause?.stack));
});
