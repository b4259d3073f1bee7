import { describe, expect, it } from 'vitest';
import { MOST_INCIDENTS } from '../../../src/questions/incidents/newest.js';
import {
  type IncidentFound,
  type IncidentsResult,
  IncidentsRun,
} from '../../../src/questions/incidents/run.js';
import { scanForIncidents } from '../../../src/questions/incidents/scan.js';
import { openSegment, type Segment } from '../../../src/reader/segment.js';
import { type RecordInput, WalWriter } from '../../support/wal-writer.js';
import {
  abort,
  commit,
  createFile,
  createUnlogged,
  dropDatabase,
  filler,
  IS_PARTITION_MOVE,
  IS_SUPER,
  insert,
  markDatabase,
  nameFile,
  pageImage,
  prepare,
  refile,
  rel,
  remove,
  shutdownCheckpoint,
  switchSegment,
  TABLE,
  update,
} from '../../support/workload.js';

const key = '1663/16384/16386';

function incidentsOf(records: Iterable<RecordInput>, minRows = 1, all = false): IncidentsResult {
  const writer = new WalWriter({ version: 17 });
  for (const record of records) writer.append(record);
  return searched(
    writer.segments.map(({ bytes }) => openSegment(bytes)),
    minRows,
    all,
  );
}

function searched(segments: Segment[], minRows = 1, all = false): IncidentsResult {
  const run = new IncidentsRun({ format: segments[0], segments, histories: [] }, { minRows, all });
  for (const task of run.tasks) run.add(task, scanForIncidents(task.segment.file, task.segment.end));
  return run.finish();
}

/** The same, and where the records are. */
function incidentsAt(records: RecordInput[]): { incidents: IncidentFound[]; lsns: bigint[] } {
  const writer = new WalWriter({ version: 17 });
  for (const record of records) writer.append(record);
  return { incidents: incidentsOf(records).incidents, lsns: writer.records.map(({ lsn }) => lsn) };
}

const told = ({ incidents }: IncidentsResult): object[] =>
  incidents.map(({ lsn: _lsn, timelines: _timelines, ...incident }: IncidentFound) => incident);

const rows = (xid: number, time: bigint, deleted: number, updated: number): object => ({
  ...{ kind: 'rows', xid, time, relation: key, deleted, updated },
});

describe('incidents', () => {
  it('are counted by transaction and relation, subtransactions together', () => {
    const result = incidentsOf([
      remove(700),
      update(701),
      update(701, { hot: true }),
      remove(702, { rel: rel(20_000) }),
      commit(700, 5n, { subxacts: [701, 702] }),
    ]);
    expect(told(result)).toEqual([
      rows(700, 5n, 1, 2),
      { ...rows(700, 5n, 1, 0), relation: '1663/16384/20000' },
    ]);
  });

  it('are none where nothing is committed or deleted', () => {
    const result = incidentsOf([
      remove(700),
      abort(700, 1n),
      remove(701, { flags: IS_SUPER }),
      remove(701, { flags: IS_PARTITION_MOVE }),
      insert(701),
      commit(701, 2n),
      remove(702),
    ]);
    expect(told(result)).toEqual([]);
  });

  it('of a prepared transaction come with its end, also after a restart', () => {
    const result = incidentsOf([
      remove(700),
      prepare(700, 1n),
      remove(701),
      shutdownCheckpoint(),
      remove(701),
      commit(701, 2n),
      commit(700, 3n, { prepared: true }),
    ]);
    expect(told(result)).toEqual([rows(700, 3n, 1, 0), rows(701, 2n, 1, 0)]);
  });

  describe('of a transaction that ran before a restart', () => {
    const restart = [shutdownCheckpoint(), commit(700, 3n, { prepared: true })];
    const write = (...records: RecordInput[]): WalWriter => {
      const writer = new WalWriter({ version: 17 });
      for (const record of records) writer.append(record);
      return writer;
    };
    const opened = ({ segments }: WalWriter): Segment[] => segments.map(({ bytes }) => openSegment(bytes));

    it('are none: its number is another one’s from then on', () => {
      expect(told(incidentsOf([remove(700), filler(20_000), ...restart]))).toEqual([]);
    });

    it('come with its end where WAL is missing that may have its PREPARE', () => {
      const writer = write(...[remove(700), switchSegment(), prepare(700, 1n), switchSegment()], ...restart);
      const [first, , third] = opened(writer);
      const result = searched([first, third]);
      expect(result.problems.map(({ code }) => code)).toEqual(['missing-segments']);
      expect(told(result)).toEqual([rows(700, 3n, 1, 0)]);
    });

    it('come with its end where WAL is damaged that may have its PREPARE', () => {
      const writer = write(remove(700), prepare(700, 1n), filler(20_000), ...restart);
      writer.segments[0].bytes[Number(writer.records[1].lsn - writer.start) + 30] ^= 1;
      const result = searched(opened(writer));
      expect(result.problems.map(({ code }) => code)).toEqual(['damaged-wal']);
      expect(told(result)).toEqual([rows(700, 3n, 1, 0)]);
    });
  });

  it('that begin in one segment and end in another are one', () => {
    const records = Array.from({ length: 60 }, (_, i) => [remove(700 + (i % 2)), filler(50_000)]).flat();
    const result = incidentsOf([...records, commit(700, 1n), commit(701, 2n)], 30);
    expect(result.segments).toBeGreaterThan(2);
    expect(told(result)).toEqual([rows(701, 2n, 30, 0), rows(700, 1n, 30, 0)]);
  });

  it('leave catalogs out unless they are asked for', () => {
    const records = [remove(700, { rel: rel(1259) }), commit(700, 1n)];
    expect(told(incidentsOf(records))).toEqual([]);
    expect(told(incidentsOf(records, 1, true))).toEqual([
      { ...rows(700, 1n, 1, 0), relation: '1663/16384/1259' },
    ]);
  });

  it('tell of no catalog that it is truncated or dropped: VACUUM FULL of a mapped one leaves no row in pg_class', () => {
    const [catalog, index] = [1262, 2671].map(rel);
    const [newCatalog, newIndex] = [20_000, 20_001].map(rel);
    const records = [
      ...[createFile(700, newCatalog), insert(700, { rel: newCatalog }), createFile(700, newIndex)],
      commit(700, 1n, { dropped: [index, catalog] }),
    ];
    const { incidents } = incidentsOf(records, 1, true);
    expect(new Set(incidents.map(({ kind }) => kind))).toEqual(new Set(['rewrite']));
  });

  it('tell a table that is dropped, truncated or written anew', () => {
    const removal = (...work: RecordInput[]): object[] =>
      told(incidentsOf([...work, commit(700, 1n, { dropped: [TABLE] })]));
    const told700 = { xid: 700, time: 1n, relation: key, files: 1, unknownFiles: 0 };
    expect(removal()).toEqual([{ ...told700, kind: 'drop' }]);
    const truncated = { ...told700, kind: 'truncate', unlogged: false };
    expect(removal(createFile(700, rel(20_000)))).toEqual([truncated]);
    const fresh = [createFile(700, rel(20_000)), insert(700, { rel: rel(20_000) })];
    expect(removal(...fresh)).toEqual([truncated]);
    expect(removal(...fresh, nameFile(700, rel(20_000), 'another'))).toEqual([{ ...told700, kind: 'drop' }]);
    expect(removal(...fresh, nameFile(700, rel(20_000), 'pg_temp_16386'))).toEqual([]);
    // a table that the transaction made itself
    expect(removal(createFile(700, TABLE))).toEqual([]);
  });

  it('say of how many files it is not known whether they are those of tables, too', () => {
    const [hot, old, index] = [16386, 16390, 16393].map(rel);
    const work = [insert(600, { rel: hot }), pageImage(600, index, true), commit(600, 0n)];
    const drop = commit(700, 1n, { dropped: [index, old, hot] });
    const found = incidentsOf([...work, drop]).incidents;
    expect(found).toMatchObject([{ kind: 'drop', relation: key, files: 3, unknownFiles: 1 }]);
  });

  describe('of a TRUNCATE that replaces several files', () => {
    /** A table, its TOAST table, and the indexes of both; the list of the commit has the last one first. */
    const [table, toast, index, toastIndex] = [16386, 16390, 16393, 16392].map(rel);
    const [newTable, newToast, newIndex, newToastIndex] = [20_000, 20_001, 20_002, 20_003].map(rel);
    const end = commit(700, 1n, { dropped: [toastIndex, index, toast, table] });
    const summary = (...records: RecordInput[]): object[] =>
      incidentsOf(records).incidents.map((one) => {
        if (!('files' in one)) throw new Error('no file was removed');
        const { kind, relation, files, unlogged, mayBeToastOf } = one;
        return { kind, relation, files, unlogged, mayBeToastOf };
      });
    const told = { kind: 'truncate', relation: key, files: 4, unlogged: false };
    const indexes = [
      ...[createFile(700, newIndex), refile(700, newIndex), pageImage(700, newIndex, true)],
      ...[createFile(700, newToastIndex), pageImage(700, newToastIndex, true)],
    ];

    it('name the table, by what pg_class says, whichever had rows', () => {
      const files = [
        ...[createFile(700, newTable), refile(700, newTable, 'r')],
        ...[createFile(700, newToast), refile(700, newToast, 't'), ...indexes, end],
      ];
      expect(summary(...files)).toEqual([told]);
      expect(summary(insert(600, { rel: toast }), commit(600, 0n), ...files)).toEqual([told]);
    });

    it('name it where it is unlogged, also where nothing but pages tell of its indexes', () => {
      const files = [createUnlogged(700, newTable), refile(700, newTable, 'r')];
      const toasts = [createUnlogged(700, newToast), refile(700, newToast, 't')];
      const expected = [{ ...told, unlogged: true }];
      const pages = [newIndex, newToastIndex].map((one) => pageImage(700, one, true, 3));
      const logged = [newIndex, newToastIndex].flatMap((one) => [
        ...[createUnlogged(700, one), pageImage(700, one, true, 3)],
      ]);
      expect(summary(...files, ...toasts, ...pages, end)).toEqual(expected);
      expect(summary(...files, ...toasts, ...logged, end)).toEqual(expected);
    });

    it('say what may be its TOAST table, or another one', () => {
      const files = [newTable, newToast].flatMap((one) => [createFile(700, one), refile(700, one)]);
      expect(summary(...files, ...indexes, end)).toEqual([
        { ...told, relation: '1663/16384/16390', mayBeToastOf: key },
        told,
      ]);
      // without an index after them, both are tables
      const both = commit(700, 1n, { dropped: [toast, table] });
      const two = { ...told, files: 2 };
      expect(summary(...files, both)).toEqual([{ ...two, relation: '1663/16384/16390' }, two]);
    });

    it('tell of an unlogged table that is dropped, if they have the making of its file', () => {
      const drop = commit(700, 1n, { dropped: [table] });
      const created = [createUnlogged(600, table), nameFile(600, table, 't'), commit(600, 0n)];
      const dropped = { kind: 'drop', relation: key, files: 1 };
      expect(summary(drop)).toEqual([{ ...dropped, unlogged: undefined }]);
      expect(summary(...created, drop)).toEqual([{ ...dropped, unlogged: true }]);
    });
  });

  it('tell where recovery has to stop before a database is lost', () => {
    const dropping = (...records: RecordInput[]) => {
      const { incidents, lsns } = incidentsAt([
        ...records,
        filler(10),
        dropDatabase(700, 5),
        commit(700, 1n),
      ]);
      const [{ kind, ...rest }] = incidents;
      expect(kind).toBe('drop-database');
      return lsns.indexOf('stopLsn' in rest ? rest.stopLsn : 0n);
    };
    // the files are gone before the commit; since 2023 nobody can connect from some place before that on
    expect(dropping()).toBe(1);
    expect(dropping(markDatabase(5))).toBe(0);
    expect(dropping(markDatabase(6), markDatabase(5, 100), markDatabase(5), markDatabase(5))).toBe(2);
  });

  it('are found where one transaction goes to very many relations', () => {
    const relations = Array.from({ length: 20_000 }, (_, i) => ({ ...rel(20_000 + i), dbOid: 5 + (i % 2) }));
    const same = relations.map((one, i) => ({ ...one, relNumber: 20_000, dbOid: 20_000 + i }));
    const result = incidentsOf([
      ...[...relations, ...same].map((one) => remove(700, { rel: one })),
      ...relations.map((one) => createFile(700, { ...one, relNumber: one.relNumber + 40_000 })),
      commit(700, 1n, { dropped: relations }),
    ]);
    expect(result.incidents.length + result.older).toBe(60_000);
  });

  it('come with a bounded number of records that contradict themselves', () => {
    function* records(): Generator<RecordInput> {
      for (let i = 0; i < 200_000; i++) yield { rmid: 1, info: 0x00, xid: 5, main: new Uint8Array(0) };
    }
    expect(incidentsOf(records()).problems).toHaveLength(1001);
  });

  it('are bounded in number: the newest are kept', () => {
    const many = 2 * MOST_INCIDENTS + 5;
    function* records(): Generator<RecordInput> {
      for (let i = 0; i < many; i++) {
        yield remove(700 + i);
        yield commit(700 + i, BigInt(i));
      }
    }
    const { incidents, older } = incidentsOf(records());
    expect(incidents.length).toBe(MOST_INCIDENTS);
    expect(incidents.length + older).toBe(many);
    expect(incidents[0]).toMatchObject({ xid: 700 + many - 1 });
    expect(incidents.at(-1)).toMatchObject({ xid: 700 + older });
  });
});
