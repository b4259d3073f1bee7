/*
 * Makes testdata/kinds: for each version WAL with records of every kind that it knows, and what that version's own
 * pg_waldump prints of it. It needs the pg_waldump of every version (see findPgWaldumps):
 *
 *   PG_WALDUMP=/path/to/10/bin/pg_waldump:… npx tsx test/support/make-kinds.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { findPgWaldumps, runPgWaldump } from './pg-waldump.js';
import { recordKinds } from './records/index.js';
import { WalWriter } from './wal-writer.js';

const PER_KIND = 8;

/**
 * A SWITCH ends its segment. The META_CLEANUP of 11 is left out because 11.0 … 11.4 print what memory holds from
 * the record before it (corrected in 11.5), and one of those made the files.
 */
function isLeftOut(name: string, version: number): boolean {
  return name === 'SWITCH' || (name === 'META_CLEANUP' && version === 11);
}

for (const program of findPgWaldumps()) {
  const { version } = program;
  const writer = new WalWriter({ version, segmentSize: version < 11 ? 16 << 20 : 1 << 20 });
  for (const { name, input } of recordKinds(version)) {
    if (isLeftOut(name, version)) continue;
    for (const record of fc.sample(input, { numRuns: PER_KIND, seed: version })) writer.append(record);
  }
  const folder = join('testdata/kinds', String(version));
  mkdirSync(folder, { recursive: true });
  for (const { name, bytes } of writer.segments) {
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
  const { stdout } = runPgWaldump(program, writer.segments);
  writeFileSync(join(folder, 'expected.txt.gz'), gzipSync(Buffer.from(stdout, 'latin1'), { level: 9 }));
}
