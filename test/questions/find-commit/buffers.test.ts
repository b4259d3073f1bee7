import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  archiveJson,
  incidentsJson,
  parseBackupHistory,
  parseHistory,
  type Segment,
  timelineChain,
  type WalStock,
} from '../../../src/index.js';
import { examineArchive, findIncidents, planRecovery } from '../../../src/node.js';
import {
  ArchiveRun,
  backupOfHistory,
  IncidentsRun,
  RecoveryPlanner,
  scanForArchive,
  scanForIncidents,
} from '../../../src/parts.js';
import { readTestdata, readTestSegment, segmentPaths } from '../../support/testdata.js';

/** What the portable entry does over bytes in memory, against what the same does over files. */
describe.each([15, 18])('with the files of lab/%i in memory', (version) => {
  const folder = `testdata/lab/${version}`;
  const segments = segmentPaths(folder).map(readTestSegment);
  const stock: WalStock<Segment> = {
    format: segments[0],
    segments,
    histories: readdirSync(folder)
      .filter((name) => name.endsWith('.history.gz'))
      .map((name) => {
        const timeline = Number.parseInt(basename(name), 16);
        return { timeline, switches: parseHistory(readTestdata(`${folder}/${name}`), timeline) };
      }),
  };
  const backup = backupOfHistory(
    parseBackupHistory(readTestdata(`${folder}/000000010000000000000002.00000028.backup.gz`)),
  );

  it('archives are examined', async () => {
    const run = new ArchiveRun(stock, []);
    for (const task of run.tasks) run.add(task, scanForArchive(task.segment.file));
    const examined = await examineArchive([folder]);
    const { backups: _, ...there } = archiveJson(examined);
    const { backups, ...here } = archiveJson({ ...examined, ...run.finish() });
    expect(here).toEqual(there);
    expect(backups).toEqual([]);
  });

  it('parts of archives and incidents survive the way to another thread', () => {
    for (const segment of segments) {
      const part = scanForArchive(segment);
      expect(structuredClone(part)).toEqual(part);
      const incidents = scanForIncidents(segment, segment.start + BigInt(segment.segmentSize));
      expect(structuredClone(incidents)).toEqual(incidents);
    }
  });

  it('incidents are found', async () => {
    const run = new IncidentsRun(stock, { minRows: 1, all: true });
    for (const task of run.tasks) run.add(task, scanForIncidents(task.segment.file, task.segment.end));
    const found = incidentsJson({ ...run.finish(), places: [folder] });
    expect(found).toEqual(incidentsJson(await findIncidents([folder], { minRows: 1, all: true })));
    expect(found.incidents.length).toBeGreaterThan(0);
  });

  it('recovery is planned', async () => {
    const target = { kind: 'latest' } as const;
    const { plan: planned } = await planRecovery([folder], { backup: `${folder}/backup_label`, target });
    const { settings } = planned.server;
    const planner = new RecoveryPlanner(backup, target, timelineChain(stock, 2), segments[0], settings);
    for (const { file } of planner.wanted) planner.push(file);
    expect(planner.finish()).toEqual(planned);
  });
});
