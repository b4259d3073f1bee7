import { describe, expect, it } from 'vitest';
import { parseFilesMetadata, parseSentinel } from '../../src/repos/wal-g/sentinel.js';
import { formatTimestampIso } from '../../src/wal/timestamp.js';

const sentinel = (text: string): ReturnType<typeof parseSentinel> => parseSentinel(Buffer.from(text), 'x');
const files = (text: string): ReturnType<typeof parseFilesMetadata> =>
  parseFilesMetadata(Buffer.from(text), 'x');

describe('the sentinel of WAL-G', () => {
  it('is read with numbers of 64 bits', () => {
    const { startLsn, finishLsn, systemIdentifier, parent, version, times, size, storedSize } = sentinel(`{
      "LSN": 9223372036854775809, "DeltaLSN": 67108904, "DeltaFrom": "base_000000010000000000000004",
      "DeltaFullName": "base_000000010000000000000004", "DeltaCount": 1, "PgVersion": 150004,
      "FinishLSN": 18446744073709551615, "SystemIdentifier": 7444444444444444447, "UncompressedSize": 5,
      "CompressedSize": 7, "UserData": {"LSN": 5}, "ChkpNum": null, "Version": 2,
      "StartTime": "2026-11-26T13:09:08.123456789+02:00", "FinishTime": "2026-11-26T11:09:09Z"}`);
    expect([startLsn, finishLsn, systemIdentifier]).toEqual([
      2n ** 63n + 1n,
      2n ** 64n - 1n,
      7444444444444444447n,
    ]);
    expect(parent).toEqual({ name: 'base_000000010000000000000004', startLsn: 67108904n });
    expect([version, size, storedSize]).toEqual([15, undefined, 7]);
    expect(formatTimestampIso(times.start!)).toBe('2026-11-26T11:09:08.123456Z');
    expect(formatTimestampIso(times.finish!)).toBe('2026-11-26T11:09:09.000000Z');
  });

  it('of old versions is read', () => {
    const old = sentinel(
      '{"LSN": 5, "DeltaFromLSN": 3, "DeltaFrom": "a", "Files": {"/base/1/1": {"IsSkipped": true}}, "PgVersion": 100001}',
    );
    expect(old.parent).toEqual({ name: 'a', startLsn: 3n });
    expect(old.files?.states).toEqual(new Map([['base/1/1', 'unchanged']]));
    expect(sentinel('{}')).toMatchObject({
      startLsn: undefined,
      version: undefined,
      times: { start: undefined },
    });
    expect(sentinel('{"StartTime": "0001-01-01T00:00:00Z", "UncompressedSize": 5}')).toMatchObject({
      times: { start: undefined },
      size: 5,
    });
  });

  it.each([
    ['', 'not valid JSON'],
    ['{"LSN": 5', 'not valid JSON'],
    ['[]', 'no JSON object'],
    ['{"LSN": 18446744073709551616}', 'LSN is no number of 64 bits'],
    ['{"LSN": -1}', 'LSN is no number of 64 bits'],
    ['{"SystemIdentifier": 1.5}', 'SystemIdentifier is no number of 64 bits'],
    ['{"LSN": {}}', 'LSN is no number of 64 bits'],
    ['{"DeltaFrom": 5}', 'DeltaFrom is no name'],
    ['{"Files": {"a": 5}}', 'Files holds no objects'],
  ])('%j is refused', (text, why) => {
    expect(() => sentinel(text)).toThrow(
      expect.objectContaining({ code: 'bad-repository', message: expect.stringContaining(why) }),
    );
  });
});

describe('files_metadata.json of WAL-G', () => {
  it('tells what became of a file, and where it is', () => {
    const { states, tars } = files(`{"Files": {
      "/base/1/1": {"IsIncremented": true, "IsSkipped": false, "MTime": "2026-11-26T11:09:09Z", "UpdatesCount": 0},
      "base/1/2": {}, "__proto__": {"IsSkipped": true}},
      "TarFileSets": {"part_001.tar.br": ["/base/1/1", "./base/1/2"], "": []}}`);
    expect([...states]).toEqual([
      ['base/1/1', 'increment'],
      ['base/1/2', 'whole'],
      ['__proto__', 'unchanged'],
    ]);
    expect(tars.get('part_001.tar.br')).toEqual(['base/1/1', 'base/1/2']);
    expect(files('{}')).toEqual({ states: new Map(), tars: new Map() });
    expect(files('{"Files": null, "TarFileSets": null}')).toEqual({ states: new Map(), tars: new Map() });
  });

  it.each([
    '{"Files": []}',
    '{"TarFileSets": {"a": "b"}}',
    '{"TarFileSets": {"a": [5]}}',
    '{"TarFileSets": 5}',
  ])('%j is refused', (text) => {
    expect(() => files(text)).toThrow(expect.objectContaining({ code: 'bad-repository' }));
  });
});

it('what tells of more files than fit into memory says what to do', () => {
  const bytes = Buffer.from(`{"Files":{${'"a":{},'.repeat(1_200_000)}"b":{}}}`);
  expect(() => parseFilesMetadata(bytes, 'x')).toThrow(
    expect.objectContaining({
      code: 'file-too-large',
      message: expect.stringMatching(/^x tells of more files .* wal-g backup-fetch/),
    }),
  );
});
