import { describe, expect, it } from 'vitest';
import { parseBackupInfo } from '../../../src/repos/barman/backup-info.js';

const parse = (...lines: string[]) => parseBackupInfo(lines.join('\n'), 'base/1/backup.info');

describe('a backup.info of Barman', () => {
  it('tells what it knows, and None is nothing', () => {
    const info = parse(
      "backup_label='START WAL LOCATION: 0/B000028 (file 00000001000000000000000B)\\n'",
      'begin_time=2026-11-26 11:13:55.441796+00:00',
      'begin_xlog=0/B000028',
      'compression=None',
      'deduplicated_size=3859497',
      'end_time=2026-11-26 12:14:00+01:00',
      'end_xlog=0/C000000',
      'mode=postgres',
      'parent_backup_id=20261126T101010',
      'server_name=blz4',
      'size=3859498',
      'status=DONE',
      'systemid=7712436560149185010',
      "tablespaces=[('ts1', 16384, '/srv/pg/17/ts1'), (\"it's\", 16385, '/srv/\\xe4\\\\')]",
      'timeline=2',
      'version=170012',
    );
    expect(info).toEqual({
      status: 'DONE',
      error: undefined,
      serverName: 'blz4',
      mode: 'postgres',
      parent: '20261126T101010',
      encryption: undefined,
      compression: undefined,
      version: 17,
      systemIdentifier: 7712436560149185010n,
      timeline: 2,
      startLsn: 0xb000028n,
      endLsn: 0xc000000n,
      startTime: microseconds('2026-11-26T11:13:55Z') + 441_796n,
      endTime: microseconds('2026-11-26T11:14:00Z'),
      size: 3_859_498,
      ownSize: 3_859_497,
      tablespaces: [
        { name: 'ts1', oid: 16384, path: '/srv/pg/17/ts1' },
        { name: "it's", oid: 16385, path: '/srv/ä\\' },
      ],
    });
  });

  it('tells no moment where no zone is written', () => {
    expect(parse('status=DONE', 'begin_time=Thu Nov 26 11:10:16 2026').startTime).toBeUndefined();
    expect(parse('status=DONE', 'begin_time=2026-11-26 11:10:16').startTime).toBeUndefined();
  });

  it.each([
    ['begin_time=now', 'it has no status'],
    ['no line of it', 'it has a line without "="'],
    ['status=DONE\nbegin_xlog=here', 'its begin_xlog cannot be understood'],
    ['status=DONE\nsize=1e9', 'its size cannot be understood'],
    ["status=DONE\ntablespaces=[('a', 1)]", 'its tablespaces cannot be understood'],
    [`status=DONE\ntablespaces=[${' '.repeat(100_000)}`, 'its tablespaces cannot be understood'],
  ])('is refused where it is %.40j', (text, why) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'bad-repository',
        file: 'base/1/backup.info',
        message: `base/1/backup.info is no backup.info of Barman: ${why}`,
      }),
    );
  });
});

const microseconds = (time: string): bigint => (BigInt(Date.parse(time)) - 946_684_800_000n) * 1000n;
