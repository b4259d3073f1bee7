import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findCommit } from '../../../src/node/questions.js';
import { findCommitJson, type RelationJson } from '../../../src/questions/find-commit/json.js';
import { type ExpectedRelation, expectedChanges, type RowTotals } from '../../support/expected-changes.js';
import { readTestdata, segmentPaths } from '../../support/testdata.js';

/** The answer in the form of what was worked out of pg_waldump's text. */
function asExpected(answer: RelationJson, like: ExpectedRelation): ExpectedRelation {
  const { lastInsert, lastDelete, removed, transactions } = answer;
  const rows = { committed: noRows(), aborted: noRows(), open: noRows() };
  for (const { status, rows: changed } of transactions) {
    const totals = rows[status === 'committed' || status === 'aborted' ? status : 'open'];
    for (const what of ['inserted', 'updated', 'deleted', 'moved'] as const) totals[what] += changed[what];
  }
  return {
    rows,
    lastInsert: lastInsert && {
      lsn: lastInsert.lsn,
      xid: lastInsert.xid,
      block: lastInsert.block,
      offset: like.lastInsert?.offset === undefined ? undefined : lastInsert.offset,
      commit: lastInsert.commit,
    },
    lastDelete: lastDelete && {
      firstLsn: lastDelete.firstLsn,
      lsn: lastDelete.lsn,
      rows: lastDelete.rows,
      commit: lastDelete.commit,
    },
    removed: removed && { commit: removed.commit, madeFiles: removed.kind !== 'drop' },
  };
}

const noRows = (): RowTotals => ({ inserted: 0, updated: 0, deleted: 0, moved: 0 });

/** A server's `2026-11-22 10:13:53.17527+00` with all of its digits. */
const isoTime = (text: string): string =>
  text.replace(/ (.*)\.(\d+)\+00$/, (_, clock, fraction) => `T${clock}.${fraction.padEnd(6, '0')}Z`);

describe.each(readdirSync('testdata/lab').map(Number))('the lab on %d', (version) => {
  const folder = `testdata/lab/${version}`;
  const [, relation] = /relfilenode=(\d+)/.exec(readFileSync(`${folder}/catalog.txt`, 'utf8')) ?? [];
  const text = readdirSync(`${folder}/expected`)
    .filter((name) => name.startsWith('00000001'))
    .sort()
    .map((name) => readFileSync(`${folder}/expected/${name}`, 'utf8'))
    .join('');
  /** Commit time, ctid, xmin, xmax, columns of each row that was deleted. */
  const rows = readFileSync(`${folder}/live-rows.txt`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split('|'));

  it('shows the last INSERT and the DELETE on timeline 1 as the server saw them', async () => {
    const result = findCommitJson(await findCommit([folder], { relation }));
    expect(result).toMatchObject({ postgres: version, timelines: [1, 2], problems: [] });
    const answer = result.relations.find(({ timeline }) => timeline === 1)!;
    const [time, ctid, xmin] = rows[rows.length - 1];
    expect(answer.lastInsert).toMatchObject({ commit: { xid: Number(xmin) } });
    expect(`(${answer.lastInsert?.block},${answer.lastInsert?.offset})`).toBe(ctid);
    expect(answer.lastInsert?.commit.time).toBe(isoTime(time));
    expect(answer.lastDelete?.rows).toBe(rows.length);

    const expected = expectedChanges(text).get(answer.relation)!;
    expect(expected.lastDelete?.rows).toBe(rows.length);
    expect(asExpected(answer, expected)).toEqual(expected);
    const { commit } = expected.lastDelete!;
    expect(answer.recoveryTarget?.lsn.recovery_target_lsn).toBe(commit.lsn);
    expect(answer.recoveryTarget?.xid.recovery_target_xid).toBe(String(commit.xid));
    expect(answer.recoveryTarget?.time).not.toBeNull();
  });

  it('shows that the restore on timeline 2 was in time', async () => {
    const result = findCommitJson(await findCommit([folder], { relation, timeline: 2 }));
    const [answer] = result.relations;
    expect(answer).toMatchObject({ timeline: 2, lastDelete: null, recoveryTarget: null });
    expect(answer.lastInsert?.commit.xid).toBe(Number(rows[rows.length - 1][2]));
  });
});

describe.each(readdirSync('testdata/broad').map(Number))('a workload on %d', (version) => {
  const folder = `testdata/broad/${version}`;
  const files = segmentPaths(folder).map((name) => ({ name, bytes: readTestdata(name) }));
  const expected = expectedChanges(readTestdata(`${folder}/expected/text.txt.gz`).toString('latin1'));

  it('has the same changes in every relation as pg_waldump shows', async () => {
    for (const [relation, ofIt] of expected) {
      const { problems, relations } = findCommitJson(await findCommit(files, { relation }));
      expect(problems, relation).toEqual([]);
      expect(
        relations.map((answer) => asExpected(answer, ofIt)),
        relation,
      ).toEqual([ofIt]);
    }
  });

  it('has rows that were inserted', () => {
    expect([...expected.values()].some(({ lastInsert }) => lastInsert)).toBe(true);
  });
});
