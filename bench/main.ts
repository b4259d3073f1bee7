import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { findPgWaldumps } from '../test/support/pg-waldump.js';
import { makeCases, type Setting, walscan } from './cases.js';
import { makeWal, segmentsIn } from './make-wal.js';
import { inTurn, median, wallTime } from './measure.js';
import { peakMemory } from './memory.js';

const USAGE = `npm run bench -- [--segments N] [--only TEXT] [SEGMENT|FOLDER]…
Times walscan against pg_waldump in turn, over raw segments of one timeline, or over N segments (64) of pgbench's
WAL that the local PostgreSQL is had to make: then against a server that recovers, too.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    segments: { type: 'string', default: '64' },
    only: { type: 'string', default: '' },
    help: { type: 'boolean' },
  },
});

if (values.help) console.log(USAGE);
else await main(Number(values.segments), positionals, values.only);

async function main(count: number, paths: string[], only: string): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'walscan-bench-'));
  try {
    const waldump = findPgWaldumps().at(-1);
    if (waldump === undefined)
      throw new Error('no pg_waldump found to measure against: set PG_WALDUMP to its path');
    const bin = join(waldump.program, '..');
    const found = paths.flatMap((path) => (statSync(path).isDirectory() ? segmentsIn(path) : [path]));
    const made = found.length > 0 ? undefined : makeWal(bin, join(scratch, '.'), count);
    const segments = made?.segments ?? found.slice(0, count);
    const packed = pack(segments, scratch);
    const setting = { segments, packed, waldump: waldump.program, scratch, restore: made?.restore };
    console.log(`${cpus()[0]?.model}, ${cpus().length} cores; Node ${process.versions.node};`);
    console.log(
      `pg_waldump ${waldump.version}; ${segments.length} segments of ${statSync(segments[0]).size >> 20} MiB\n`,
    );
    await timings(setting, only);
    if (only === '') {
      await scaling(setting);
      await memory(setting);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pack(segments: string[], folder: string): string[] {
  return segments.slice(0, 16).map((segment) => {
    const packed = join(folder, `${basename(segment)}.gz`);
    writeFileSync(packed, gzipSync(readFileSync(segment)));
    return packed;
  });
}

/** Runs until V8 has compiled a loop for good. */
const WARM_UP = 10;

async function timings(setting: Setting, only: string): Promise<void> {
  console.log('| what | walscan ms | rival ms | ratio | goal |\n|---|---|---|---|---|');
  for (const { what, goal, runs, isLibrary, ours, theirs, check } of await makeCases(setting)) {
    if (!what.includes(only)) continue;
    await check?.();
    const times = await inTurn(runs, isLibrary ? WARM_UP : 1, ours, theirs);
    const figures = [times.ours.toFixed(1), times.theirs.toFixed(1), times.ratio.toFixed(2)];
    console.log(`| ${what} | ${figures.join(' | ')} | ≤ ${goal} |`);
  }
}

/** How the time grows with segments and threads: wall milliseconds, median of 3. */
async function scaling({ segments }: Setting): Promise<void> {
  console.log(
    '\n| segments | `dump`, 1 thread | `dump`, 2 | `dump -z`, 1 | `dump -z`, 2 |\n|---|---|---|---|---|',
  );
  for (let count = 1; count <= segments.length; count *= 4) {
    const range = [segments[0], segments[count - 1]];
    const times: string[] = [];
    for (const options of [[], ['-z']]) {
      for (const jobs of ['1', '2']) {
        const command = walscan('dump', '--jobs', jobs, ...options, ...range);
        const runs = [await wallTime(command), await wallTime(command), await wallTime(command)];
        times.push(median(runs).toFixed(0));
      }
    }
    console.log(`| ${count} | ${times.join(' | ')} |`);
  }
}

async function memory({ segments }: Setting): Promise<void> {
  console.log('\n| segments | `dump`, 2 threads, peak MiB | `dump -z` | `find-commit` |\n|---|---|---|---|');
  for (const count of [segments.length >> 2, segments.length].filter((count) => count > 0)) {
    const range = [segments[0], segments[count - 1]];
    const commands = [
      walscan('dump', '--jobs', '2', ...range),
      walscan('dump', '--jobs', '2', '-z', ...range),
      walscan('find-commit', '--jobs', '2', '--rel', '1', ...segments.slice(0, count)),
    ];
    const peaks: string[] = [];
    for (const command of commands) peaks.push((await peakMemory(command)).toFixed(0));
    console.log(`| ${count} | ${peaks.join(' | ')} |`);
  }
}
