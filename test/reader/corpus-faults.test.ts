import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCommitInPaths } from '../../src/input/find-commit.js';
import { memorySource } from '../../src/input/source.js';
import { faultMessage } from '../../src/reader/fault.js';
import { openNextSegment, openSegment, type Segment } from '../../src/reader/segment.js';
import { WalReader } from '../../src/reader/wal-reader.js';
import { WalError } from '../../src/wal/error.js';
import { formatLsn, parseLsn } from '../../src/wal/lsn.js';
import { readTestdata, segmentPaths } from '../support/testdata.js';

/** Damaged input, and what `pg_waldump` made of it. */
interface Case {
  name: string;
  version: number;
  files: { name: string; bytes: Uint8Array }[];
  /** LSN of each record that it printed; undefined where its output is not kept. */
  records: string[] | undefined;
  error: string;
}

const ROOT = 'testdata/faults';

const cases = readdirSync(ROOT).flatMap((version) =>
  readdirSync(`${ROOT}/${version}`).map((name) => caseOf(Number(version), name)),
);

function caseOf(version: number, name: string): Case {
  const folder = `${ROOT}/${version}/${name}`;
  const paths = segmentPaths(folder);
  const text = `${folder}/expected.txt.gz`;
  return {
    name: `${name} on ${version}`,
    version,
    files: existsSync(`${folder}/patch.txt`)
      ? [patched(folder)]
      : paths.map((path) => ({ name: basename(path, '.gz'), bytes: readTestdata(path) })),
    records: existsSync(text)
      ? Array.from(
          readTestdata(text)
            .toString('latin1')
            .matchAll(/, lsn: (\S+),/g),
          ([, lsn]) => lsn,
        )
      : undefined,
    error: readFileSync(`${folder}/expected.err`, 'utf8'),
  };
}

/** Some of the cases differ in a few bytes from a segment that another one has whole. */
function patched(folder: string): Case['files'][number] {
  const [offset, hex] = readFileSync(`${folder}/patch.txt`, 'utf8').trim().split(' ');
  const name = '000000010000000000000010';
  const bytes = readTestdata(`${folder}/../zero-next/${name}.gz`);
  bytes.set(Buffer.from(hex, 'hex'), Number(offset));
  return { name, bytes };
}

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
    const { problems, segments } = await findCommitInPaths(sources, { relation: '1259' });
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
    const refusal = findCommitInPaths(sources, { relation: '1259' });
    await expect(refusal).rejects.toBeInstanceOf(WalError);
    await expect(refusal).rejects.toMatchObject({ file: files[0].name });
  });
});

it('covers every kind of damage', () => {
  expect(cases.length).toBeGreaterThanOrEqual(15);
});
