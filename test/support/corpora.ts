import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { FactsFolder } from '../../src/node/facts-folder.js';
import { NODE } from '../../src/node/platform.js';
import { makeFacts } from '../../src/questions/facts/ask.js';
import { fileKind } from '../../src/sources/file-name.js';
import { folderOf } from './folder.js';

const KINDS = ['segment', 'history', 'backup-history'];

/** What facts are made of in a folder. */
export const walIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => KINDS.includes(fileKind(name).kind))
    .map((name) => `${folder}/${name}`)
    .filter((path) => statSync(path).isFile());

/** All folders below one, and itself, that have segments in them. */
export const corporaIn = (root: string): string[] =>
  [root, ...readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => `${root}/${path}`)]
    .filter((path) => statSync(path).isDirectory())
    .filter((path) => walIn(path).some((file) => fileKind(basename(file)).kind === 'segment'))
    .sort();

/** A folder of the facts of WAL, gone when the test is over. */
export async function factsOf(wal: readonly string[]): Promise<string> {
  const folder = folderOf({});
  await makeFacts(wal, await FactsFolder.open(folder), {}, NODE);
  return folder;
}
