import { expect, it } from 'vitest';
import { addFacts, noFacts } from '../../../src/questions/archive/scan.js';

it('facts are added up, however many there are', () => {
  const many = 300_000;
  const facts = noFacts();
  const backupEnds = Array.from({ length: many }, () => ({ startLsn: 1n, endLsn: 2n }));
  const timelineStarts = Array.from({ length: many }, () => ({ from: 1n, lsn: 1n, timeline: 2, parent: 1 }));
  addFacts(facts, { ...noFacts(), backupEnds, timelineStarts });
  expect(facts.backupEnds).toHaveLength(many);
  expect(facts.timelineStarts).toHaveLength(many);
});
