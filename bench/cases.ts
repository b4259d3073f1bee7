import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommit, openSegment, type Segment, UTC, WalReader } from '../src/node.js';
import { dumpSegment } from '../src/parts.js';
import { type MadeWal, runAsServer } from './make-wal.js';
import { type Command, outputHash, outputOf, wallTime } from './measure.js';

/** What is timed against what. */
export interface Case {
  what: string;
  /** The ratio walscan / rival that is wanted at most. */
  goal: number;
  runs: number;
  /** Code that runs in this process is to be warm. */
  isLibrary?: boolean;
  /** Milliseconds of one run. */
  ours: () => number | Promise<number>;
  theirs: () => Promise<number>;
  /** Throws where the two sides do not answer the same. */
  check?: () => Promise<void>;
}

export interface Setting {
  walscan: Walscan;
  /** Raw segments, oldest first. */
  segments: string[];
  /** Some of them, compressed by gzip and, where there is a `zstd`, by that. */
  packed: string[];
  packedByZstd: string[];
  /** `pg_waldump`; without it walscan is timed against nothing. */
  waldump: string;
  /** A temporary folder. */
  scratch: string;
  /** A backup and the archive after it, where the segments were made here. */
  restore: MadeWal['restore'] | undefined;
}

const CLI = join(import.meta.dirname, '../dist/cli.js');

/** How walscan is started: by a Node of one's choice, or as the one file that it can be. */
export class Walscan {
  /**
   * @param node the `node` that runs it
   * @param binary the program that is one file; undefined where `node` runs what was built
   */
  constructor(
    readonly node: string,
    private readonly binary: string | undefined,
  ) {}

  command(...args: string[]): Command {
    return this.binary === undefined ? [this.node, CLI, ...args] : [this.binary, ...args];
  }
}

export async function makeCases(setting: Setting): Promise<Case[]> {
  const { segments, waldump, walscan } = setting;
  const first = segments[0];
  const segment = openSegment(new Uint8Array(readFileSync(first)), { file: first });
  const some = segments.slice(0, 16);
  const theirs =
    (...args: string[]) =>
    () =>
      wallTime([waldump, ...args]);
  const ours =
    (...args: string[]) =>
    () =>
      wallTime(walscan.command(...args));
  const equal = (...args: string[]) => sameOutput(walscan.command('dump', ...args), [waldump, ...args]);
  const rangeOf = (all: readonly string[]): string[] => [all[0], all[all.length - 1]];
  const nothing = () => wallTime([walscan.node, '-e', '0']);

  return [
    {
      what: 'decode and verify one segment, warm, one thread (library) : `pg_waldump -q`',
      goal: 1.0,
      runs: 41,
      isLibrary: true,
      ours: () => timeOf(() => readAll(segment)),
      theirs: theirs('-q', first),
    },
    {
      what: 'text of one segment, warm, one thread (library) : `pg_waldump`',
      goal: 0.4,
      runs: 15,
      isLibrary: true,
      ours: () => timeOf(() => dumpAsText(segment)),
      theirs: theirs(first),
    },
    {
      what: '`walscan dump SEG` : `pg_waldump SEG`',
      goal: 1.5,
      runs: 15,
      ours: ours('dump', first),
      theirs: theirs(first),
      check: equal(first),
    },
    {
      what: `\`walscan dump\` : \`pg_waldump\`, ${some.length} segments`,
      goal: 0.35,
      runs: 5,
      ours: ours('dump', ...rangeOf(some)),
      theirs: theirs(...rangeOf(some)),
      check: equal(...rangeOf(some)),
    },
    {
      what: `\`walscan dump\` with 2 threads : with 1, ${some.length} segments`,
      goal: 0.6,
      runs: 5,
      ours: ours('dump', '--jobs', '2', ...rangeOf(some)),
      theirs: ours('dump', '--jobs', '1', ...rangeOf(some)),
      check: sameOutput(
        walscan.command('dump', '--jobs', '2', ...rangeOf(some)),
        walscan.command('dump', '--jobs', '1', ...rangeOf(some)),
      ),
    },
    ...[
      { all: some, goal: 1.5 },
      { all: segments, goal: 1.0 },
    ].map(({ all, goal }) => ({
      what: `\`walscan dump -z\` : \`pg_waldump -z\`, ${all.length} segments`,
      goal,
      runs: 5,
      ours: ours('dump', '-z', ...rangeOf(all)),
      theirs: theirs('-z', ...rangeOf(all)),
      check: equal('-z', ...rangeOf(all)),
    })),
    ...(await findCommitCases(setting)),
    ...(setting.restore === undefined ? [] : restoreCases(setting.restore, setting)),
    {
      what: '`walscan --version` : `node -e 0`',
      goal: 1.1,
      runs: 21,
      ours: ours('--version'),
      theirs: nothing,
    },
    {
      what: '`walscan find-commit` of one segment : `node -e 0`',
      goal: 1.6,
      runs: 21,
      ours: ours('find-commit', '--rel', '1', first),
      theirs: nothing,
    },
  ];
}

/** Of the second of two runs: after another program has run, the first finds the processor's caches cold. */
function timeOf(work: () => void): number {
  work();
  const start = performance.now();
  work();
  return performance.now() - start;
}

function readAll(segment: Segment): void {
  const reader = new WalReader({ transient: true });
  reader.push(segment);
  while (reader.next() !== undefined);
}

const textRoom = new Uint8Array(128 * 1024 * 1024);

/** Into a buffer that is there already, as a program has one that prints segment after segment. */
function dumpAsText(segment: Segment): void {
  let size = 0;
  dumpSegment(segment, { filter: {}, output: { kind: 'text', blockDetails: false } }, UTC, (text) => {
    textRoom.set(text, size);
    size += text.length;
    return textRoom.subarray(size - text.length, size);
  });
}

function sameOutput(ours: Command, theirs: Command): () => Promise<void> {
  return async () => {
    if ((await outputHash(ours)) !== (await outputHash(theirs))) {
      throw new Error(`not the same output: ${ours.join(' ')}\n                 and: ${theirs.join(' ')}`);
    }
  };
}

/** find-commit over compressed segments, against what one does by hand for each: unpack, dump, grep. */
async function findCommitCases({
  segments,
  packed,
  packedByZstd,
  waldump,
  scratch,
  walscan,
}: Setting): Promise<Case[]> {
  const text = await outputOf([waldump, segments[packed.length - 1]]);
  const { relation, lsn } = lastInsertOf(text);
  const caseOf = (files: readonly string[], unpack: string, goal: number): Case => {
    const byHand = `
      for file in ${files.join(' ')}; do
        segment=$(basename $file)
        segment=${scratch}/\${segment%.*}
        ${unpack} $file > $segment
        ${waldump} $segment | grep -E 'INSERT.*rel ${relation} |COMMIT' | tail -n 1
        rm $segment
      done`;
    return {
      what: `\`walscan find-commit\` : \`${unpack}\`, \`pg_waldump\`, \`grep\` on each, ${files.length} segments`,
      goal,
      runs: 3,
      ours: () => wallTime(walscan.command('find-commit', '--rel', relation, ...files)),
      theirs: () => wallTime(['sh', '-c', byHand]),
      check: async () => {
        const { relations } = await findCommit(files, { relation });
        const found = relations[0]?.lastInsert?.lsn;
        if (found !== lsn) throw new Error(`the last INSERT is at ${lsn}, not at ${found}`);
      },
    };
  };
  const byZstd = packedByZstd.length > 0 ? [caseOf(packedByZstd, 'zstd -dc', 0.1)] : [];
  return [caseOf(packed, 'gunzip -c', 0.13), ...byZstd];
}

/** Rows and changes out of a backup, against a server that recovers from it and copies its tables. */
function restoreCases({ backup, archive, bin }: MadeWal['restore'], { scratch, walscan }: Setting): Case[] {
  const copied = join(scratch, 'copied');
  const byServer = (tables: readonly string[]): void => {
    const copies = tables.map((table) => `-c 'COPY ${table} TO STDOUT'`).join(' ');
    const data = `${scratch}/restored`;
    const psql = `${bin}/psql -h ${scratch} -U postgres -qAt`;
    runAsServer('sh', [
      '-ec',
      `rm -rf ${data}; mkdir -m 700 ${data}; tar -xzf ${backup} -C ${data}; touch ${data}/recovery.signal
      echo "
      restore_command = 'cp ${archive}/%f %p'
      archive_mode = off
      recovery_target_action = promote" >> ${data}/postgresql.auto.conf
      ${bin}/pg_ctl -D ${data} -l ${data}/log -w -t 600 start > /dev/null
      until ${psql} -c 'SELECT pg_is_in_recovery()' postgres 2> /dev/null | grep -q f; do sleep 0.05; done
      ${psql} ${copies} postgres > ${copied}
      ${bin}/pg_ctl -D ${data} -m immediate -w stop > /dev/null`,
    ]);
  };
  const theirs = (tables: readonly string[]) => async () => timeOnce(() => byServer(tables));
  const rows = walscan.command(
    ...['rows', '--backup', backup, '--database', 'postgres', '--table', 'small'],
    ...['--as-of', 'latest', '--format', 'copy', archive],
  );
  const all = ['small', 'pgbench_accounts', 'pgbench_branches', 'pgbench_tellers', 'pgbench_history'];
  return [
    {
      what: '`walscan rows` of a small table : recover, COPY',
      goal: 0.25,
      runs: 3,
      ours: () => wallTime(rows),
      theirs: theirs(['small']),
      check: async () => {
        const sorted = (text: string): string => text.trim().split('\n').sort().join('\n');
        byServer(['small']);
        if (sorted(await outputOf(rows)) !== sorted(readFileSync(copied, 'utf8')))
          throw new Error('rows are not those that the server has');
      },
    },
    {
      what: '`walscan changes` of all tables : recover, COPY of all',
      goal: 0.5,
      runs: 3,
      ours: () => wallTime(walscan.command('changes', '--backup', backup, archive)),
      theirs: theirs(all),
    },
  ];
}

function timeOnce(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

const INSERT = /tx: +(\d+), lsn: ([0-9A-F]+)\/([0-9A-F]+),.* desc: (?:MULTI_)?INSERT.* rel (\d+\/\d+\/\d+) /;

/** The relation with the most INSERTs in `pg_waldump`'s text, and the last of them that was committed. */
export function lastInsertOf(text: string): { relation: string; lsn: bigint } {
  const committed = new Set(Array.from(text.matchAll(/tx: +(\d+), .* desc: COMMIT /g), ([, xid]) => xid));
  const counts = new Map<string, number>();
  const last = new Map<string, bigint>();
  for (const line of text.split('\n')) {
    const match = line.startsWith('rmgr: Heap') ? INSERT.exec(line) : null;
    if (match === null || !committed.has(match[1])) continue;
    const [, , high, low, relation] = match;
    counts.set(relation, (counts.get(relation) ?? 0) + 1);
    last.set(relation, (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`));
  }
  const [[relation] = ['']] = [...counts].sort(([, a], [, b]) => b - a);
  return { relation, lsn: last.get(relation) ?? 0n };
}
