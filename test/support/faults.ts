import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readTestdata, segmentPaths } from './testdata.js';

/** Damaged input, and what `pg_waldump` made of it. */
export interface FaultCase {
  name: string;
  version: number;
  /** The segments from first to last, unpacked. */
  files: { name: string; bytes: Uint8Array }[];
  /** Standard output; undefined where it is not kept. */
  text: string | undefined;
  /** Standard error. */
  error: string;
  exitCode: number;
}

const ROOT = 'testdata/faults';

export const faultCases: readonly FaultCase[] = readdirSync(ROOT).flatMap((version) =>
  readdirSync(`${ROOT}/${version}`).map((name) => caseOf(Number(version), name)),
);

function caseOf(version: number, name: string): FaultCase {
  const folder = `${ROOT}/${version}/${name}`;
  const paths = segmentPaths(folder);
  const text = `${folder}/expected.txt.gz`;
  return {
    name: `${name} on ${version}`,
    version,
    files: existsSync(`${folder}/patch.txt`)
      ? [patched(folder)]
      : paths.map((path) => ({ name: basename(path, '.gz'), bytes: readTestdata(path) })),
    text: existsSync(text) ? readTestdata(text).toString('latin1') : undefined,
    error: readFileSync(`${folder}/expected.err`, 'utf8'),
    exitCode: Number(readFileSync(`${folder}/expected.rc`, 'utf8')),
  };
}

/** Some of the cases differ in a few bytes from a segment that another one has whole. */
function patched(folder: string): FaultCase['files'][number] {
  const [offset, hex] = readFileSync(`${folder}/patch.txt`, 'utf8').trim().split(' ');
  const name = '000000010000000000000010';
  const bytes = readTestdata(`${folder}/../zero-next/${name}.gz`);
  bytes.set(Buffer.from(hex, 'hex'), Number(offset));
  return { name, bytes };
}
