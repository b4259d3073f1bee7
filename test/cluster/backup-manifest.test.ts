import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBackupManifest } from '../../src/cluster/backup-manifest.js';
import { parseControlFile } from '../../src/cluster/control-file.js';
import { crc32c } from '../../src/wal/crc32c.js';
import { WalError } from '../../src/wal/error.js';

const manifestOf = (version: string): Uint8Array =>
  new Uint8Array(gunzipSync(readFileSync(`testdata/lab/${version}/backup_manifest.gz`)));

/** A manifest of `lines` with the checksum that fits them. */
function signed(...lines: string[]): Uint8Array {
  const body = lines.map((line) => `${line}\n`).join('');
  const checksum = createHash('sha256').update(body).digest('hex');
  return new TextEncoder().encode(`${body}"Manifest-Checksum": "${checksum}"}\n`);
}

const VERSION = '{ "PostgreSQL-Backup-Manifest-Version": 1,';

describe.each(readdirSync('testdata/lab'))('backup_manifest of PostgreSQL %s', (version) => {
  const manifest = parseBackupManifest(manifestOf(version));

  it('names version, cluster and WAL', () => {
    const { systemIdentifier } = parseControlFile(readFileSync(`testdata/lab/${version}/pg_control`));
    expect(manifest.version).toBe(Number(version) < 17 ? 1 : 2);
    expect(manifest.systemIdentifier).toBe(Number(version) < 17 ? undefined : systemIdentifier);
    const endLsn = Number(version) < 17 ? 0x2000100n : Number(version) < 19 ? 0x2000120n : 0x2000128n;
    expect(manifest.walRanges).toEqual([{ timeline: 1, startLsn: 0x2000028n, endLsn }]);
  });

  it('lists the files with checksums that fit', () => {
    expect(manifest.files.length).toBeGreaterThan(900);
    const label = readFileSync(`testdata/lab/${version}/backup_label`);
    expect(manifest.files.find((file) => file.path === 'backup_label')).toEqual({
      path: 'backup_label',
      size: label.length,
      lastModified: expect.stringMatching(/^2026-11-22 \d\d:\d\d:\d\d GMT$/),
      // PostgreSQL writes the bytes of the checksum in the order of the machine's memory
      checksum: { algorithm: 'CRC32C', hex: littleEndianHex(crc32c(label)) },
    });
  });

  it('does not fit its checksum after one changed byte', () => {
    const bytes = manifestOf(version);
    const at = bytes.indexOf(0x38, 1000); // a digit 8 becomes a 9
    bytes[at] = 0x39;
    expect(() => parseBackupManifest(bytes, 'f')).toThrow(
      expect.objectContaining({ code: 'manifest-checksum', file: 'f' }),
    );
  });
});

function littleEndianHex(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('hex');
}

describe('parseBackupManifest', () => {
  it('reads files without checksum, with encoded paths, and several ranges of WAL', () => {
    const bytes = signed(
      VERSION,
      '"Files": [',
      '{ "Path": "PG_VERSION", "Size": 3 },',
      '{ "Encoded-Path": "6261736503fff1", "Size": 0, "Checksum-Algorithm": "SHA224", "Checksum": "AB01" }',
      '],',
      '"WAL-Ranges": [',
      '{ "Timeline": 1, "Start-LSN": "0/2000028", "End-LSN": "0/3000000" },',
      '{ "Timeline": 2, "Start-LSN": "0/3000000", "End-LSN": "0/3000100" }',
      '],',
    );
    expect(parseBackupManifest(bytes)).toEqual({
      version: 1,
      systemIdentifier: undefined,
      files: [
        { path: 'PG_VERSION', size: 3, lastModified: undefined, checksum: undefined },
        {
          path: 'base\x03\udcff\udcf1',
          size: 0,
          lastModified: undefined,
          checksum: { algorithm: 'SHA224', hex: 'ab01' },
        },
      ],
      walRanges: [
        { timeline: 1, startLsn: 0x2000028n, endLsn: 0x3000000n },
        { timeline: 2, startLsn: 0x3000000n, endLsn: 0x3000100n },
      ],
    });
  });

  const withFile = (file: string) => signed(VERSION, `"Files": [${file}],`);
  const withRange = (range: string) => signed(VERSION, `"WAL-Ranges": [${range}],`);
  const plain = (text: string) => new TextEncoder().encode(text);
  it.each([
    ['text', plain('not a manifest'), 'expected a JSON object'],
    ['half a file', signed(VERSION).subarray(0, 60), 'it is not valid JSON, perhaps cut short'],
    ['no version', plain('{"Files": []}\n\n'), 'expected version indicator'],
    [
      'a version of the future',
      plain('{"PostgreSQL-Backup-Manifest-Version": 3}\n'),
      'unexpected manifest version',
    ],
    ['an unknown field', signed(VERSION, '"Foo": 1,'), 'unrecognized top-level field "Foo"'],
    ['one line', plain('{"PostgreSQL-Backup-Manifest-Version": 1}\n'), 'expected at least 2 lines'],
    ['no checksum', plain(`${VERSION}\n"Files": []\n}\n`), 'manifest has no checksum'],
    [
      'no newline at the end',
      signed(VERSION, '"Files": [],').subarray(0, -1),
      'last line not newline-terminated',
    ],
    ['a bad checksum', plain(`${VERSION}\n"Manifest-Checksum": "12"}\n`), 'invalid manifest checksum'],
    ['a bad identifier', signed(VERSION, '"System-Identifier": "x",'), 'system identifier in manifest'],
    ['files that are no list', signed(VERSION, '"Files": 1,'), 'Files is no array'],
    ['a file that is no object', withFile('null'), 'Files holds no objects'],
    ['a file without path', withFile('{"Size": 1}'), 'missing path name'],
    ['two paths', withFile('{"Path": "x", "Encoded-Path": "78", "Size": 1}'), 'both path name and encoded'],
    ['a bad path', withFile('{"Encoded-Path": "7", "Size": 1}'), 'could not decode file name'],
    ['no size', withFile('{"Path": "x"}'), 'missing size'],
    ['a bad size', withFile('{"Path": "x", "Size": 1.5}'), 'file size is not an integer'],
    ['only a checksum', withFile('{"Path": "x", "Size": 1, "Checksum": "00"}'), 'checksum without algorithm'],
    [
      'MD5',
      withFile('{"Path": "x", "Size": 1, "Checksum-Algorithm": "MD5"}'),
      'unrecognized checksum algorithm',
    ],
    [
      'an odd checksum',
      withFile('{"Path": "x", "Size": 1, "Checksum-Algorithm": "CRC32C", "Checksum": "0"}'),
      'invalid checksum for file "x"',
    ],
    ['no timeline', withRange('{"Start-LSN": "0/1", "End-LSN": "0/2"}'), 'missing timeline'],
    ['no end', withRange('{"Timeline": 1, "Start-LSN": "0/1"}'), 'missing end LSN'],
    [
      'a bad start',
      withRange('{"Timeline": 1, "Start-LSN": "1", "End-LSN": "0/2"}'),
      'could not parse start LSN',
    ],
    ['a bad timeline', withRange('{"Timeline": 0, "Start-LSN": "0/1", "End-LSN": "0/2"}'), 'timeline is not'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseBackupManifest(bytes)).toThrow(
      expect.objectContaining({ code: 'bad-manifest', message: expect.stringContaining(message) }),
    );
  });

  it('throws nothing but WalError on any JSON', () => {
    const key = fc.constantFrom('Path', 'Encoded-Path', 'Size', 'Checksum-Algorithm', 'Checksum', 'Timeline');
    const item = fc.dictionary(key, fc.jsonValue());
    const lines = fc
      .tuple(fc.array(item), fc.array(item))
      .map(([files, ranges]) => [
        VERSION,
        `"Files": ${JSON.stringify(files)},`,
        `"WAL-Ranges": ${JSON.stringify(ranges)},`,
      ]);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          lines.map((parts) => signed(...parts)),
        ),
        (bytes) => {
          try {
            parseBackupManifest(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(WalError);
          }
        },
      ),
    );
  });
});

it('a manifest of more files than fit into memory says what to do', () => {
  expect(() => parseBackupManifest(Buffer.from(`{${'{},'.repeat(1_200_000)}`), 'x')).toThrow(
    expect.objectContaining({
      code: 'file-too-large',
      message: expect.stringMatching(/^x: .*more files than fit into memory: move it away/),
    }),
  );
});
