import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NEWEST_VERSION, OLDEST_VERSION } from '../../src/wal/version.js';
import { cstruct, f64, u32 } from '../support/cstruct.js';
import { descriptionsIn, descriptionsOf } from '../support/descriptions.js';
import { recordKinds } from '../support/records/index.js';
import { block } from '../support/records/kind.js';
import { WalWriter } from '../support/wal-writer.js';

const versions = Array.from({ length: NEWEST_VERSION - OLDEST_VERSION + 1 }, (_, i) => OLDEST_VERSION + i);

describe.each(versions)('records of every kind of %d', (version) => {
  const folder = `testdata/kinds/${version}`;
  const unzip = (name: string) => gunzipSync(readFileSync(`${folder}/${name}`));
  const text = unzip('expected.txt.gz').toString('latin1');

  it('are described as its pg_waldump does', () => {
    const segments = readdirSync(folder).filter((name) => /^[0-9A-F]{24}\.gz$/.test(name));
    expect(descriptionsOf(segments.sort().map(unzip))).toEqual(descriptionsIn(text));
  });

  it('are all there', () => {
    const found = new Set(
      Array.from(text.matchAll(/^rmgr: (\S+) .*? desc: (\S+)/gm), ([, rmgr, name]) => `${rmgr} ${name}`),
    );
    const kinds = recordKinds(version).map(({ rmgr, name }) => `${rmgr} ${name}`);
    const missing = version === 11 ? ['XLOG SWITCH', 'Btree META_CLEANUP'] : ['XLOG SWITCH'];
    expect(kinds.filter((kind) => !found.has(kind))).toEqual(missing);
  });
});

// 11.0 … 11.4 print what memory holds from the record before: see make-kinds.ts
it("describes 11's META_CLEANUP by the data of its block, as 11.5 and later do", () => {
  const writer = new WalWriter({ version: 11 });
  const metadata = cstruct(u32(3), u32(1), u32(3), u32(1), u32(547), f64(1500));
  writer.append({ rmid: 11, info: 0xe0, blocks: [block(0, metadata)] });
  expect(descriptionsOf([writer.segments[0].bytes])).toEqual([
    'META_CLEANUP oldest_btpo_xact 547; last_cleanup_num_heap_tuples: 1500.000000',
  ]);
});
