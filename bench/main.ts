import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { findPgWaldumps } from '../test/support/pg-waldump.js';
import { makeCases, type Setting, Walscan } from './cases.js';
import { makeWal, segmentsIn } from './make-wal.js';
import { type Command, inTurn, median, outputOf, wallTime } from './measure.js';
import { peakMemory } from './memory.js';

const USAGE = `npm run bench -- [--segments N] [--only TEXT] [--node PATH] [--program PATH] [SEGMENT|FOLDER]…
Times walscan against pg_waldump in turn, over raw segments of one timeline, or over N segments (64) of pgbench's
WAL that the local PostgreSQL is had to make: then against a server that recovers, too. --node: the node that runs the
program (default: this one); --program: the program as one file, instead.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    segments: { type: 'string', default: '64' },
    only: { type: 'string', default: '' },
    node: { type: 'string', default: process.execPath },
    program: { type: 'string' },
    help: { type: 'boolean' },
  },
});

if (values.help) console.log(USAGE);
else await main(Number(values.segments), positionals, values.only, new Walscan(values.node, values.program));

async function main(count: number, paths: string[], only: string, walscan: Walscan): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'walscan-bench-'));
  try {
    const waldump = findPgWaldumps().at(-1);
    if (waldump === undefined)
      throw new Error('no pg_waldump found to measure against: set PG_WALDUMP to its path');
    const bin = join(waldump.program, '..');
    const found = paths.flatMap((path) => (statSync(path).isDirectory() ? segmentsIn(path) : [path]));
    const made = found.length > 0 ? undefined : makeWal(bin, join(scratch, '.'), count);
    const segments = made?.segments ?? found.slice(0, count);
    const packed = segments.slice(0, 16).map((segment) => join(scratch, `${basename(segment)}.gz`));
    for (const [i, file] of packed.entries()) writeFileSync(file, gzipSync(readFileSync(segments[i])));
    const packedByZstd = packByZstd(segments.slice(0, 16), scratch);
    const setting: Setting = {
      ...{ walscan, segments, packed, packedByZstd, waldump: waldump.program, scratch },
      restore: made?.restore,
    };
    const version = (await outputOf(walscan.command('--version'))).trim();
    console.log(`${cpus()[0]?.model}, ${cpus().length} cores; ${version}, ${values.program ?? values.node};`);
    console.log(
      `pg_waldump ${waldump.version}; ${segments.length} segments of ${statSync(segments[0]).size >> 20} MiB\n`,
    );
    await timings(setting, only);
    if (only === '') await growth(setting);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @returns nothing where there is no `zstd` */
function packByZstd(segments: readonly string[], folder: string): string[] {
  return segments.flatMap((segment) => {
    const packed = join(folder, `${basename(segment)}.zst`);
    const { status } = spawnSync('zstd', ['-q', '-f', '-o', packed, segment], { stdio: 'ignore' });
    return status === 0 ? [packed] : [];
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

/** What is asked of more and more segments. */
function growing({ walscan, restore }: Setting, segments: readonly string[]): Record<string, Command> {
  const range = [segments[0], segments[segments.length - 1]];
  const end = ['--end', endOf(segments[segments.length - 1])];
  const all: Record<string, Command> = {
    dump: walscan.command('dump', ...range),
    'dump --jobs 1': walscan.command('dump', '--jobs', '1', ...range),
    'dump -z': walscan.command('dump', '-z', ...range),
    'find-commit': walscan.command('find-commit', '--rel', '1', ...segments),
    incidents: walscan.command('incidents', ...segments),
    archive: walscan.command('archive', ...segments),
  };
  if (restore === undefined) return all;
  const { backup, archive } = restore;
  return {
    ...all,
    changes: walscan.command('changes', '--backup', backup, ...end, archive),
    rows: walscan.command(
      ...['rows', '--backup', backup, '--database', 'postgres', '--table', 'small'],
      ...['--as-of', endOf(segments[segments.length - 1]), archive],
    ),
  };
}

/** The LSN that a segment of 16 MiB ends at. */
function endOf(segment: string): string {
  const name = basename(segment);
  const end = (BigInt(`0x${name.slice(8, 16)}`) << 32n) + ((BigInt(`0x${name.slice(16)}`) + 1n) << 24n);
  return `${(end >> 32n).toString(16)}/${(end & 0xffff_ffffn).toString(16)}`.toUpperCase();
}

/** How time and memory grow with the segments: wall milliseconds, median of 3, and peak MiB. */
async function growth(setting: Setting): Promise<void> {
  const { segments } = setting;
  const counts = [1, 4, 16, 64, 256].filter((count) => count <= segments.length);
  const rows = new Map<string, string[]>();
  for (const count of counts) {
    for (const [what, command] of Object.entries(growing(setting, segments.slice(0, count)))) {
      const runs = [await wallTime(command), await wallTime(command), await wallTime(command)];
      const figure = `${median(runs).toFixed(0)} / ${(await peakMemory(command)).toFixed(0)}`;
      rows.set(what, [...(rows.get(what) ?? []), figure]);
    }
  }
  console.log(
    `\n| ms / peak MiB, by segments | ${counts.join(' | ')} |\n|---|${'---|'.repeat(counts.length)}`,
  );
  for (const [what, figures] of rows) console.log(`| \`${what}\` | ${figures.join(' | ')} |`);
}
