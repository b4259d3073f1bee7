import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatControlData } from '../../src/cluster/control-data.js';
import { parseControlFile } from '../../src/cluster/control-file.js';
import { parsePosixTz } from '../../src/text/posix-tz.js';
import { UTC } from '../../src/text/timezone.js';
import { WalError } from '../../src/wal/error.js';

/** Folders with a `pg_control` and what `pg_controldata` of the same version prints of it in UTC. */
const folders = [
  ...[10, 11, 12].map((version) => ({ version, folder: `testdata/control/${version}` })),
  ...readdirSync('testdata/lab').map((name) => ({ version: Number(name), folder: `testdata/lab/${name}` })),
];

const read = (folder: string): Uint8Array => new Uint8Array(readFileSync(`${folder}/pg_control`));

describe.each(folders)('pg_control of PostgreSQL $version', ({ version, folder }) => {
  it('prints as pg_controldata does', () => {
    const expected = readFileSync(`${folder}/pg_controldata.txt`, 'utf8');
    expect(formatControlData(parseControlFile(read(folder)), UTC)).toBe(expected);
  });

  it('is of that major version and its checksum fits', () => {
    expect(parseControlFile(read(folder))).toMatchObject({ version, crcValid: true, floatFormat: 1234567 });
  });

  it('reports one changed bit', () => {
    const bytes = read(folder);
    bytes[0x21] ^= 4;
    expect(parseControlFile(bytes).crcValid).toBe(false);
  });

  it('throws nothing but WalError on mutated bytes, and prints what it reads', () => {
    const bytes = read(folder).slice(0, 340);
    const mutation = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 40 }), fc.nat(bytes.length), (mutations, length) => {
        const mutated = bytes.slice(0, length);
        for (const [at, value] of mutations) if (at < length) mutated[at] = value;
        try {
          expect(formatControlData(parseControlFile(mutated), UTC).split('\n').length).toBeGreaterThan(45);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      }),
    );
  });
});

describe('formatControlData', () => {
  it('prints times in the zone it is given', () => {
    const text = formatControlData(parseControlFile(read('testdata/lab/15')), parsePosixTz('MST7'));
    expect(text).toMatch(/^pg_control last modified: {13}Sun Nov 22 03:\d\d:\d\d 2026$/m);
  });

  it('prints a time of any year that C has', () => {
    const control = { ...parseControlFile(read('testdata/lab/15')), lastModified: 9007201050083383n };
    // as pg_controldata 15 does, of its lab's file with one bit changed
    expect(formatControlData(control, UTC)).toContain(
      'pg_control last modified:             Thu Oct  2 17:49:43 285428808\n',
    );
  });

  it('prints ??? for a time and a segment size that cannot be', () => {
    const control = {
      ...parseControlFile(read('testdata/lab/18')),
      lastModified: 2n ** 63n - 1n,
      walSegmentSize: 0,
    };
    const text = formatControlData(control, UTC);
    expect(text).toContain('pg_control last modified:             ???\n');
    expect(text).toContain("Latest checkpoint's REDO WAL file:    ???\n");
  });

  it('says that a state and a wal_level are not known', () => {
    const print = (folder: string) =>
      formatControlData({ ...parseControlFile(read(folder)), state: 99, walLevel: 7 }, UTC);
    expect(print('testdata/lab/16')).toContain(
      'wal_level setting:                    unrecognized wal_level\n',
    );
    expect(print('testdata/lab/17')).toContain(
      'wal_level setting:                    unrecognized "wal_level"\n',
    );
    expect(print('testdata/lab/17')).toContain(
      'Database cluster state:               unrecognized status code\n',
    );
  });
});

describe('parseControlFile', () => {
  const withVersion = (write: (view: DataView) => void): Uint8Array => {
    const bytes = read('testdata/lab/17');
    write(new DataView(bytes.buffer));
    return bytes;
  };

  it('refuses a format it does not know, and names it', () => {
    const bytes = withVersion((view) => view.setUint32(8, 1902, true));
    expect(() => parseControlFile(bytes)).toThrow(/says 1902, known are .* 1905 \(PostgreSQL 10 to 19\)/);
  });

  it('refuses a file of a big-endian machine', () => {
    const bytes = withVersion((view) => view.setUint32(8, 1700, false));
    expect(() => parseControlFile(bytes)).toThrow('big-endian');
  });

  it('refuses a file that is cut short', () => {
    expect(() => parseControlFile(read('testdata/lab/17').subarray(0, 200))).toThrow(
      'it ends after 200 bytes',
    );
  });

  it('leaves the version open where the catalog is of no release', () => {
    const bytes = read('testdata/lab/14');
    new DataView(bytes.buffer).setUint32(12, 202105121, true);
    expect(parseControlFile(bytes).version).toBeUndefined();
  });
});
