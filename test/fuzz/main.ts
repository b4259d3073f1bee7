import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import {
  BRANCHES,
  CORPUS,
  COUNT,
  type Crash,
  INPUT_SIZE,
  type Job,
  newMemory,
  roomOf,
  SLOWEST,
  wordsOf,
} from './shared.js';
import { TARGETS } from './targets/index.js';

const USAGE = `npm run fuzz -- [--minutes N] [--target NAME]… [--seed N] [--jobs N]
Gives every target (or those named) inputs made of other inputs, for 10 minutes in all or as long as is said. What is
found is in build/fuzz/found, and the exit code is 1; inputs that take branches of their own are kept in
build/fuzz/corpus for the next time.
Targets: ${TARGETS.map(({ name }) => name).join(', ')}`;

const FOLDER = 'build/fuzz';
/** No input may take longer, in seconds of the processor, or more memory. */
const MOST_CPU_SECONDS = 5;
const MOST_MEMORY = 1024 ** 3;
/** Doing nothing at all for so long, nothing more will come. */
const MOST_IDLE_MS = 5000;
const LOOK_MS = 100;
/** A target's turn; each has as many as there is time for. */
const LONGEST_TURN_MS = 15_000;

interface Tally {
  inputs: number;
  milliseconds: number;
  corpus: number;
  branches: number;
  slowest: number;
  crashes: Set<string>;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Date.now() >>> 0) },
    jobs: { type: 'string', default: String(availableParallelism()) },
    help: { type: 'boolean' },
  },
});

async function main(
  milliseconds: number,
  names: readonly string[] | undefined,
  seed: number,
  jobs: number,
): Promise<void> {
  const wanted = names ?? TARGETS.map(({ name }) => name);
  const unknown = wanted.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) throw new Error(`there is no target ${unknown}\n${USAGE}`);
  console.log(`seed ${seed}, ${jobs} at a time`);
  const tallies = new Map(wanted.map((name): [string, Tally] => [name, newTally()]));
  const end = performance.now() + milliseconds;
  const share = (milliseconds * jobs) / wanted.length;
  const rounds = Math.max(1, Math.ceil(share / LONGEST_TURN_MS));
  const turns = Array.from({ length: rounds }, (_, round) => wanted.map((name) => ({ name, round }))).flat();
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const thread = new Thread();
      for (let turn = turns.shift(); turn && performance.now() < end; turn = turns.shift()) {
        const { name, round } = turn;
        const tally = tallies.get(name)!;
        const left = ((end - performance.now()) * jobs) / (turns.length + jobs);
        const limit = Math.min(left, end - performance.now());
        await takeTurn(thread, { name, seed: seed + round, milliseconds: limit, jobs }, tally);
        console.log(lineOf(name, tally));
      }
      await thread.end();
    }),
  );
  const all = [...tallies.values()];
  const inputs = all.reduce((sum, one) => sum + one.inputs, 0);
  const crashes = all.reduce((sum, one) => sum + one.crashes.size, 0);
  const slowest = Math.max(...all.map((one) => one.slowest));
  console.log(`${inputs} inputs of ${wanted.length} targets, the slowest ${slowest} ms, ${crashes} crashes`);
  if (crashes > 0) process.exitCode = 1;
}

function newTally(): Tally {
  return { inputs: 0, milliseconds: 0, corpus: 0, branches: 0, slowest: 0, crashes: new Set() };
}

function lineOf(name: string, tally: Tally): string {
  const { inputs, milliseconds, corpus, branches, slowest, crashes } = tally;
  const rate = Math.round((1000 * inputs) / milliseconds);
  return `${name.padEnd(16)} ${String(inputs).padStart(9)} inputs ${String(rate).padStart(6)}/s  corpus ${String(corpus).padStart(5)}  branches ${String(branches).padStart(5)}  slowest ${String(slowest).padStart(5)} ms  crashes ${crashes.size}`;
}

interface Turn {
  name: string;
  seed: number;
  milliseconds: number;
  jobs: number;
}

/** Runs a target for so long, in a new thread where the last one had to be ended. */
async function takeTurn(
  thread: Thread,
  { name, seed, milliseconds, jobs }: Turn,
  tally: Tally,
): Promise<void> {
  const start = performance.now();
  const left = (): number => milliseconds - (performance.now() - start);
  for (let i = 0; i === 0 || left() > LOOK_MS; i++) {
    const job: Job = {
      target: name,
      seed: seed * 1000 + i,
      milliseconds: left(),
      corpus: join(FOLDER, 'corpus', name),
      known: [...tally.crashes],
      memory: newMemory(),
    };
    const problem = await thread.run(job, jobs, (crash) => {
      tally.crashes.add(crash.kind);
      report(name, crash);
    });
    const words = wordsOf(job.memory);
    tally.inputs += words[COUNT];
    tally.corpus = Math.max(tally.corpus, words[CORPUS]);
    tally.branches = Math.max(tally.branches, words[BRANCHES]);
    tally.slowest = Math.max(tally.slowest, words[SLOWEST]);
    if (problem === undefined) break;
    if (tally.crashes.has(problem)) continue;
    tally.crashes.add(problem);
    report(name, { kind: problem, stack: problem, input: roomOf(job.memory).slice(0, words[INPUT_SIZE]) });
  }
  tally.milliseconds += performance.now() - start;
}

/** A thread that runs targets, and is ended when one of them does not end, or takes too much. */
class Thread {
  private worker: Worker | undefined;

  async end(): Promise<void> {
    await this.worker?.terminate();
    this.worker = undefined;
  }

  /** @returns why the thread was ended, if it was: because of the input that it was at */
  async run(job: Job, jobs: number, onCrash: (crash: Crash) => void): Promise<string | undefined> {
    this.worker ??= new Worker(new URL('./worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: (2 * MOST_MEMORY) / 1024 ** 2 },
      execArgv: ['--enable-source-maps'],
    });
    const { worker } = this;
    worker.removeAllListeners();
    const problem = await new Promise<string | undefined>((resolve) => {
      const watch = new Watch(worker, job);
      const timer = setInterval(() => {
        const found = watch.look(jobs);
        if (found !== undefined) end(found);
      }, LOOK_MS);
      const end = (found: string | undefined): void => {
        clearInterval(timer);
        resolve(found);
      };
      worker.on('message', (message: Crash | 'done') => {
        if (message === 'done') end(undefined);
        else onCrash(message);
      });
      worker.on('error', (error: NodeJS.ErrnoException) => end(`${error.code ?? ''} ${error.message}`));
      worker.on('exit', () => end('the thread has ended'));
      worker.postMessage(job);
    });
    if (problem !== undefined) await this.end();
    return problem;
  }
}

/** What the input that a thread is at has taken so far. */
class Watch {
  private readonly words: Int32Array;
  private since: { count: number; cpu: NodeJS.CpuUsage; memory: number; idle: number };

  constructor(
    private readonly worker: Worker,
    { memory }: Job,
  ) {
    this.words = wordsOf(memory);
    this.since = this.now();
  }

  private now(): Watch['since'] {
    return {
      count: this.words[COUNT],
      cpu: process.cpuUsage(),
      memory: process.memoryUsage.rss(),
      idle: this.worker.performance.eventLoopUtilization().idle,
    };
  }

  /** @returns what is too much of it */
  look(jobs: number): string | undefined {
    const { since } = this;
    const now = this.now();
    if (now.count === 0 || now.count !== since.count) {
      this.since = now;
      return undefined;
    }
    const { user, system } = process.cpuUsage(since.cpu);
    if ((user + system) / 1e6 > MOST_CPU_SECONDS * jobs) return 'slow';
    if (now.memory - since.memory > MOST_MEMORY) return 'large';
    return now.idle - since.idle > MOST_IDLE_MS ? 'never ends' : undefined;
  }
}

/** Keeps what a crash takes to be seen again. */
function report(name: string, { kind, stack, input }: Crash): void {
  const folder = join(FOLDER, 'found', name);
  const file = join(folder, createHash('sha256').update(kind).digest('hex').slice(0, 12));
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, input);
  console.log(
    `\n${name}: ${stack.split('\n').slice(0, 8).join('\n')}\n  input of ${input.length} bytes: ${file}\n`,
  );
}

if (values.help) console.log(USAGE);
else await main(Number(values.minutes) * 60_000, values.target, Number(values.seed), Number(values.jobs));
