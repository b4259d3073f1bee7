import { expect, it } from 'vitest';
import { AlikeRestorePoints } from '../../src/replay/alike-restore-points.js';
import type { RestorePoint } from '../../src/replay/recovery.js';

const point = (name: string): RestorePoint => {
  return { record: 'RESTORE_POINT', lsn: 0n, endLsn: 0n, xid: 0, time: 0n, name };
};

it('keeps the names that are most alike, however many there are', () => {
  const points = new AlikeRestorePoints({ kind: 'name', name: 'before_relase' });
  const others = Array.from({ length: 5000 }, (_, i) => `nightly_${i}`);
  const names = [...others, 'before_release', ...others, 'before_release_2', 'before_release'];
  for (const name of names) points.take(point(name));
  expect(points.names.slice(0, 2)).toEqual(['before_release', 'before_release_2']);
  expect(points.names).toHaveLength(5);
});

it('keeps none where none is looked for', () => {
  const points = new AlikeRestorePoints({ kind: 'latest' });
  points.take(point('nightly'));
  expect(points.names).toEqual([]);
});
