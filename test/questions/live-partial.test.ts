import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { examineArchive, findCommit, findIncidents, recoverRows } from '../../src/node/questions.js';
import { UTC } from '../../src/text/timezone.js';
import { formatLsn } from '../../src/wal/lsn.js';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';

/**
 * What PostgreSQL 15's pg_receivewal was writing to when it was killed: six transactions that inserted 1000 rows each,
 * then 731+1 that deleted. How much is whole in what `gunzip` and `lz4 -dc` make of it, pg_waldump told of the segment
 * as it was archived later.
 */
const LIVE = [
  { form: 'gz', records: 5140, commits: 5, lastRecord: '0/00750830', end: '0/00750870' },
  { form: 'lz4', records: 6145, commits: 6, lastRecord: '0/0075FFB0', end: '0/0075FFE8' },
];
const SEGMENT = '000000010000000000000007';
const COLUMNS = 'i int';

describe.each(LIVE)('a live .$form.partial', ({ form, records, commits, lastRecord, end }) => {
  const folder = `testdata/partial/15/${form}`;
  const file = join(folder, `${SEGMENT}.${form}.partial`);

  it('is no damage to archive, which reads all records that are whole in it', async () => {
    const { problems, timelines } = await examineArchive([folder]);
    expect(problems).toEqual([]);
    expect(timelines[0].runs[0].content).toMatchObject({ records, commits });
    expect(formatLsn(timelines[0].runs[0].content!.lastRecordEnd!)).toBe(end);
  });

  it('is none to find-commit, incidents and rows', async () => {
    const { problems, endLsn } = await findCommit([folder], { relation: '16384' });
    expect([problems, formatLsn(endLsn!)]).toEqual([[], end]);
    expect((await findIncidents([folder], { minRows: 1 })).problems).toEqual([]);
    const rows = await recoverRows([folder], {
      relation: { relNumber: 16384 },
      columns: COLUMNS,
      question: { kind: 'as-of', target: { kind: 'latest' } },
      timezone: UTC,
    });
    expect(rows.problems).toEqual([]);
    rows.close();
  });

  it.each([[folder], [file]])('is dumped up to there: %s', async (path) => {
    const { stdout } = await runCli(['dump', path]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(records);
    expect(lines.at(-1)).toContain(`lsn: ${lastRecord},`);
  });

  it('is damage where the file is called as a whole one', async () => {
    const whole = folderOf({});
    copyFileSync(file, join(whole, `${SEGMENT}.${form}`));
    expect((await examineArchive([whole])).problems.map(({ code }) => code)).toEqual(['corrupt-compression']);
    const { problems } = await findCommit([whole], { relation: '16384' });
    expect(problems.map(({ code }) => code)).toContain('corrupt-compression');
  });

  it.each([0, 10, 30])('has no WAL yet with %i bytes', async (size) => {
    const young = folderOf({});
    copyFileSync(file, join(young, `${SEGMENT}.${form}.partial`));
    truncateSync(join(young, `${SEGMENT}.${form}.partial`), size);
    writeFileSync(join(young, '000000010000000000000006'), segmentSix());
    const { problems, unused } = await examineArchive([young]);
    expect(problems).toEqual([]);
    expect(unused).toMatchObject([{ segment: SEGMENT, reason: 'empty' }]);
    expect((await findCommit([young], { relation: '16384' })).problems).toEqual([]);
  });
});

/** The segment before: the same WAL, said to be of that place, so that it ends at its first page. */
function segmentSix(): Uint8Array {
  const packed = readFileSync(`testdata/partial/15/gz/${SEGMENT}.gz.partial`);
  const bytes = Buffer.alloc(1024 * 1024);
  gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH }).copy(bytes, 0, 0, 8192);
  bytes.writeBigUInt64LE(0x600000n, 8);
  return bytes.fill(0, 40);
}
