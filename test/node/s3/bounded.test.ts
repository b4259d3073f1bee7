import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { findCommit, findIncidents } from '../../../src/node/questions.js';
import { segmentFileName } from '../../../src/wal/segment-name.js';
import { MiB } from '../../support/folder.js';
import { LongArchive, SECOND } from '../../support/long-archive.js';
import { MemoryStore } from '../../support/s3/memory-store.js';
import { S3Server } from '../../support/s3/server.js';

const SEGMENTS = 256;
const archive = new LongArchive({ segments: SEGMENTS, secondsEach: 85 });
const store = new MemoryStore('wal');
for (let i = 0; i < SEGMENTS; i++) {
  const name = segmentFileName(1, BigInt(i + 1), MiB);
  store.objects.set(`archive/${name}.gz`, gzipSync(archive.bytes(1, i), { level: 1 }));
}

let server: S3Server;

beforeEach(async () => {
  server = await S3Server.with(store.handle);
  for (const [name, value] of Object.entries(server.settings)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const objectsAsked = (): number => new Set(server.faults.asked.flatMap(({ key }) => key ?? [])).size;

/** What a quarter of an hour has, and what lies around it. */
const MOST_OBJECTS = 11 + 40;

it('asks an object store for few objects where a time is asked for', async () => {
  const since = archive.timeOf(120);
  const { incidents, problems } = await findIncidents('s3://wal/archive', {
    minRows: 1,
    since,
    until: since + 900n * SECOND,
  });
  expect(incidents.length).toBeGreaterThan(0);
  expect(problems).toEqual([]);
  expect(objectsAsked()).toBeLessThanOrEqual(MOST_OBJECTS);
});

it('asks an object store for few objects where LSNs are asked for', async () => {
  const [startLsn, endLsn] = [archive.startOf(120), archive.startOf(131)];
  const { relations } = await findCommit('s3://wal/archive', { relation: '16411', startLsn, endLsn });
  expect(relations).toHaveLength(1);
  expect(objectsAsked()).toBeLessThanOrEqual(MOST_OBJECTS);
});
