import { describe, expect, it } from 'vitest';
import type { FindCommitOptions } from '../../../src/questions/find-commit/ask.js';
import {
  type FindCommitJson,
  findCommitJson,
  type RelationJson,
} from '../../../src/questions/find-commit/json.js';
import { findCommit } from '../../../src/questions/portable.js';
import { formatLsn, type Lsn } from '../../../src/wal/lsn.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import {
  abort,
  assign,
  commit,
  confirm,
  copyRows,
  createFile,
  dropDatabase,
  emptyFile,
  endOfRecovery,
  filler,
  IS_PARTITION_MOVE,
  IS_SPECULATIVE,
  IS_SUPER,
  insert,
  lock,
  markDatabase,
  nameFile,
  onlineCheckpoint,
  pageImage,
  prepare,
  rel,
  remove,
  runningXacts,
  shutdownCheckpoint,
  switchSegment,
  TABLE,
  update,
} from '../../support/workload.js';

/** 2025-12-24 17:00:00 UTC and so many microseconds, as PostgreSQL counts. */
const at = (micros: number): bigint => 819_910_800_000_000n + BigInt(micros);

interface Answer {
  json: FindCommitJson;
  relation: RelationJson;
  /** LSN of the record given as number so-and-so. */
  lsn(index: number): string;
}

function write(records: RecordInput[], version = 17): WalWriter {
  const writer = new WalWriter({ version });
  for (const record of records) writer.append(record);
  return writer;
}

async function ask(writer: WalWriter, options: Partial<FindCommitOptions> = {}): Promise<Answer> {
  const result = await findCommit(writer.segments, { relation: '16386', ...options });
  const json = findCommitJson(result);
  return { json, relation: json.relations[0], lsn: (index) => formatLsn(writer.records[index].lsn) };
}

const answer = (...records: RecordInput[]): Promise<Answer> => ask(write(records));

const statuses = ({ transactions }: RelationJson): string[] =>
  transactions.map(({ xid, status, rows }) => {
    const counts = Object.entries(rows).filter(([, number]) => number > 0);
    return `${xid} ${status} ${counts.map(([what, number]) => `${number} ${what}`).join(' ')}`;
  });

describe('the last INSERT', () => {
  it('is the last record of a committed transaction, not the last to commit', async () => {
    const { relation, lsn } = await answer(
      insert(700, { block: 3, offset: 7 }),
      insert(701, { block: 4, offset: 9 }),
      commit(701, at(1)),
      commit(700, at(2)),
    );
    expect(relation.lastInsert).toEqual({
      lsn: lsn(1),
      xid: 701,
      block: 4,
      offset: 9,
      rows: 1,
      commit: { xid: 701, lsn: lsn(2), time: '2025-12-24T17:00:00.000001Z' },
    });
  });

  it('counts every row of a COPY, and points at its last one', async () => {
    const { relation } = await answer(
      copyRows(700, [1, 2, 3], { initPage: true }),
      copyRows(700, [4, 6, 9], { block: 0 }),
      commit(700, at(1)),
    );
    expect(relation.lastInsert).toMatchObject({ block: 0, offset: 9, rows: 6 });
    const onNewPage = await answer(
      copyRows(700, [1, 2, 3], { initPage: true, block: 5 }),
      commit(700, at(1)),
    );
    expect(onNewPage.relation.lastInsert).toMatchObject({ block: 5, offset: 3, rows: 3 });
  });

  it('is never one of an aborted, unfinished or prepared transaction', async () => {
    const { relation } = await answer(
      insert(700),
      commit(700, at(1)),
      insert(701),
      abort(701, at(2)),
      insert(702),
      insert(703),
      prepare(703, at(3)),
    );
    expect(relation.lastInsert?.xid).toBe(700);
    expect(statuses(relation)).toEqual([
      '700 committed 1 inserted',
      '701 aborted 1 inserted',
      '702 in-progress 1 inserted',
      '703 prepared 1 inserted',
    ]);
  });

  it('is no UPDATE and no tuple lock', async () => {
    const { relation } = await answer(update(700), update(700, { hot: true }), lock(701), commit(700, at(1)));
    expect(relation.lastInsert).toBeNull();
    expect(statuses(relation)).toEqual(['700 committed 2 updated']);
    expect(relation.recoveryTarget).toBeNull();
  });
});

describe('the last DELETE', () => {
  it('is the committed transaction that commits last, with its rows and its first and last record', async () => {
    const { relation, lsn } = await answer(
      remove(700),
      remove(701),
      commit(701, at(1)),
      remove(700),
      filler(10),
      commit(700, at(2)),
      remove(702),
      abort(702, at(3)),
    );
    expect(relation.lastDelete).toEqual({
      firstLsn: lsn(0),
      lsn: lsn(3),
      xid: 700,
      rows: 2,
      commit: { xid: 700, lsn: lsn(5), time: '2025-12-24T17:00:00.000002Z' },
    });
  });

  it('is not the withdrawal of a speculative insertion, which inserts nothing either', async () => {
    const { relation, lsn } = await answer(
      insert(700, { offset: 1, flags: IS_SPECULATIVE }),
      confirm(700),
      insert(700, { offset: 2, flags: IS_SPECULATIVE }),
      remove(700, { offset: 2, flags: IS_SUPER }),
      commit(700, at(1)),
    );
    expect(relation.lastDelete).toBeNull();
    expect(relation.lastInsert).toMatchObject({ lsn: lsn(0), offset: 1, rows: 1 });
    expect(statuses(relation)).toEqual(['700 committed 1 inserted']);
  });

  it('is not a row’s move to another partition', async () => {
    const writer = write([
      remove(700, { flags: IS_PARTITION_MOVE }),
      insert(700, { rel: rel(16390) }),
      commit(700, at(1)),
    ]);
    const from = (await ask(writer)).relation;
    expect(from.lastDelete).toBeNull();
    expect(statuses(from)).toEqual(['700 committed 1 moved']);
    expect(statuses((await ask(writer, { relation: '16390' })).relation)).toEqual([
      '700 committed 1 inserted',
    ]);
  });
});

describe('transactions that changed rows', () => {
  /** As many that have ended, in another order than that of their first records; one is prepared, one goes on. */
  const work = (count: number): RecordInput[] => {
    const xids = Array.from({ length: count }, (_, i) => 1000 + i);
    const pairs = xids.flatMap((xid, i) => {
      const [first, second] = i % 2 === 0 ? [xid + 1, xid] : [xid - 1, xid];
      return i % 2 === 0
        ? [insert(xid), insert(xid + 1), commit(first, at(i))]
        : [abort(first, at(i)), lock(second)];
    });
    return [insert(700), prepare(700, at(0)), ...pairs, insert(900)];
  };

  it('are the newest hundred by their first record, and counted by what became of them', async () => {
    const { relation } = await answer(...work(3000));
    expect(relation.transactionCounts).toEqual({
      committed: 1500,
      aborted: 1500,
      prepared: 1,
      'in-progress': 1,
    });
    const newest = Array.from({ length: 99 }, (_, i) => 3901 + i);
    expect(relation.transactions.map(({ xid }) => xid)).toEqual([...newest, 900]);
  });

  it('are as many as are asked for', async () => {
    const writer = write(work(10));
    const xids = async (transactions: number | 'all'): Promise<number[]> =>
      (await ask(writer, { transactions })).relation.transactions.map(({ xid }) => xid);
    expect(await xids(3)).toEqual([1008, 1009, 900]);
    expect(await xids(0)).toEqual([]);
    expect(await xids('all')).toEqual([700, ...Array.from({ length: 10 }, (_, i) => 1000 + i), 900]);
    const [{ unended }] = (await findCommit(writer.segments, { relation: '16386', transactions: 1 }))
      .relations;
    expect(unended.map(({ xid, status }) => `${xid} ${status}`)).toEqual(['700 prepared', '900 in-progress']);
  });
});

describe('subtransactions', () => {
  it('count where they were released and do not where they were rolled back', async () => {
    const { relation, lsn } = await answer(
      insert(700),
      insert(701),
      insert(702),
      abort(702, at(1)),
      insert(703, { offset: 8 }),
      commit(700, at(2), { subxacts: [701, 703] }),
    );
    expect(statuses(relation)).toEqual(['700 committed 3 inserted', '702 aborted 1 inserted']);
    expect(relation.lastInsert).toMatchObject({
      xid: 703,
      offset: 8,
      rows: 3,
      commit: { xid: 700, lsn: lsn(5) },
    });
  });

  it('may be hundreds, each other one rolled back', async () => {
    const all = Array.from({ length: 600 }, (_, i) => 701 + i);
    const released = all.filter((xid) => xid % 2 === 1);
    const records = all.flatMap((xid) =>
      xid % 2 === 1 ? [remove(xid)] : [remove(xid), abort(xid, at(xid))],
    );
    const work = [
      ...records.slice(0, 400),
      assign(700, released.slice(0, 64)),
      ...records.slice(400),
      commit(700, at(5000), { subxacts: released }),
    ];
    const { relation } = await ask(write(work), { transactions: 'all' });
    expect(relation.lastDelete).toMatchObject({ rows: 300, commit: { xid: 700 } });
    expect(relation.transactions).toHaveLength(301);
    expect(relation.transactions.filter(({ status }) => status === 'aborted')).toHaveLength(300);
  });

  it('share the rollback of what they belong to, or are rolled back with their own', async () => {
    const { relation } = await answer(
      insert(701),
      insert(702),
      abort(701, at(1), { subxacts: [702] }),
      insert(700),
      insert(703),
      abort(700, at(2), { subxacts: [703] }),
    );
    expect(statuses(relation)).toEqual(['701 aborted 2 inserted', '700 aborted 2 inserted']);
  });

  it('belong to a transaction in progress by the xid that a record carries, or by an assignment', async () => {
    const { relation } = await answer(
      insert(701, { toplevelXid: 700 }),
      insert(702),
      assign(700, [702]),
      insert(703),
      insert(700),
    );
    expect(statuses(relation)).toEqual(['700 in-progress 3 inserted', '703 in-progress 1 inserted']);
  });
});

describe('two-phase commit', () => {
  it('has the outcome of COMMIT PREPARED, also in another segment and after a restart', async () => {
    const { relation, lsn } = await answer(
      remove(700),
      remove(701),
      prepare(700, at(1), [701]),
      switchSegment(),
      shutdownCheckpoint(),
      commit(700, at(2), { prepared: true, subxacts: [701] }),
    );
    expect(relation.lastDelete).toMatchObject({
      rows: 2,
      xid: 701,
      commit: { xid: 700, lsn: lsn(5), time: '2025-12-24T17:00:00.000002Z' },
    });
    expect(relation.recoveryTarget?.xid.recovery_target_xid).toBe('700');
  });

  it('has the outcome of ROLLBACK PREPARED', async () => {
    const { relation } = await answer(
      remove(700),
      remove(701),
      prepare(700, at(1), [701]),
      abort(700, at(2), { prepared: true, subxacts: [701] }),
    );
    expect(statuses(relation)).toEqual(['700 aborted 2 deleted']);
  });

  it('stays prepared, subtransactions and all, over restarts', async () => {
    const { relation } = await answer(
      remove(700),
      remove(701),
      prepare(700, at(1), [701]),
      shutdownCheckpoint(),
      endOfRecovery(),
    );
    expect(statuses(relation)).toEqual(['700 prepared 2 deleted']);
  });
});

describe('transactions without an end', () => {
  it('are aborted by a restart', async () => {
    const { relation } = await answer(
      insert(700),
      insert(701),
      assign(700, [701]),
      shutdownCheckpoint(),
      insert(702),
    );
    expect(statuses(relation)).toEqual(['700 aborted 2 inserted', '702 in-progress 1 inserted']);
  });

  it('are aborted by a promotion', async () => {
    expect(statuses((await answer(insert(700), endOfRecovery())).relation)).toEqual([
      '700 aborted 1 inserted',
    ]);
  });

  it('go on over an ordinary checkpoint', async () => {
    const { relation } = await answer(insert(700), onlineCheckpoint());
    expect(statuses(relation)).toEqual(['700 in-progress 1 inserted']);
  });

  it('have an unknown end where WAL is missing before the restart', async () => {
    const writer = write([
      insert(700),
      switchSegment(),
      commit(700, at(1)),
      switchSegment(),
      shutdownCheckpoint(),
    ]);
    const [first, , third] = writer.segments;
    const { relations, problems } = findCommitJson(await findCommit([third, first], { relation: '16386' }));
    expect(statuses(relations[0])).toEqual(['700 in-progress 1 inserted']);
    expect(problems).toEqual([
      {
        code: 'missing-segments',
        message: 'segment 000000010000000000000002 is missing (0/00200000 to 0/00300000)',
        lsn: '0/00200000',
        file: null,
      },
    ]);
  });

  it('have an unknown end where WAL is damaged before the restart', async () => {
    const writer = write([insert(700), commit(700, at(1)), filler(20_000), shutdownCheckpoint()]);
    writer.segments[0].bytes[Number(writer.records[1].lsn - writer.start) + 30] ^= 1;
    const { json, relation, lsn } = await ask(writer);
    expect(statuses(relation)).toEqual(['700 in-progress 1 inserted']);
    expect(json.problems).toMatchObject([{ code: 'damaged-wal', lsn: lsn(1) }]);
    expect(json.problems[0].message).toContain('incorrect resource manager data checksum');
  });
});

describe('transaction ids used again after a wraparound', () => {
  it('are told apart by their place in the WAL', async () => {
    const { relation } = await answer(
      insert(700),
      commit(700, at(1)),
      remove(700),
      abort(700, at(2)),
      switchSegment(),
      insert(4_294_967_290),
      insert(700),
      commit(4_294_967_290, at(3), { subxacts: [700] }),
      insert(700),
    );
    expect(statuses(relation)).toEqual([
      '700 committed 1 inserted',
      '700 aborted 1 deleted',
      '4294967290 committed 2 inserted',
      '700 in-progress 1 inserted',
    ]);
  });
});

describe('removal of the file', () => {
  const index = rel(16401);
  const fresh = rel(16400);

  it('is a drop where the transaction made no file', async () => {
    const { relation, lsn } = await answer(
      insert(700),
      commit(700, at(1)),
      commit(701, at(2), { dropped: [TABLE, index] }),
    );
    expect(relation.removed).toEqual({
      kind: 'drop',
      newRelation: null,
      commit: { xid: 701, lsn: lsn(2), time: '2025-12-24T17:00:00.000002Z' },
    });
    expect(relation.recoveryTarget?.lsn.recovery_target_lsn).toBe(lsn(2));
  });

  it('is a truncate where it made a file and wrote no row to it', async () => {
    const { relation } = await answer(
      createFile(701, fresh),
      createFile(701, index),
      pageImage(701, index, true),
      commit(701, at(2), { dropped: [rel(16387), TABLE] }),
      insert(702, { rel: fresh }),
    );
    expect(relation.removed).toMatchObject({ kind: 'truncate', newRelation: '1663/16384/16400' });
    expect(relation.recoveryTarget?.xid.recovery_target_xid).toBe('701');
  });

  it('is a truncate also where it filled the new file', async () => {
    const { relation } = await answer(
      createFile(701, fresh),
      insert(701, { rel: fresh }),
      commit(701, at(2), { dropped: [TABLE] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'truncate', newRelation: '1663/16384/16400' });
    expect(relation.recoveryTarget?.xid.recovery_target_xid).toBe('701');
  });

  it('is a drop where it made another table', async () => {
    const { relation } = await answer(
      createFile(701, fresh),
      nameFile(701, fresh, 'another'),
      insert(701, { rel: fresh }),
      commit(701, at(2), { dropped: [TABLE] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'drop', newRelation: null });
  });

  const name = 'pg_temp_16386';

  it('is a rewrite where pg_class told so, whether there were rows or not, and needs no recovery', async () => {
    for (const naming of [
      nameFile(701, fresh, name),
      nameFile(701, fresh, name, { inImage: true }),
      // pg_class was rewritten itself
      nameFile(701, fresh, name, { catalog: 30_000 }),
      nameFile(701, fresh, name, { catalog: 30_000, inImage: true }),
    ]) {
      const { relation } = await answer(
        createFile(701, fresh),
        naming,
        switchSegment(),
        createFile(701, index),
        pageImage(701, index, true),
        commit(701, at(2), { dropped: [TABLE, rel(16387)] }),
      );
      expect(relation.removed).toMatchObject({ kind: 'rewrite', newRelation: '1663/16384/16400' });
      expect(relation.recoveryTarget).toBeNull();
    }
  });

  it('is known from pg_class as each version writes it, also in the next segment', async () => {
    for (const version of [10, 11, 12, 19]) {
      const { relation } = await ask(
        write(
          [
            createFile(701, fresh),
            switchSegment(),
            nameFile(701, fresh, name, { version }),
            commit(701, at(2), { dropped: [TABLE] }),
          ],
          version,
        ),
      );
      expect(relation.removed).toMatchObject({ kind: 'rewrite', newRelation: '1663/16384/16400' });
    }
  });

  it('is told apart for each of the tables of a transaction', async () => {
    const work = [
      createFile(701, fresh),
      nameFile(701, fresh, 'pg_temp_20000'),
      commit(701, at(2), { dropped: [TABLE, rel(20_000)] }),
    ];
    const known = (await answer(insert(700), commit(700, at(1)), ...work)).relation;
    expect(known.removed).toMatchObject({ kind: 'drop', newRelation: null });
    // it may be an index of the table that was rewritten
    expect((await answer(...work)).relation.removed).toMatchObject({ kind: 'unknown', newRelation: null });
  });

  it('is followed through the files that a table has one after the other', async () => {
    const [second, third] = [rel(16500), rel(16600)];
    const records = [
      createFile(701, fresh),
      commit(701, at(1), { dropped: [TABLE] }),
      createFile(702, second),
      nameFile(702, second, 'pg_temp_16386'),
      // beside it, another table is dropped, of which nothing else is known
      commit(702, at(2), { dropped: [rel(30_000), fresh] }),
      createFile(703, third),
      nameFile(703, third, 'pg_temp_16386'),
      commit(703, at(3), { dropped: [rel(30_001), second] }),
    ];
    const removedOf = async (relation: string) => (await ask(write(records), { relation })).relation.removed;
    expect(await removedOf('16386')).toMatchObject({ kind: 'truncate', newRelation: '1663/16384/16400' });
    expect(await removedOf('16400')).toMatchObject({ kind: 'rewrite', newRelation: '1663/16384/16500' });
    expect(await removedOf('16500')).toMatchObject({ kind: 'rewrite', newRelation: '1663/16384/16600' });
  });

  it('is unknown where another table may have been the one rewritten', async () => {
    const { relation } = await answer(
      remove(700),
      commit(700, at(1)),
      createFile(701, fresh),
      nameFile(701, fresh, 'pg_temp_16777'),
      commit(701, at(2), { dropped: [TABLE, rel(20_000)] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'unknown', newRelation: null });
    expect(relation.recoveryTarget?.xid.recovery_target_xid).toBe('700');
    expect(relation.otherTarget?.xid.recovery_target_xid).toBe('701');
  });

  it('is a rewrite where nothing but one table was rewritten, whatever its number', async () => {
    const { relation } = await answer(
      createFile(701, fresh),
      nameFile(701, fresh, 'pg_temp_16777'),
      createFile(701, rel(16401)),
      nameFile(701, rel(16401), 'pg_toast_16400'),
      createFile(701, rel(16402)),
      nameFile(701, rel(16402), 'pg_toast_16400_index'),
      pageImage(701, rel(16402), true),
      commit(701, at(2), { dropped: [TABLE, rel(16387), rel(16388)] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'rewrite', newRelation: '1663/16384/16400' });
  });

  it('is a truncate where a table was rewritten and then emptied', async () => {
    const { relation } = await answer(
      createFile(701, fresh),
      nameFile(701, fresh, name),
      insert(701, { rel: fresh }),
      emptyFile(701, fresh),
      commit(701, at(2), { dropped: [TABLE] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'truncate', newRelation: '1663/16384/16400' });
    const before = await answer(
      createFile(701, rel(16400)),
      createFile(701, rel(16500)),
      nameFile(701, rel(16500), name),
      commit(701, at(2), { dropped: [rel(16400), TABLE] }),
    );
    expect(before.relation.removed).toMatchObject({ kind: 'unknown', newRelation: null });
  });

  it('is a rewrite where the table went to another tablespace', async () => {
    const { relation } = await answer(
      createFile(701, { ...fresh, spcOid: 20_000 }),
      commit(701, at(2), { dropped: [TABLE] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'rewrite', newRelation: '20000/16384/16400' });
  });

  it('is unknown where WAL is missing that would tell', async () => {
    const writer = write([
      createFile(701, fresh),
      switchSegment(),
      filler(10),
      switchSegment(),
      commit(701, at(2), { dropped: [TABLE] }),
    ]);
    const [first, , last] = writer.segments;
    const { relations } = findCommitJson(await findCommit([first, last], { relation: '16386' }));
    expect(relations[0].removed).toMatchObject({ kind: 'unknown', newRelation: '1663/16384/16400' });
  });

  it('is unknown where the transaction may have begun before the WAL that could be read', async () => {
    const dropped = commit(701, at(2), { dropped: [TABLE] });
    const kindOf = async (...records: RecordInput[]) => (await answer(...records)).relation.removed?.kind;
    expect(await kindOf(runningXacts(701), runningXacts(702), dropped)).toBe('drop');
    expect(await kindOf(runningXacts(702), dropped)).toBe('unknown');
    // ids go round in a circle
    expect(await kindOf(runningXacts(4_294_967_290), dropped)).toBe('drop');
    const writer = write([
      runningXacts(700),
      switchSegment(),
      filler(10),
      switchSegment(),
      insert(701),
      runningXacts(702),
      dropped,
    ]);
    const [first, , last] = writer.segments;
    const { relations } = findCommitJson(await findCommit([first, last], { relation: '16386' }));
    expect(relations[0].removed?.kind).toBe('unknown');
  });

  it('comes to an end where files seem to replace each other in a circle', async () => {
    const { relation } = await answer(
      createFile(701, fresh),
      createFile(701, index),
      createFile(702, fresh),
      commit(701, at(2), { subxacts: [702], dropped: [index, fresh, TABLE] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'truncate', newRelation: null });
  });

  it('pairs old and new files of several tables truncated at once', async () => {
    const files = [16400, 16401, 16402].map(rel);
    const { relation } = await answer(
      ...files.map((file) => createFile(701, file)),
      commit(701, at(2), { dropped: [rel(16388), TABLE, rel(16385)] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'truncate', newRelation: '1663/16384/16401' });
  });

  it('is a rewrite where REINDEX made a file for each, unless it is known to be a table', async () => {
    const reindex = [
      ...[index, rel(16402)].flatMap((file) => [createFile(701, file), pageImage(701, file, true)]),
      commit(701, at(2), { dropped: [TABLE, rel(16385)] }),
    ];
    const { relation } = await answer(...reindex);
    expect(relation.removed).toMatchObject({ kind: 'rewrite', newRelation: '1663/16384/16402' });
    const table = (await answer(insert(700), commit(700, at(1)), ...reindex)).relation;
    expect(table.removed).toMatchObject({ kind: 'unknown', newRelation: null });
  });

  it('may be either where a transaction drops and truncates tables', async () => {
    const { relation } = await answer(
      createFile(701, rel(16400)),
      commit(701, at(2), { dropped: [TABLE, rel(16385)] }),
    );
    expect(relation.removed).toMatchObject({ kind: 'drop-or-truncate', newRelation: null });
    expect(relation.recoveryTarget?.xid.recovery_target_xid).toBe('701');
  });

  it('does not come of a rollback, nor of files that the transaction made itself', async () => {
    const rolledBack = await answer(insert(700), commit(700, at(1)), abort(701, at(2), { dropped: [TABLE] }));
    expect(rolledBack.relation.removed).toBeNull();
    const own = await answer(createFile(701, TABLE), insert(701), commit(701, at(2), { dropped: [TABLE] }));
    expect(own.relation.removed).toBeNull();
  });

  it('counts as the destructive commit if it is later than the DELETE, and the other way round', async () => {
    const deleted = [remove(700), commit(700, at(1))];
    const dropped = [commit(701, at(2), { dropped: [TABLE] })];
    const first = (await answer(...deleted, ...dropped)).relation;
    expect(first.recoveryTarget?.xid.recovery_target_xid).toBe('701');
    // the table may have been empty by then
    expect(first.otherTarget?.xid.recovery_target_xid).toBe('700');
    const later = (await answer(createFile(701, fresh), ...dropped, ...deleted)).relation;
    expect(later.recoveryTarget?.xid.recovery_target_xid).toBe('700');
    expect(later.otherTarget).toBeNull();
  });
});

describe('the end of the database', () => {
  const dropping = [
    markDatabase(TABLE.dbOid),
    filler(10),
    dropDatabase(702, TABLE.dbOid),
    commit(702, at(2)),
  ];

  it('is told with the record before which recovery has to stop', async () => {
    const { relation, lsn } = await answer(remove(700), commit(700, at(1)), ...dropping);
    expect(relation.databaseDropped).toMatchObject({ stopLsn: lsn(2), commit: { xid: 702, lsn: lsn(5) } });
    expect(relation.recoveryTarget?.xid.recovery_target_xid).toBe('700');
    const { relation: other } = await answer(
      insert(700),
      commit(700, at(1)),
      dropDatabase(702, 5),
      commit(702, at(2)),
    );
    expect(other.databaseDropped).toBeNull();
  });

  it('is told of a relation of that database that nothing else happened to', async () => {
    const { relation } = await ask(write(dropping), { relation: '1663/16384/16386' });
    expect(relation.databaseDropped).not.toBeNull();
    expect((await answer(...dropping)).relation).toBeUndefined();
    const dropped = (await answer(commit(701, at(1), { dropped: [TABLE] }), ...dropping)).relation;
    expect(dropped.databaseDropped).toBeNull();
  });
});

describe('the recovery target', () => {
  const target = async (...records: RecordInput[]) => {
    const { relation, lsn } = await answer(...records);
    return { target: relation.recoveryTarget, lsn };
  };

  it('is given by LSN, xid and time', async () => {
    const { target: found, lsn } = await target(remove(700), commit(700, at(0)));
    expect(found).toEqual({
      lsn: { recovery_target_lsn: lsn(1), recovery_target_inclusive: 'off' },
      xid: { recovery_target_xid: '700', recovery_target_inclusive: 'off' },
      time: { recovery_target_time: '2025-12-24 16:59:59.999999+00', recovery_target_inclusive: 'on' },
    });
  });

  it('has a time where all commits and aborts before it are earlier, whatever comes after', async () => {
    const { target: found } = await target(
      commit(690, at(4)),
      abort(691, at(4)),
      remove(700),
      commit(700, at(5)),
      commit(701, at(3)),
    );
    expect(found?.time?.recovery_target_time).toBe('2025-12-24 17:00:00.000004+00');
  });

  it.each([
    ['a commit', commit(690, at(9)), 'a later'],
    ['an abort', abort(690, at(9)), 'a later'],
    ['a commit of the same time', commit(690, at(5)), 'the same'],
    ['a prepared commit', commit(690, at(9), { prepared: true }), 'a later'],
  ])('has no time where %s before it is not earlier', async (_, other, order) => {
    const { target: found, lsn } = await target(other, switchSegment(), remove(700), commit(700, at(5)));
    expect(found?.time).toBeNull();
    expect(String(found?.timeReason)).toContain(
      `transaction 690 comes before 700 in the WAL (${lsn(0)}) with ${order} time`,
    );
    expect(found?.lsn.recovery_target_lsn).toBe(lsn(3));
  });

  it('minds no PREPARE, whose time recovery does not look at', async () => {
    const { target: found } = await target(prepare(690, at(9)), remove(700), commit(700, at(5)));
    expect(found?.time).not.toBeNull();
  });

  it('minds no WAL before the start that was asked for', async () => {
    const writer = write([commit(690, at(9)), remove(700), commit(700, at(5))]);
    const { relation } = await ask(writer, { startLsn: writer.records[1].lsn });
    expect(relation.recoveryTarget?.time).not.toBeNull();
  });
});

describe('what is searched', () => {
  const writer = write([
    insert(700),
    commit(700, at(1)),
    insert(701, { rel: { ...TABLE, dbOid: 16999 } }),
    commit(701, at(2)),
    insert(702, { rel: { ...TABLE, spcOid: 16777 } }),
    insert(702, { rel: rel(16387) }),
    commit(702, at(3)),
  ]);

  it('is every database and tablespace with the relfilenode, or the one named', async () => {
    expect((await ask(writer)).json.relations.map(({ relation }) => relation)).toEqual([
      '1663/16384/16386',
      '1663/16999/16386',
      '16777/16384/16386',
    ]);
    const one = (await ask(writer, { relation: '1663/16999/16386' })).json.relations;
    expect(one.map(({ relation }) => relation)).toEqual(['1663/16999/16386']);
    expect((await ask(writer, { relation: '16388' })).json.relations).toEqual([]);
  });

  it('is the WAL between two LSNs', async () => {
    const { records } = writer;
    const xids = async (startLsn?: Lsn, endLsn?: Lsn): Promise<string[]> =>
      (await ask(writer, { startLsn, endLsn })).json.relations.flatMap(statuses);
    expect(await xids(records[2].lsn)).toEqual(['701 committed 1 inserted', '702 committed 1 inserted']);
    expect(await xids(undefined, records[3].endLsn)).toEqual([
      '700 committed 1 inserted',
      '701 committed 1 inserted',
    ]);
    expect(await xids(undefined, records[3].endLsn - 8n)).toEqual([
      '700 committed 1 inserted',
      '701 in-progress 1 inserted',
    ]);
  });

  it('is told: version, cluster, range, segments', async () => {
    const { json, lsn } = await ask(writer);
    expect(json).toMatchObject({
      postgres: 17,
      systemIdentifier: '7000000000000000001',
      timelines: [1],
      startLsn: lsn(0),
      endLsn: formatLsn(writer.records.at(-1)!.endLsn),
      segments: 1,
      problems: [],
    });
  });

  it.each(['x', '', '0', '16386/1', '1663/16384/0', '4294967296', '-1', '1663/16384/16386/0'])(
    'is no relation: %j',
    async (relation) => {
      await expect(ask(writer, { relation })).rejects.toMatchObject({ code: 'bad-relation' });
    },
  );

  it('counts a segment once that is there twice, the fuller one', async () => {
    const writer = write([insert(700), commit(700, at(1)), filler(20_000), insert(701), commit(701, at(2))]);
    const [{ name, bytes }] = writer.segments;
    const half = bytes.slice().fill(0, 9000);
    const other = bytes.slice();
    other[100] ^= 1;
    const ofCopies = async (...copies: Uint8Array[]): Promise<FindCommitJson> =>
      findCommitJson(
        await findCommit(
          copies.map((copy) => ({ name, bytes: copy })),
          { relation: '16386' },
        ),
      );
    for (const copies of [
      [bytes, bytes],
      [bytes, half],
      [half, bytes],
      [bytes.subarray(0, 9000), bytes],
    ]) {
      const { segments, problems, relations } = await ofCopies(...copies);
      expect({ segments, problems }).toEqual({ segments: 1, problems: [] });
      expect(relations[0].lastInsert?.xid).toBe(701);
    }
    await expect(ofCopies(bytes, other)).rejects.toMatchObject({ code: 'different-content' });
  });
});
