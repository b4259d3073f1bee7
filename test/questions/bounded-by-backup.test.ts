import { beforeEach, describe, expect, it } from 'vitest';
import { folderSource } from '../../src/node/files.js';
import { findCommit, findIncidents, planRecovery, recoverRows } from '../../src/node/questions.js';
import type { FolderEntry, SourceFolder } from '../../src/sources/byte-source.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { UTC } from '../../src/text/timezone.js';
import { parseLsn } from '../../src/wal/lsn.js';
import { XLP_PAGEADDR } from '../../src/wal/page-header.js';
import { readTestdata } from '../support/testdata.js';

/** Begins with its backup, in segment 2. */
const LAB = 'testdata/lab/18';
const BACKUP = `${LAB}/base.tar.gz`;
const INVENTARIOS = { table: 'inventarios', database: 'test' };
const BEFORE = '000000010000000000000001';
const SEGMENT_2 = readTestdata(`${LAB}/000000010000000000000002.gz`);

/** WAL of before the backup of the lab, by its first pages. */
function earlier(name: string, start: bigint): FolderEntry {
  const bytes = new Uint8Array(SEGMENT_2);
  new DataView(bytes.buffer).setBigUint64(XLP_PAGEADDR, start, true);
  return { kind: 'file', name, source: memorySource(name, bytes) };
}

/** The lab's WAL, and some from before its backup. */
async function labWithEarlier(opened: Set<string>): Promise<SourceFolder> {
  const { name, list } = await folderSource(LAB);
  const before = [earlier('000000010000000000000000', 0n), earlier(BEFORE, 0x1000000n)];
  return {
    name,
    async *list(options) {
      const entries: FolderEntry[] = [...before];
      for await (const entry of list(options)) entries.push(entry);
      for (const entry of entries) {
        if (entry.kind !== 'file' || !/^0000000[12]/.test(entry.name)) continue;
        const { source } = entry;
        const open: typeof source.open = (how) => {
          opened.add(entry.name.replace('.gz', ''));
          return source.open(how);
        };
        yield { kind: 'file', name: entry.name, source: { name: source.name, open } };
      }
    },
  };
}

describe('with a backup nothing is looked at that lies before it', () => {
  const opened = new Set<string>();
  let wal: SourceFolder;
  beforeEach(async () => {
    opened.clear();
    wal = await labWithEarlier(opened);
  });

  it('for find-commit from an LSN on', async () => {
    const options = { ...{ table: INVENTARIOS, backup: BACKUP }, startLsn: parseLsn('0/3000000')! };
    const bounded = await findCommit(wal, options);
    expect(bounded.relations).toEqual((await findCommit(LAB, options)).relations);
    expect(bounded.relations.length).toBeGreaterThan(0);
    expect(opened).not.toContain(BEFORE);
    expect(opened).toContain('000000010000000000000005');
  });

  it('for rows, and nothing far behind the LSN that they are of', async () => {
    const target = { kind: 'lsn', lsn: parseLsn('0/3000800')!, inclusive: true } as const;
    const options = {
      ...{ ...INVENTARIOS, backup: BACKUP, timeline: 1, timezone: UTC },
      question: { kind: 'as-of', target },
    } as const;
    const rowsOf = async (place: SourceFolder | string): Promise<unknown[]> => {
      const rows = await recoverRows(place, options);
      try {
        return [...rows];
      } finally {
        rows.close();
      }
    };
    expect(await rowsOf(wal)).toEqual(await rowsOf(LAB));
    expect(opened).not.toContain(BEFORE);
  });

  it('for a plan', async () => {
    const target = { kind: 'lsn', lsn: parseLsn('0/4000028')!, inclusive: false } as const;
    const { plan, files } = await planRecovery(wal, { backup: BACKUP, target });
    const all = await planRecovery(LAB, { backup: BACKUP, target });
    expect(plan).toEqual(all.plan);
    expect(plan.obstacle).toBeUndefined();
    expect(files).toEqual(all.files);
    expect(opened).not.toContain(BEFORE);
  });
});

it('incidents of a time have the names that they have without bounds', async () => {
  const all = await findIncidents(LAB, { minRows: 1, backup: BACKUP });
  const since = all.incidents[0].time;
  const bounded = await findIncidents(LAB, { minRows: 1, backup: BACKUP, since, until: since });
  expect(bounded.incidents).toEqual(all.incidents.filter(({ time }) => time === since));
  expect(bounded.incidents.length).toBeGreaterThan(0);
  expect(bounded.names).toEqual(all.names);
  expect(bounded.problems).toEqual(all.problems);
});
