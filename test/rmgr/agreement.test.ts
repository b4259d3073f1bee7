import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify } from '../../src/rmgr/index.js';
import { descriptionsIn, descriptionsOf } from '../support/descriptions.js';
import { findPgWaldumps, type PgWaldump, runPgWaldump } from '../support/pg-waldump.js';
import { recordKinds } from '../support/records/index.js';
import { block } from '../support/records/kind.js';
import { type RecordInput, WalWriter } from '../support/wal-writer.js';

/** Records of each kind. */
const RUNS = 60;
/** Fixed, so that a failure shows again; any other number has to do as well. */
const { SEED = '20251224' } = process.env;

const programs = findPgWaldumps();

describe('arbitrary records are described as PostgreSQL describes them', () => {
  if (programs.length === 0) it.skip('no pg_waldump on this machine to compare with', () => {});

  for (const program of programs) {
    const { version } = program;
    const kinds = recordKinds(version);
    // one run of the program for all kinds: starting it takes longer than the rest
    let both: Descriptions | undefined;

    it.each(kinds.map((kind, i) => ({ ...kind, i })))(`${version}: $rmgr $name`, ({ name, i }) => {
      both ??= describeAll(program);
      const expected = both.theirs.slice(i * RUNS, (i + 1) * RUNS);
      expect(expected).toHaveLength(RUNS);
      for (const description of expected) expect(description.startsWith(`${name} `)).toBe(true);
      expect(both.ours.slice(i * RUNS, (i + 1) * RUNS)).toEqual(expected);
    });

    it(`${version}: nothing else`, () => {
      expect(kinds.length).toBeGreaterThan(50);
      expect(both?.theirs).toHaveLength(kinds.length * RUNS);
      expect(both?.ours).toHaveLength(kinds.length * RUNS);
    });

    it(`${version}: kinds that it does not know, and resource managers of extensions`, () => {
      const { ours, theirs } = describeWith(program, unknownRecords(version));
      expect(theirs.length).toBeGreaterThan(700);
      expect(ours).toEqual(theirs);
    });
  }
});

interface Descriptions {
  ours: string[];
  theirs: string[];
}

function describeAll(program: PgWaldump): Descriptions {
  const records = recordKinds(program.version).flatMap(({ input }) =>
    fc.sample(input, { numRuns: RUNS, seed: Number(SEED) }),
  );
  return describeWith(program, records);
}

function describeWith(program: PgWaldump, records: readonly RecordInput[]): Descriptions {
  const { version } = program;
  const writer = new WalWriter({ version, segmentSize: version < 11 ? 16 << 20 : 1 << 20 });
  for (const record of records) writer.append(record);
  const { segments } = writer;
  return {
    ours: descriptionsOf(segments.map(({ bytes }) => bytes)),
    theirs: descriptionsIn(runPgWaldump(program, segments).stdout),
  };
}

/** Every `xl_info` that names no kind, with zeroes for content. */
function unknownRecords(version: number): RecordInput[] {
  const ids = Array.from({ length: 256 }, (_, id) => id);
  const rmids = ids.filter((rmid) => rmid <= 21 || (version >= 15 && rmid >= 128));
  const infos = ids.filter((info) => (info & 0x0f) <= 3);
  return rmids.flatMap((rmid) =>
    infos
      .filter((info) => identify(rmid, info, version) === undefined)
      .map((info) => ({
        rmid,
        info,
        main: new Uint8Array(64),
        blocks: rmid >= 9 && rmid <= 17 ? [block(0, new Uint8Array(64))] : [],
      })),
  );
}
