import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  historyFileName,
  parseHistory,
  parseHistoryFileName,
  timelineHistory,
  tliInHistory,
  tliOfPointInHistory,
  tliSwitchPoint,
} from '../../src/cluster/history.js';
import { WalError } from '../../src/wal/error.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('file names', () => {
  it('are eight hexadecimal digits', () => {
    expect(historyFileName(0x1a)).toBe('0000001A.history');
    expect(parseHistoryFileName('0000001A.history')).toBe(26);
  });

  it.each(['1A.history', '0000001a.history', '0000001A.history.gz', '000000010000000000000002'])(
    'are not %s',
    (name) => {
      expect(parseHistoryFileName(name)).toBeUndefined();
    },
  );
});

describe('parseHistory', () => {
  it.each(readdirSync('testdata/lab'))('reads what PostgreSQL %s archived', (version) => {
    const file = gunzipSync(readFileSync(`testdata/lab/${version}/00000002.history.gz`));
    expect(parseHistory(file, 2)).toEqual([
      { timeline: 1, switchLsn: 0x4000290n, reason: expect.stringMatching(/^before transaction \d+$/) },
    ]);
  });

  it('passes over comments and empty lines, and takes any white space', () => {
    const text =
      '# made by hand\n\n  1\t0/4000290\tbefore 2026-11-22 10:12:37+00\r\n\t# more\n3 1/00000000\n';
    expect(parseHistory(bytes(text), 5)).toEqual([
      { timeline: 1, switchLsn: 0x4000290n, reason: 'before 2026-11-22 10:12:37+00' },
      { timeline: 3, switchLsn: 0x1_0000_0000n, reason: '' },
    ]);
  });

  it('takes what a restore point may be called with for the reason', () => {
    expect(parseHistory(bytes('1\t0/4000290\tat restore point "a\rb\u2028c"\n'), 2)).toEqual([
      { timeline: 1, switchLsn: 0x4000290n, reason: 'at restore point "a\rb\u2028c"' },
    ]);
  });

  it.each([
    ['one\t0/4000290\tx', 'syntax error in history file: one\t0/4000290\tx: expected a numeric timeline ID'],
    ['\ufeff1\t0/4000290\tx', 'expected a numeric timeline ID'],
    ['\u00a01\t0/4000290\tx', 'expected a numeric timeline ID'],
    ['10/4000290', 'expected a write-ahead log switchpoint location'],
    ['1\u00a00/4000290\tx', 'expected a write-ahead log switchpoint location'],
    ['1\t0/\tx', 'expected a write-ahead log switchpoint location'],
    ['1\t0/123456789\tx', 'expected a write-ahead log switchpoint location'],
    ['4294967296\t0/1\tx', 'expected a numeric timeline ID'],
    ['2\t0/1\tx\n2\t0/2\tx', 'timeline IDs must be in increasing sequence'],
    ['5\t0/1\tx', `"00000005.history": timeline IDs must be less than child timeline's ID`],
  ])('refuses %j', (text, message) => {
    expect(() => parseHistory(bytes(text), 5, 'f')).toThrow(
      expect.objectContaining({ code: 'bad-history', file: 'f', message: expect.stringContaining(message) }),
    );
  });

  it('throws nothing but WalError on any bytes', () => {
    const piece = fc.constantFrom('1', '\t', '0/4000290', '\n', '2', '#', 'FFFFFFFF/FFFFFFFF', 'before');
    const text = fc.array(piece, { maxLength: 12 }).map((parts) => bytes(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), text), (data) => {
        try {
          parseHistory(data, 3);
        } catch (error) {
          expect(error).toBeInstanceOf(WalError);
        }
      }),
    );
  });
});

describe('the history of timeline 5, which left 3 at 0/500, which left 1 at 0/300', () => {
  const history = timelineHistory(5, parseHistory(bytes('1\t0/300\tx\n3\t0/500\tx\n'), 5));

  it('is newest first', () => {
    expect(history).toEqual([
      { timeline: 5, begin: 0x500n, end: undefined },
      { timeline: 3, begin: 0x300n, end: 0x500n },
      { timeline: 1, begin: 0n, end: 0x300n },
    ]);
  });

  it.each([
    [0n, 1],
    [0x2ffn, 1],
    [0x300n, 3],
    [0x4ffn, 3],
    [0x500n, 5],
    [2n ** 63n, 5],
  ])('has LSN %s on timeline %s', (lsn, timeline) => {
    expect(tliOfPointInHistory(history, lsn)).toBe(timeline);
  });

  it('knows its timelines', () => {
    expect([1, 2, 3, 5, 6].filter((timeline) => tliInHistory(history, timeline))).toEqual([1, 3, 5]);
  });

  it('knows where each was left, and for which', () => {
    expect(tliSwitchPoint(history, 1)).toEqual({ switchLsn: 0x300n, nextTimeline: 3 });
    expect(tliSwitchPoint(history, 3)).toEqual({ switchLsn: 0x500n, nextTimeline: 5 });
    expect(tliSwitchPoint(history, 5)).toEqual({ switchLsn: undefined, nextTimeline: undefined });
    expect(() => tliSwitchPoint(history, 2)).toThrow("requested timeline 2 is not in this server's history");
  });
});

describe('timelineHistory', () => {
  it('takes a timeline without a history file to have no parents', () => {
    expect(timelineHistory(4, undefined)).toEqual([{ timeline: 4, begin: 0n, end: undefined }]);
  });

  it('gives timeline 1 none', () => {
    const switches = [{ timeline: 1, switchLsn: 0x300n, reason: '' }];
    expect(timelineHistory(1, switches)).toEqual([{ timeline: 1, begin: 0n, end: undefined }]);
  });

  it('takes time as its length does', () => {
    const switches = Array.from({ length: 300_000 }, (_, i) => ({
      timeline: i + 1,
      switchLsn: BigInt(i),
      reason: '',
    }));
    const started = performance.now();
    expect(timelineHistory(300_001, switches)).toHaveLength(300_001);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('is read whatever the reason has in it, in no more time than its length calls for', () => {
    const reason = `at restore point "a\u2028b\rc${' '.repeat(250_000)}d"`;
    expect(parseHistory(bytes(` 1\t0/500\t${reason}\t\r\n`), 2)).toEqual([
      { timeline: 1, switchLsn: 0x500n, reason },
    ]);
  });

  it('has points on no timeline where switch points do not ascend', () => {
    const history = timelineHistory(3, parseHistory(bytes('1\t0/500\tx\n2\t0/300\tx\n'), 3));
    expect(tliOfPointInHistory(history, 0x400n)).toBe(3);
    expect(tliOfPointInHistory(history, 0x200n)).toBe(1);
  });
});
