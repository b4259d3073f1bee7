import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { findPgWaldumps } from '../test/support/pg-waldump.js';
import { lastInsertOf, makeCases, type Setting, Walscan } from './cases.js';
import { type Cost, costOf } from './cost.js';
import { factsCosts } from './facts.js';
import { makeWal, segmentsIn } from './make-wal.js';
import { type Command, inTurn, median, outputOf } from './measure.js';

const USAGE = `npm run bench -- [--segments N] [--only TEXT] [--node PATH] [--program PATH] [--backup TAR]
  [--multiplied N,N…] [--keep FOLDER] [SEGMENT|FOLDER]…
Times walscan against pg_waldump in turn, over raw segments of one timeline, or over N segments (64) of pgbench's
WAL that the local PostgreSQL is had to make: then against a server that recovers, too. At last it measures how the cost
grows with the segments. --only: the cases with TEXT in their names, or "growth" for that alone; --node: the node that
runs the program (default: this one); --program: the program as one file, instead; --backup: the base.tar.gz that the
segments follow on, of a database like that which the bench makes.
--only facts: what facts of the segments cost, and what is asked of facts multiplied to 100, 1,000 and 10,000 segments, or
to as many as --multiplied says; --keep: where those are kept for the next time.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    segments: { type: 'string', default: '64' },
    only: { type: 'string', default: '' },
    node: { type: 'string', default: process.execPath },
    program: { type: 'string' },
    backup: { type: 'string' },
    multiplied: { type: 'string', default: '100,1000,10000' },
    keep: { type: 'string' },
    help: { type: 'boolean' },
  },
});

async function main(
  count: number,
  paths: string[],
  walscan: Walscan,
  { only, backup }: { only: string; backup?: string | undefined },
): Promise<void> {
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
      restore: made?.restore ?? (backup ? { backup, archive: dirname(segments[0]), bin } : undefined),
    };
    const version = (await outputOf(walscan.command('--version'))).trim();
    console.log(`${cpus()[0]?.model}, ${cpus().length} cores; ${version}, ${values.program ?? values.node};`);
    console.log(
      `pg_waldump ${waldump.version}; ${segments.length} segments of ${statSync(segments[0]).size >> 20} MiB\n`,
    );
    if (only === 'facts') return await facts(setting);
    await timings(setting, only);
    if ('growth'.includes(only)) await growth(setting);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function facts({ walscan, segments, waldump, scratch }: Setting): Promise<void> {
  const counts = values.multiplied.split(',').map(Number);
  const relation = await insertedInto(segments, waldump);
  await factsCosts({ ...{ walscan, segments, relation, counts, scratch }, folder: values.keep ?? scratch });
}

async function insertedInto(segments: readonly string[], waldump: string): Promise<string> {
  for (const segment of segments) {
    const { relation } = lastInsertOf(await outputOf([waldump, segment]));
    if (relation !== '') return relation;
  }
  throw new Error('nothing is inserted in this WAL');
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

/** How many times a command runs over so many segments; over many, what differs from run to run is little. */
const runsOver = (segments: number): number => (segments > 16 ? 1 : 3);

/** How time and memory grow with the segments: of each the median. */
async function growth(setting: Setting): Promise<void> {
  const { segments } = setting;
  const counts = [1, 4, 16, 64, 256].filter((count) => count <= segments.length);
  console.log(`\n| ms / ms of CPU / peak MiB, by segments | ${counts.join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(counts.length)}`);
  for (const what of Object.keys(growing(setting, segments))) {
    const figures: string[] = [];
    for (const count of counts) {
      const command = growing(setting, segments.slice(0, count))[what];
      const costs: Cost[] = [];
      while (costs.length < runsOver(count)) costs.push(await costOf(command));
      const medians = (['wall', 'cpu', 'peak'] as const).map((part) =>
        median(costs.map((cost) => cost[part])),
      );
      figures.push(medians.map((figure) => figure.toFixed(0)).join(' / '));
    }
    console.log(`| \`${what}\` | ${figures.join(' | ')} |`);
  }
}

// last, when all the constants are there
if (values.help) console.log(USAGE);
else await main(Number(values.segments), positionals, new Walscan(values.node, values.program), values);
