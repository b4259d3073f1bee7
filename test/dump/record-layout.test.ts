import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { recordLayout } from '../../src/dump/record-layout.js';
import { openSegment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { rmgrId, rmgrName, rmgrNames } from '../../src/rmgr/index.js';
import { formatLocator } from '../../src/rmgr/locator.js';
import { formatLsn } from '../../src/wal/lsn.js';
import type { WalRecord } from '../../src/wal/record.js';

const SEGMENT = /^[0-9A-F]{24}\.gz$/;

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => SEGMENT.test(name.slice(name.lastIndexOf('/') + 1)))
    .map((name) => join(folder, name));

const VERSIONS = readdirSync('testdata/broad');

function* recordsOf(version: string): Generator<WalRecord> {
  for (const root of ['testdata/broad', 'testdata/kinds', 'testdata/lab']) {
    if (!readdirSync(root).includes(version)) continue;
    for (const file of filesIn(join(root, version))) {
      const reader = new WalReader({ onFault: 'resume' });
      reader.push(openSegment(new Uint8Array(gunzipSync(readFileSync(file)))));
      for (let record = reader.next(); record !== undefined; record = reader.next()) yield record;
    }
  }
}

/** What the pieces have to say, as the record itself tells it. */
function expectedValues(record: WalRecord): Record<string, string> {
  const { totalLength, xid, prevLsn, rmid, info, mainLength, origin, toplevelXid } = record;
  const values: Record<string, string> = {
    xl_tot_len: String(totalLength),
    xl_xid: String(xid),
    xl_prev: formatLsn(prevLsn),
    xl_rmid: String(rmid),
    xl_info: `0x${info.toString(16).padStart(2, '0')}`,
  };
  if (mainLength > 0) values['main data: data_length'] = String(mainLength);
  if (origin !== 0) values['origin: roident'] = String(origin);
  if (toplevelXid !== 0) values['toplevel xid: xid'] = String(toplevelXid);
  for (const { id, rel, blockNumber, dataLength, image } of record.blocks) {
    values[`block ${id}: blkno`] = String(blockNumber);
    values[`block ${id}: data_length`] = String(dataLength);
    if (image !== undefined) values[`block ${id}: image length`] = String(image.length);
    if (id === record.blocks[0].id) values[`block ${id}: rlocator`] = formatLocator(rel);
  }
  return values;
}

/** Numbers of these names as they lie in the bytes: read once more, by their places alone. */
function storedNumber(record: WalRecord, offset: number, length: number): number {
  const at = record.base + offset;
  if (length === 1) return record.view.getUint8(at);
  return length === 2 ? record.view.getUint16(at, true) : record.view.getUint32(at, true);
}

describe('the layout of a record', () => {
  it.each(VERSIONS)('covers every byte once, and says what is there: %s', (version) => {
    let records = 0;
    for (const record of recordsOf(version)) {
      records++;
      const pieces = recordLayout(record);
      let end = 0;
      for (const { offset, length, value } of pieces) {
        if (offset !== end || length <= 0)
          expect.fail(`${record.lsnText}: a piece at ${offset} after ${end}`);
        end += length;
        if (value === null || length === 8 || length === 12) continue;
        expect(Number(value)).toBe(storedNumber(record, offset, length));
      }
      expect(end).toBe(record.totalLength);
      const values = Object.fromEntries(pieces.map(({ name, value }) => [name, value]));
      expect(values).toMatchObject(expectedValues(record));
      const sizes = new Map(pieces.map(({ name, length }) => [name, length]));
      for (const { id, image, dataLength } of record.blocks) {
        expect(sizes.get(`block ${id}: image`) ?? 0).toBe(image?.length ?? 0);
        expect(sizes.get(`block ${id}: data`) ?? 0).toBe(dataLength);
      }
      expect(sizes.get('main data') ?? 0).toBe(record.mainLength);
    }
    expect(records).toBeGreaterThan(100);
  });
});

describe('resource managers by name', () => {
  it('are found whichever case their letters are in', () => {
    expect(['heap', 'Heap2', 'XLOG', 'LOGICALMESSAGE', 'xlog2'].map(rmgrId)).toEqual([10, 9, 0, 21, 22]);
    for (const [rmid, name] of rmgrNames(19).entries()) expect(rmgrName(rmgrId(name)!)).toBe(rmgrName(rmid));
  });

  it('are those of extensions by their numbers', () => {
    expect(['custom128', 'custom255', 'custom127', 'custom256', 'custom'].map(rmgrId)).toEqual([
      128,
      255,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are one more since 19', () => {
    expect(rmgrNames(18)).toHaveLength(22);
    expect(rmgrNames(19).slice(22)).toEqual(['XLOG2']);
    expect(rmgrId('unheard of')).toBeUndefined();
  });
});
