import { describe, expect, it } from 'vitest';
import { findCommit, findIncidents } from '../../../src/node/questions.js';
import { findCommitJson, type RelationJson } from '../../../src/questions/find-commit/json.js';
import { type IncidentJson, incidentsJson } from '../../../src/questions/incidents/json.js';
import { WalError } from '../../../src/wal/error.js';
import { corporaIn, factsOf, walIn } from '../../support/corpora.js';
import { type SqlRow, sqlOver } from '../../support/sql.js';

/** A relation as the view find_commit has it. */
const commitRow = ({ timeline, relation, lastInsert, lastDelete, removed }: RelationJson): SqlRow => ({
  timeline,
  relation,
  last_insert_xid: lastInsert?.commit.xid ?? null,
  last_insert_lsn: lastInsert?.lsn ?? null,
  last_insert_commit_lsn: lastInsert?.commit.lsn ?? null,
  last_insert_commit_time: lastInsert?.commit.time ?? null,
  last_delete_xid: lastDelete?.commit.xid ?? null,
  last_delete_rows: lastDelete?.rows ?? null,
  last_delete_commit_lsn: lastDelete?.commit.lsn ?? null,
  last_delete_commit_time: lastDelete?.commit.time ?? null,
  removed_kind: removed?.kind ?? null,
  removed_xid: removed?.commit.xid ?? null,
});

/** An incident as the view has it. */
const incidentRow = (incident: IncidentJson): SqlRow => ({
  time: incident.time,
  xid: incident.xid,
  lsn: incident.lsn,
  timelines: incident.timelines,
  kind: incident.kind,
  relation: incident.relation,
  deleted: incident.rows?.deleted ?? null,
  updated: incident.rows?.updated ?? null,
  files: incident.files,
  // JSON leaves out what is known to be logged
  unlogged: incident.files === null || incident.unlogged === null ? null : (incident.unlogged ?? false),
  may_be_toast_of: incident.mayBeToastOf ?? null,
  unknown_files: incident.files === null ? null : (incident.unknownFiles ?? 0),
  database: incident.database,
  stop_lsn: incident.stopLsn,
});

/** By relation, for which there is no order between those of one commit. */
const sorted = (rows: readonly SqlRow[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

async function expectSame(wal: readonly string[]): Promise<void> {
  const sql = await sqlOver(await factsOf(wal));
  const rows = await sql('FROM find_commit');
  const relations = [...new Set(rows.map(({ relation }) => String(relation)))];
  const found = await Promise.all(
    relations.map(async (relation) => findCommitJson(await findCommit(wal, { relation })).relations),
  );
  expect(sorted(rows)).toEqual(sorted(found.flat().map(commitRow)));
  for (const minRows of [1, 10]) {
    const { incidents } = incidentsJson(await findIncidents(wal, { minRows }));
    const told = await sql(`SET VARIABLE min_rows = ${minRows}; FROM incidents`);
    expect(sorted(told)).toEqual(sorted(incidents.map(incidentRow)));
    expect(told.map(({ time, lsn }) => [time, lsn])).toEqual(incidents.map(({ time, lsn }) => [time, lsn]));
  }
  // without the variable it is as the command has it
  const { incidents } = incidentsJson(await findIncidents(wal, { minRows: 10 }));
  expect(sorted(await sql('RESET VARIABLE min_rows; FROM incidents'))).toEqual(
    sorted(incidents.map(incidentRow)),
  );
}

describe('the views say what the commands say', () => {
  const corpora = corporaIn('testdata');

  it('of corpora that there are', () => {
    expect(corpora.length).toBeGreaterThan(30);
  });

  it.each(corpora)('%s', async (corpus) => {
    try {
      await expectSame(walIn(corpus));
    } catch (error) {
      // no facts of what is no WAL
      if (!(error instanceof WalError)) throw error;
      expect(['short-file', 'not-wal', 'bad-segment-size', 'mixed-formats']).toContain(error.code);
    }
  });

  it('where a segment is missing', async () => {
    const wal = walIn('testdata/lab/17');
    expect(wal.length).toBeGreaterThan(3);
    for (const missing of wal) await expectSame(wal.filter((path) => path !== missing));
  });
});
