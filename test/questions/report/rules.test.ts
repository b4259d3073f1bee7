import { describe, expect, it } from 'vitest';
import { readReport } from '../../../src/node/questions.js';
import { type ReportJson, reportJson, type WalReportJson } from '../../../src/questions/report/json.js';
import { OverTime } from '../../../src/questions/report/over-time.js';
import { filesOf, folderOf } from '../../support/folder.js';
import { LongArchive, SECOND } from '../../support/long-archive.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import { abort, assign, commit, filler, insert, prepare, rel } from '../../support/workload.js';

const T0 = 800_000_000n * SECOND;
const at = (seconds: number): bigint => T0 + BigInt(seconds) * SECOND;

const read = async (inputs: Parameters<typeof readReport>[0]): Promise<ReportJson> =>
  reportJson(await readReport(inputs, { minRows: 1 }));

/** What WAL of these records comes to. */
async function walOf(records: readonly RecordInput[]): Promise<WalReportJson> {
  const writer = new WalWriter({ version: 15 });
  for (const record of records) writer.append(record);
  return (await read(folderOf(filesOf(writer.segments)))).wal;
}

const restorePoint = (name: string, time: bigint): RecordInput => {
  const main = new Uint8Array(72);
  new DataView(main.buffer).setBigInt64(0, time, true);
  main.set(new TextEncoder().encode(name), 8);
  return { rmid: 0, info: 0x70, main };
};

/** Seconds since 1970, as `pg_time_t` has them. */
const UNIX_AT_2000 = 946_684_800n;

const checkpoint = (redo: bigint, time: bigint): RecordInput => {
  const main = new Uint8Array(88);
  const view = new DataView(main.buffer);
  view.setBigUint64(0, redo, true);
  view.setUint32(8, 1, true);
  view.setUint32(12, 1, true);
  view.setBigInt64(64, time / SECOND + UNIX_AT_2000, true);
  return { rmid: 0, info: 0x10, main };
};

describe('transactions', () => {
  it('have what their subtransactions wrote', async () => {
    const { transactions } = await walOf([
      ...[insert(700), insert(701), insert(702), assign(700, [701])],
      ...[insert(703), commit(703, at(1)), insert(702), commit(700, at(2), { subxacts: [701, 702] })],
    ]);
    expect(transactions.largest.map(({ xid, records, state }) => [xid, records, state])).toEqual([
      [700, 6, 'committed'],
      [703, 2, 'committed'],
    ]);
  });

  it('are summed up over many segments, and told to be open where no end is there', async () => {
    const records = Array.from({ length: 40 }, () => [insert(700), filler(100_000)]).flat();
    const { transactions, segments } = await walOf([
      ...[...records, commit(700, at(1))],
      ...[insert(800), insert(801), abort(801, at(2)), insert(802), prepare(802, at(3))],
    ]);
    expect(segments).toBeGreaterThan(3);
    const told = transactions.largest.map(({ xid, records, state }) => [xid, records, state]);
    expect(told[0]).toEqual([700, 41, 'committed']);
    expect(told).toContainEqual([800, 1, 'open']);
    expect(told).toContainEqual([801, 2, 'aborted']);
    expect(told.find(([xid]) => xid === 802)?.[2]).toBe('prepared');
  });

  it('are no more than a hundred, the largest', async () => {
    const records = Array.from({ length: 500 }, (_, i) => [
      ...Array.from({ length: 1 + (i % 250) }, () => insert(1000 + i)),
      commit(1000 + i, at(i)),
    ]).flat();
    const { largest, others } = (await walOf(records)).transactions;
    expect(largest).toHaveLength(100);
    expect(largest[0].records).toBe(251);
    expect(largest[99].records).toBe(202);
    expect(others.transactions).toBe(400);
  });
});

describe('time', () => {
  it('is that of the next end of a transaction', async () => {
    const { overTime } = await walOf([
      ...[insert(700), commit(700, at(0)), insert(701), insert(701), commit(701, at(3)), filler(10)],
    ]);
    expect(overTime).toMatchObject({
      stepSeconds: 1,
      steps: 4,
      commits: [1, 0, 0, 1],
      records: [2, 0, 0, 4],
    });
  });

  it('passes over times that are none, and leaves out what is far off', async () => {
    const usual = Array.from({ length: 500 }, (_, i) => [insert(700 + i), commit(700 + i, at(i))]).flat();
    const { overTime } = await walOf([
      ...usual,
      ...[insert(1300), commit(1300, 2n ** 63n - 1n), insert(1301), commit(1301, -(2n ** 63n))],
      ...[insert(1302), commit(1302, at(500))],
      ...[insert(1303), commit(1303, at(3_000_000_000)), insert(1304), commit(1304, at(501))],
    ]);
    expect(overTime).toMatchObject({ stepSeconds: 1, steps: 502 });
    expect(overTime!.commits.slice(-2)).toEqual([3, 1]);
    expect(overTime!.elsewhere).toMatchObject({ records: 2 });
  });

  it('has no more than a thousand steps, whatever the times are', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => {
      const time = ((BigInt(i) * 0x9e37_79b9_7f4a_7c15n) % 2n ** 63n) - (i % 2 === 0 ? 0n : 2n ** 57n);
      return commit(700 + i, time);
    });
    const { overTime } = await walOf(records);
    expect(overTime!.steps).toBeLessThanOrEqual(1000);
    expect(overTime!.records.reduce((a, b) => a + b)).toBeGreaterThan(4000);
  });

  it('is joined to the same, wherever parts begin', () => {
    const told = [5, 3, 9, 9, 40, 41, 39, 500].map((seconds, i) => {
      return { time: seconds * 1e6, isBeginning: i % 3 === 2 };
    });
    const split = (size: number): unknown => {
      const all = new OverTime(Number.NEGATIVE_INFINITY);
      for (let from = 0; from < told.length; from += size) {
        const one = new OverTime(undefined);
        for (const { time, isBeginning } of told.slice(from, from + size)) {
          one.pending.records++;
          if (isBeginning) one.tellBeginning(time);
          else one.tell(time);
        }
        all.add(one.build());
      }
      return all.finish();
    };
    for (const size of [1, 2, 3, 5]) expect(split(size)).toEqual(split(8));
  });

  it('tells where the clock was set back, once for each time', async () => {
    const { clockSteps } = await walOf([
      ...[commit(700, at(100)), commit(701, at(95)), commit(702, at(101))],
      ...[commit(703, at(20)), commit(704, at(19)), commit(705, at(30))],
    ]);
    expect(clockSteps).toHaveLength(1);
    const [{ from, to }] = clockSteps;
    expect(Date.parse(from) - Date.parse(to)).toBe(81_000);
  });
});

describe('what else the WAL tells', () => {
  it('is what each checkpoint has after its redo position', async () => {
    const writer = new WalWriter({ version: 17 });
    const redoRecord: RecordInput = { rmid: 0, info: 0xe0, main: new Uint8Array(4) };
    writer.append(insert(700));
    const first = writer.append(redoRecord);
    writer.append(insert(700));
    writer.append(checkpoint(first.lsn, at(0)));
    for (let i = 0; i < 10; i++) writer.append(insert(700));
    const second = writer.append(redoRecord);
    for (let i = 0; i < 5; i++) writer.append(insert(700));
    writer.append(checkpoint(second.lsn, at(60)));
    writer.append(insert(700));
    const { wal } = await read(folderOf(filesOf(writer.segments)));
    expect(wal.checkpoints.map(({ after, kind }) => [after.records, kind])).toEqual([
      [8, 'online'],
      [13, 'online'],
    ]);
  });

  it('are restore points, of any name', async () => {
    const name = '<b>\u202e&"';
    const { restorePoints } = await walOf([restorePoint(name, at(5)), insert(700)]);
    expect(restorePoints.map((one) => one.name)).toEqual([name]);
  });

  it('are relations, the smallest put together', async () => {
    const records = Array.from({ length: 700 }, (_, i) => [
      ...(i < 10 ? [insert(700, { rel: rel(20_000 + i) })] : []),
      insert(700, { rel: rel(20_000 + i) }),
    ]).flat();
    const { largest, others, exact } = (await walOf(records)).relations;
    expect(largest).toHaveLength(500);
    expect(largest.filter((one) => one.records === 2)).toHaveLength(10);
    expect(others).toMatchObject({ relations: 200, records: 200 });
    expect(exact).toBe(true);
  });
});

it('of a year, with many gaps, is no larger than can be sent', async () => {
  const missing = Array.from({ length: 700 }, (_, i) => 5 * i + 3);
  const archive = new LongArchive({ segments: 4000, secondsEach: 7884, missing });
  const report = await read(archive.folder);
  expect(JSON.stringify(report).length).toBeLessThan(1_500_000);
  expect(report.leftOut).toContainEqual({ list: 'archive.wal.runs', count: 451 });
  expect(report.wal.overTime!.steps).toBeLessThanOrEqual(1000);
  expect(report.wal.overTime!.steps).toBeGreaterThan(300);
});

describe('times at which no transaction ended', () => {
  const of = async (since: bigint | undefined, until: bigint | undefined): Promise<WalReportJson> => {
    const writer = new WalWriter({ version: 15 });
    for (const [i, seconds] of [0, 10, 20].entries()) {
      writer.append(insert(700 + i));
      writer.append(commit(700 + i, at(seconds)));
    }
    const folder = folderOf(filesOf(writer.segments));
    return reportJson(await readReport(folder, { minRows: 1, since, until })).wal;
  };
  const seconds = (end: { time: string } | null): number | null =>
    end && (Date.parse(end.time) - Date.parse('2000-01-01T00:00:00Z')) / 1000 - Number(T0 / SECOND);

  it.each([
    ['after all', at(21), undefined, 20, null],
    ['before all', undefined, at(-1), null, 0],
    ['between two', at(11), at(19), 10, 20],
  ])('%s: the nearest are told', async (_, since, until, before, after) => {
    const { nearest } = await of(since, until);
    expect([seconds(nearest!.before), seconds(nearest!.after)]).toEqual([before, after]);
  });

  it('are not those at which one did', async () => {
    for (const [since, until] of [
      [undefined, undefined],
      [at(10), at(10)],
      [at(20), undefined],
      [undefined, at(0)],
    ]) {
      expect((await of(since, until)).nearest).toBeNull();
    }
  });
});
