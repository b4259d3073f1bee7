import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { identify, rmgrName } from '../../src/rmgr/index.js';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { recordKinds } from '../support/records/index.js';

/** docs/record-kinds.md states which kinds there are and what tests them; here it is held to that. */

const versions = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => OLDEST_VERSION + i);
const doc = readFileSync('docs/record-kinds.md', 'utf8');

/** The rows of the table after a heading: resource manager and kind, and what the other columns say. */
function rowsAfter(heading: string): Map<string, string[]> {
  const section = doc.slice(doc.indexOf(heading)).split('\n## ')[0];
  const cells = section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| Resource'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(cells.map(([, rmgr, name, ...rest]) => [`${rmgr} ${name}`, rest]));
}

/** `10–12, 14` */
function versionsIn(ranges: string): number[] {
  if (ranges === '–') return [];
  return ranges.split(', ').flatMap((range) => {
    const [first, last = first] = range.split('–').map(Number);
    return versions.filter((version) => version >= first && version <= last);
  });
}

/** By kind, the versions that have it. */
function collect(kindsOf: (version: number) => Iterable<string>): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const version of versions) {
    for (const kind of new Set(kindsOf(version))) found.set(kind, [...(found.get(kind) ?? []), version]);
  }
  return found;
}

function* identified(version: number): Generator<string> {
  for (let rmid = 0; rmid <= (version >= 19 ? 22 : 21); rmid++) {
    for (let info = 0; info < 0x100; info += 0x10) {
      const name = identify(rmid, info, version);
      if (name !== undefined) yield `${rmgrName(rmid)} ${name}`;
    }
  }
}

/** What the dumps of real WAL show. */
function* written(version: number): Generator<string> {
  const texts = [
    gunzipSync(readFileSync(`testdata/broad/${version}/expected/text.txt.gz`)).toString('latin1'),
  ];
  const lab = `testdata/lab/${version}/expected`;
  if (existsSync(lab))
    for (const file of readdirSync(lab)) texts.push(readFileSync(`${lab}/${file}`, 'latin1'));
  for (const text of texts) {
    for (const [, rmgr, name] of text.matchAll(/^rmgr: (\S+) .*? desc: (\S+)/gm)) yield `${rmgr} ${name}`;
  }
}

describe('docs/record-kinds.md', () => {
  const table = rowsAfter('# Record kinds');
  const others = rowsAfter('## Tested otherwise');

  it('lists every kind of every version', () => {
    const stated = [...table].map(([kind, [ranges]]) => [kind, versionsIn(ranges)]);
    expect(Object.fromEntries(stated)).toEqual(Object.fromEntries(collect(identified)));
  });

  it('leaves none without a test', () => {
    const madeUp = collect((version) => recordKinds(version).map(({ rmgr, name }) => `${rmgr} ${name}`));
    const untested = [...table].flatMap(([kind, [ranges]]) =>
      versionsIn(ranges)
        .filter((version) => !madeUp.get(kind)?.includes(version))
        .filter((version) => !versionsIn(others.get(kind)?.[0] ?? '–').includes(version))
        .map((version) => `${version} ${kind}`),
    );
    expect(untested).toEqual([]);
    for (const [, [, where]] of others) {
      const [file] = /test\/\S+\.ts/.exec(where) ?? [];
      expect(existsSync(file ?? 'missing')).toBe(true);
    }
  });

  it('tells which of them real WAL shows', () => {
    const stated = [...table].map(([kind, [, ranges]]) => [kind, versionsIn(ranges)]);
    const real = collect(written);
    expect(Object.fromEntries(stated)).toEqual(
      Object.fromEntries([...table.keys()].map((kind) => [kind, real.get(kind) ?? []])),
    );
  });
});
