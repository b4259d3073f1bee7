import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBackupHistory, parseBackupLabel } from '../../src/cluster/backup-label.js';
import { WalError } from '../../src/wal/error.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const SEGMENT_2 = '000000010000000000000002';

describe.each(readdirSync('testdata/lab').map(Number))('the files of PostgreSQL %i', (version) => {
  const common = {
    startLsn: 0x2000028n,
    startFile: SEGMENT_2,
    startTimeline: 1,
    checkpointLsn: version < 17 ? 0x2000060n : 0x2000080n,
    method: 'streamed',
    from: 'primary',
    startTime: expect.stringMatching(/^2026-11-22 \d\d:\d\d:\d\d UTC$/),
    label: 'pg_basebackup base backup',
    incrementalFrom: undefined,
  };

  it('backup_label', () => {
    expect(parseBackupLabel(readFileSync(`testdata/lab/${version}/backup_label`))).toEqual(common);
  });

  it('.backup', () => {
    const file = gunzipSync(readFileSync(`testdata/lab/${version}/${SEGMENT_2}.00000028.backup.gz`));
    expect(parseBackupHistory(file)).toEqual({
      ...common,
      stopLsn: version < 17 ? 0x2000100n : version < 19 ? 0x2000120n : 0x2000128n,
      stopFile: SEGMENT_2,
      stopTime: expect.stringMatching(/^2026-11-22 \d\d:\d\d:\d\d UTC$/),
      stopTimeline: 1,
    });
  });
});

describe('parseBackupHistory', () => {
  // PostgreSQL 10, which has no timeline lines
  const text = `START WAL LOCATION: 0/3000028 (file 000000010000000000000003)
STOP WAL LOCATION: 0/30000F8 (file 000000010000000000000003)
CHECKPOINT LOCATION: 0/3000060
BACKUP METHOD: streamed
BACKUP FROM: master
START TIME: 2026-11-22 10:07:21 UTC
LABEL: pg_basebackup base backup
STOP TIME: 2026-11-22 10:07:21 UTC
`;

  it('reads the file of PostgreSQL 10', () => {
    expect(parseBackupHistory(bytes(text))).toEqual({
      startLsn: 0x3000028n,
      startFile: '000000010000000000000003',
      startTimeline: 1,
      checkpointLsn: 0x3000060n,
      method: 'streamed',
      from: 'primary',
      startTime: '2026-11-22 10:07:21 UTC',
      label: 'pg_basebackup base backup',
      incrementalFrom: undefined,
      stopLsn: 0x30000f8n,
      stopFile: '000000010000000000000003',
      stopTime: '2026-11-22 10:07:21 UTC',
      stopTimeline: undefined,
    });
  });

  it('refuses a backup_label, which has no end', () => {
    const label = text.replace(/^STOP.*\n/gm, '');
    expect(() => parseBackupHistory(bytes(label))).toThrow('it has no STOP WAL LOCATION');
  });
});

describe('parseBackupLabel', () => {
  const minimal = `START WAL LOCATION: A/2000028 (file 000000030000000A00000002)\nCHECKPOINT LOCATION: A/2000060\n`;

  it('needs no more than start and checkpoint', () => {
    expect(parseBackupLabel(bytes(minimal))).toEqual({
      startLsn: 0xa02000028n,
      startFile: '000000030000000A00000002',
      startTimeline: 3,
      checkpointLsn: 0xa02000060n,
      method: undefined,
      from: undefined,
      startTime: undefined,
      label: undefined,
      incrementalFrom: undefined,
    });
  });

  it('reads on what an incremental backup builds', () => {
    const text = `${minimal}START TIMELINE: 3\nINCREMENTAL FROM LSN: 9/28\nINCREMENTAL FROM TLI: 2\n`;
    expect(parseBackupLabel(bytes(text)).incrementalFrom).toEqual({ lsn: 0x900000028n, timeline: 2 });
  });

  it('takes the label as it is', () => {
    const text = `${minimal}BACKUP FROM: standby\nLABEL: nightly: A/B (file x) ñ\n`;
    expect(parseBackupLabel(bytes(text))).toMatchObject({
      from: 'standby',
      label: 'nightly: A/B (file x) ñ',
    });
  });

  it.each([
    ['', 'it has no START WAL LOCATION'],
    [minimal.replace('A/2000028', 'A-2000028'), 'START WAL LOCATION is no LSN with a file'],
    [minimal.replace('00000002)', '00000002'), 'START WAL LOCATION is no LSN with a file'],
    [minimal.replace('\n', '\r\n'), 'its lines end in CR LF'],
    [minimal.replace(/CHECK.*\n/, ''), 'it has no CHECKPOINT LOCATION'],
    [minimal.replace('A/2000060', 'here'), 'CHECKPOINT LOCATION is no LSN: here'],
    [`\n${minimal}`, 'must be its first line'],
    [`\ufeff${minimal}`, 'it begins with a byte order mark'],
    [`LABEL: x\n${minimal}`, 'must be its first line'],
    [
      minimal.replace('CHECK', 'STOP WAL LOCATION: A/2 (file 000000030000000A00000002)\nCHECK'),
      'must be its',
    ],
    [minimal.trimEnd(), 'must be its first line'],
    [`${minimal}START TIMELINE: 4\n`, 'timeline ID parsed is 4, but expected 3'],
    [`${minimal}START TIMELINE: x\n`, 'START TIMELINE is no timeline ID: x'],
    [`${minimal}INCREMENTAL FROM LSN: 9/28\n`, 'only one of'],
  ])('refuses %j', (text, message) => {
    expect(() => parseBackupLabel(bytes(text), 'f')).toThrow(
      expect.objectContaining({
        code: 'bad-backup-label',
        file: 'f',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('throws nothing but WalError on mutated text', () => {
    const file = readFileSync('testdata/lab/18/backup_label');
    const mutation = fc.tuple(fc.nat(file.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(mutation, { maxLength: 8 }), (mutations) => {
        const mutated = Uint8Array.from(file);
        for (const [at, value] of mutations) mutated[at] = value;
        try {
          parseBackupLabel(mutated);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      }),
    );
  });
});
