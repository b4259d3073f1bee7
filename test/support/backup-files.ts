import { PORTABLE } from '../../src/questions/platform.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { tarMembers } from '../../src/sources/tar.js';
import { concat } from '../../src/wal/concat.js';
import { readTestdata } from './testdata.js';

/** The files of a base backup in a tar file of testdata, by their paths in the data folder. */
export async function backupFiles(tar: string): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for await (const { name, body } of tarMembers(memorySource(tar, readTestdata(tar)), PORTABLE.reading)) {
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    files[name.replace(/^\.\//, '')] = concat(pieces);
  }
  return files;
}
