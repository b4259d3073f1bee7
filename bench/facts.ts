import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Walscan } from './cases.js';
import { type Cost, costOf } from './cost.js';
import { type Command, inTurn, median, outputOf } from './measure.js';
import { MultipliedFacts } from './multiply-facts.js';

export interface FactsSetting {
  walscan: Walscan;
  /** Raw segments of one timeline, oldest first. */
  segments: readonly string[];
  /** The relation that is asked for. */
  relation: string;
  /** Of how many segments facts are asked. */
  counts: readonly number[];
  /** Where facts that are multiplied are, or go. */
  folder: string;
  /** A temporary folder. */
  scratch: string;
}

/** What facts cost to make, how large they are, and how what is asked of them grows. */
export async function factsCosts(setting: FactsSetting): Promise<void> {
  const facts = join(setting.scratch, 'facts');
  await making(setting, facts);
  printSizes(setting.segments, sizeOf(facts));
  await growth(setting, facts);
}

/** CPU time of one thread. @param folder where facts are at the end */
async function making({ walscan, segments, relation, scratch }: FactsSetting, folder: string): Promise<void> {
  const one = ['--jobs', '1'];
  let runs = 0;
  const make = (output: string) => async () =>
    cpuOf(walscan.command('facts', ...one, '-o', output, ...segments));
  const find = () => cpuOf(walscan.command('find-commit', ...one, '--rel', relation, ...segments));
  await make(folder)();
  const { ours, theirs, ratio } = await inTurn(3, 0, () => make(join(scratch, `facts-${runs++}`))(), find);
  console.log(
    `${segments.length} segments, ms of CPU: \`facts\` ${ours.toFixed(0)}, \`find-commit\` ${theirs.toFixed(0)}`,
  );
  console.log(`ratio ${ratio.toFixed(2)} (goal: at most 1.15)\n`);
}

const cpuOf = async (command: Command): Promise<number> => (await costOf(command)).cpu;

function printSizes(segments: readonly string[], facts: number): void {
  let [raw, gzip, zstd] = [0, 0, 0];
  for (const segment of segments) {
    const bytes = readFileSync(segment);
    raw += bytes.length;
    gzip += gzipSync(bytes, { level: 6 }).length;
    zstd += spawnSync('zstd', ['-3', '-q', '-c', segment], { maxBuffer: 2 ** 31 }).stdout?.length ?? 0;
  }
  const share = (whole: number): string =>
    whole === 0
      ? 'not there'
      : `${mib(whole)} MiB, of which facts are ${((100 * facts) / whole).toFixed(2)} %`;
  console.log(`facts: ${mib(facts)} MiB; WAL: ${share(raw)}`);
  console.log(`by gzip -6: ${share(gzip)}; by zstd -3: ${share(zstd)} (goal: at most 2 %)\n`);
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

/** The bytes of all files below a folder. */
function sizeOf(folder: string): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  return paths
    .map((path) => statSync(path))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

/** How time and memory grow with the segments that there are facts of: of each the median. */
async function growth({ walscan, relation, counts, folder }: FactsSetting, facts: string): Promise<void> {
  const folderOf = (count: number): string => join(folder, `facts-of-${count}`);
  for (const count of counts) {
    await (await MultipliedFacts.of(facts, folderOf(count))).growTo(count);
    const said = await outputOf(walscan.command('archive', '--facts', folderOf(count)));
    if (!said.includes('Nothing is missing, nothing is damaged'))
      throw new Error(`not what it has to be: ${said}`);
  }
  console.log(`| ms / ms of CPU / peak MiB, by segments | ${counts.join(' | ')} |`);
  console.log(`|---|${'---|'.repeat(counts.length)}`);
  for (const what of Object.keys(asked(walscan, '', relation))) {
    const figures: string[] = [];
    for (const count of counts)
      figures.push(await figuresOf(asked(walscan, folderOf(count), relation)[what]));
    console.log(`| \`${what}\` | ${figures.join(' | ')} |`);
  }
}

const asked = (walscan: Walscan, facts: string, relation: string): Record<string, Command> => ({
  'find-commit --facts': walscan.command('find-commit', '--facts', facts, '--rel', relation),
  'incidents --facts': walscan.command('incidents', '--facts', facts),
  'archive --facts': walscan.command('archive', '--facts', facts),
  'sql find_commit': walscan.command('sql', '--facts', facts, '--json', 'SELECT * FROM find_commit'),
});

/** Whatever takes longer than that, in milliseconds, is run once. */
const LONG = 10_000;

async function figuresOf(command: Command): Promise<string> {
  const costs = [await costOf(command)];
  while (costs.length < 3 && costs[0].wall < LONG) costs.push(await costOf(command));
  const parts = ['wall', 'cpu', 'peak'] as const;
  return parts.map((part) => median(costs.map((cost: Cost) => cost[part])).toFixed(0)).join(' / ');
}
