import { describe, expect, it } from 'vitest';
import { findCommit } from '../../src/node/questions.js';
import { faultMessage } from '../../src/reader/fault.js';
import { openNextSegment, openSegment, type Segment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { WalError } from '../../src/wal/error.js';
import { formatLsn, parseLsn } from '../../src/wal/lsn.js';
import { type FaultCase, faultCases } from '../support/faults.js';

interface Case extends Omit<FaultCase, 'text'> {
  /** LSN of each record that was printed; undefined where the output is not kept. */
  records: string[] | undefined;
}

const cases: Case[] = faultCases.map(({ text, ...rest }) => ({
  ...rest,
  records: text === undefined ? undefined : Array.from(text.matchAll(/, lsn: (\S+),/g), ([, lsn]) => lsn),
}));

const isRefused = ({ error }: Case): boolean => /could not read file|invalid WAL segment size/.test(error);

describe.each(cases.filter((one) => !isRefused(one)))('$name', ({ version, files, records, error }) => {
  it('is read as far as PostgreSQL reads it, and named as PostgreSQL names it', () => {
    const reader = new WalReader();
    const found: string[] = [];
    let before: Segment | undefined;
    for (const { bytes } of files) {
      before = before === undefined ? openSegment(bytes) : openNextSegment(bytes, before);
      if (error.includes('could not find file')) before = openSegment(bytes);
      if (reader.fault !== undefined) break;
      reader.push(before);
      if (reader.gaps.length > 0) break;
      for (let record = reader.next(); record; record = reader.next()) found.push(formatLsn(record.lsn));
    }
    if (records !== undefined) expect(found).toEqual(records);
    const [, lastRecord, message] = /error in WAL record at (\S+): (.*)\n/.exec(error) ?? [];
    if (message !== undefined) {
      expect(faultMessage(reader.fault!, version, parseLsn(lastRecord))).toBe(message);
      expect(found.at(-1)).toBe(formatLsn(parseLsn(lastRecord)!));
    } else {
      expect(reader.fault?.kind ?? reader.gaps.length).toBe(error.includes('find file') ? 1 : 'short-file');
    }
  });

  it('is searched to its end, and damage is told from the end of WAL', async () => {
    const sources = files.map(({ name, bytes }) => memorySource(name, bytes));
    const { problems, segments } = await findCommit(sources, { relation: '1259' });
    expect(segments).toBeGreaterThan(0);
    // another segment's pages, and zeroes, where the next segment should be
    const isEnd = /0000 in .* offset 0\n|unexpected pageaddr 0\/.* offset 0\n/.test(error);
    expect(problems.map(({ lsn }) => lsn && formatLsn(lsn))).toEqual(isEnd ? [] : [lsnOfDamage(error)]);
  });
});

/** Of the record or page that the message names, or of the page that is not there. */
function lsnOfDamage(error: string): string {
  const [, named] = /(?:record at|LSN) (\S+?)(?:, offset \d+)?\n/.exec(error) ?? [];
  if (named !== undefined) return formatLsn(parseLsn(named)!);
  const [, segment, offset] = /(?:file|find file) "?([0-9A-F]{24})"?(?:, offset (\d+))?/.exec(error) ?? [];
  const start = BigInt(`0x${segment.slice(16)}`) << 20n;
  return formatLsn(start + BigInt(Math.trunc(Number(offset ?? 0) / 8192) * 8192));
}

describe.each(cases.filter(isRefused))('$name', ({ files, records }) => {
  it('is refused, as PostgreSQL refuses it', async () => {
    expect(records).toEqual([]);
    const sources = files.map(({ name, bytes }) => memorySource(name, bytes));
    const refusal = findCommit(sources, { relation: '1259' });
    await expect(refusal).rejects.toBeInstanceOf(WalError);
    await expect(refusal).rejects.toMatchObject({ file: files[0].name });
  });
});

it('covers every kind of damage', () => {
  expect(cases.length).toBeGreaterThanOrEqual(15);
});
