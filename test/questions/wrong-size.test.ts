import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { examineArchive, findCommit, findIncidents, recoverRows } from '../../src/node/questions.js';
import { UTC } from '../../src/text/timezone.js';
import type { WalError } from '../../src/wal/error.js';
import { filesOf, folderOf, MiB } from '../support/folder.js';
import { WalWriter } from '../support/wal-writer.js';

/** Three segments, of which the last ends with a SWITCH, and zeroes after it. */
const segments = ((): { name: string; bytes: Uint8Array }[] => {
  const writer = new WalWriter({ version: 17, firstSegment: 5n });
  const main = new Uint8Array(15_000);
  while (writer.segments.length < 3) writer.append({ rmid: 0, info: 0x20, main });
  writer.append({ rmid: 0, info: 0x40 });
  return writer.segments;
})();
const [, second, last] = segments;

/** Ways to be of another size than a segment, and what every command says of it. */
const WAYS: [string, { name: string; bytes: Uint8Array }, string][] = [
  ['shorter', { ...second, bytes: second.bytes.subarray(0, 500_000) }, 'ends after 500000 of the 1048576'],
  [
    'shorter by zeroes',
    { ...last, bytes: last.bytes.subarray(0, 900_000) },
    'ends after 900000 of the 1048576',
  ],
  ['longer', { ...second, bytes: padded(second.bytes) }, 'has more than the 1048576 bytes'],
  ['without a byte', { ...second, bytes: new Uint8Array() }, 'has only 0 bytes'],
  ['zeroes', { ...second, bytes: new Uint8Array(MiB) }, 'holds nothing but zeroes'],
];

function padded(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 8192);
  longer.set(bytes);
  return longer;
}

const told = (problems: WalError[]): string[] => problems.map(({ message }) => message).sort();

describe.each(WAYS)('a segment that is %s', (_, wrong, words) => {
  const folder = (): string =>
    folderOf(filesOf([...segments.filter(({ name }) => name !== wrong.name), wrong]));
  it('is told by all commands in the same words', async () => {
    const path = folder();
    const { problems } = await examineArchive([path]);
    const ofArchive = told(problems);
    expect(ofArchive.filter((message) => message.includes(words))).toHaveLength(1);

    expect(told((await findCommit([path], { relation: '16384' })).problems)).toEqual(ofArchive);
    expect(told((await findIncidents([path], { minRows: 1 })).problems)).toEqual(ofArchive);
    const rows = recoverRows([path], {
      relation: { relNumber: 16384 },
      columns: 'i int',
      question: { kind: 'as-of', target: { kind: 'latest' } },
      timezone: UTC,
    });
    await expect(rows).rejects.toMatchObject({
      code: 'incomplete-wal',
      message: expect.stringContaining(ofArchive.find((message) => message.includes(words))!),
    });
  });
});

describe.each(['', '.gz'])('a header that claims larger segments than the file (%s)', (ending) => {
  it('is told as what it claims, and takes no such room', async () => {
    const bytes = second.bytes.slice();
    new DataView(bytes.buffer).setUint32(32, 1024 * MiB, true);
    const others = segments.filter(({ name }) => name !== second.name);
    const wrong = { name: second.name + ending, bytes: ending === '' ? bytes : gzipSync(bytes) };
    const before = process.memoryUsage().arrayBuffers;
    let most = before;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 1);
    const { problems } = await examineArchive([folderOf(filesOf([...others, wrong]))]);
    clearInterval(timer);
    expect(most - before).toBeLessThan(200 * MiB);
    expect(told(problems)).toContainEqual(
      expect.stringMatching(/claims segments of 1073741824 bytes, and the file has 1048576, as its name has/),
    );
  });
});
