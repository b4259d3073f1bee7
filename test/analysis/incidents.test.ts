import { describe, expect, it } from 'vitest';
import { scanForIncidents } from '../../src/analysis/incident-part.js';
import { MOST_INCIDENTS } from '../../src/analysis/incident-search.js';
import { type IncidentFound, type IncidentsResult, IncidentsRun } from '../../src/analysis/incidents.js';
import { openSegment } from '../../src/reader/segment.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';
import {
  abort,
  commit,
  createFile,
  filler,
  IS_PARTITION_MOVE,
  IS_SUPER,
  insert,
  prepare,
  rel,
  remove,
  shutdownCheckpoint,
  TABLE,
  update,
} from '../support/workload.js';

const key = '1663/16384/16386';

function incidentsOf(records: Iterable<RecordInput>, minRows = 1, all = false): IncidentsResult {
  const writer = new WalWriter({ version: 17 });
  for (const record of records) writer.append(record);
  const segments = writer.segments.map(({ bytes }) => openSegment(bytes));
  const run = new IncidentsRun({ format: segments[0], segments, histories: [] }, { minRows, all });
  for (const task of run.tasks) run.add(task, scanForIncidents(task.segment.file, task.segment.end));
  return run.finish();
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

  it('tell a table that is dropped, truncated or written anew', () => {
    const removal = (...work: RecordInput[]): object[] =>
      told(incidentsOf([...work, commit(700, 1n, { dropped: [TABLE] })]));
    const told700 = { xid: 700, time: 1n, relation: key, files: 1 };
    expect(removal()).toEqual([{ ...told700, kind: 'drop' }]);
    expect(removal(createFile(700, rel(20_000)))).toEqual([{ ...told700, kind: 'truncate' }]);
    expect(removal(createFile(700, rel(20_000)), insert(700, { rel: rel(20_000) }))).toEqual([]);
    // a table that the transaction made itself
    expect(removal(createFile(700, TABLE))).toEqual([]);
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
    expect(incidents.length).toBeLessThan(2 * MOST_INCIDENTS);
    expect(incidents.length + older).toBe(many);
    expect(incidents[0]).toMatchObject({ xid: 700 + many - 1 });
    expect(incidents.at(-1)).toMatchObject({ xid: 700 + older });
  });
});
