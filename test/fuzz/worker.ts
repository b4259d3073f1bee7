import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { branchesTaken, forgetBranches, hasNewBranch } from './coverage.js';
import { deserialised, type Input, serialised } from './input.js';
import { minimised } from './minimise.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import {
  BRANCHES,
  CORPUS,
  COUNT,
  type Crash,
  INPUT_SIZE,
  type Job,
  roomOf,
  SLOWEST,
  wordsOf,
} from './shared.js';
import { crashOf, kindOfCrash } from './target.js';
import { TARGETS } from './targets/index.js';

/** More inputs than branches are worth it are not kept. */
const MOST_KEPT = 4000;

/** Of a turn, at most such a part for inputs that are known. */
const PART_FOR_KNOWN = 0.4;

parentPort?.on('message', async (job: Job) => {
  await takeTurn(job);
  parentPort?.postMessage('done');
});

/** Runs a target for as long as the job says. */
async function takeTurn({
  target: name,
  seed,
  milliseconds,
  corpus: folder,
  known,
  memory,
}: Job): Promise<void> {
  const start = performance.now();
  const isOver = (part: number): boolean => performance.now() - start >= part * milliseconds;
  const target = TARGETS.find((one) => one.name === name)!;
  const random = new Random(seed);
  const words = wordsOf(memory);
  const room = roomOf(memory);
  const kinds = new Set(known);
  const seeds = target.seeds(random);
  const corpus: Input[] = [];

  /** Runs an input that the watching thread can see. */
  async function run(input: Input): Promise<Error | undefined> {
    const bytes = serialised(input);
    room.set(bytes.subarray(0, room.length));
    words[INPUT_SIZE] = Math.min(bytes.length, room.length);
    Atomics.add(words, COUNT, 1);
    const before = performance.now();
    const crash = await crashOf(target, input);
    words[SLOWEST] = Math.max(words[SLOWEST], Math.ceil(performance.now() - before));
    return crash;
  }

  async function tell(input: Input, crash: Error): Promise<void> {
    const kind = kindOfCrash(crash);
    if (kinds.has(kind)) return;
    kinds.add(kind);
    const smallest = await minimised(input, async (candidate) => {
      const other = await run(candidate);
      return other !== undefined && kindOfCrash(other) === kind;
    });
    const told: Crash = { kind, stack: crash.stack ?? String(crash), input: serialised(smallest) };
    parentPort?.postMessage(told);
  }

  /** @returns whether it takes branches that no other one before did */
  async function isNew(input: Input): Promise<boolean> {
    const crash = await run(input);
    if (crash) await tell(input, crash);
    return hasNewBranch() && crash === undefined;
  }

  forgetBranches();
  mkdirSync(folder, { recursive: true });
  const kept = readdirSync(folder).map((file) => ({ file, bytes: readFileSync(join(folder, file)) }));
  kept.sort((a, b) => a.bytes.length - b.bytes.length);
  for (const { file, bytes } of kept) {
    const input = deserialised(bytes);
    if (isOver(PART_FOR_KNOWN) || (await isNew(input))) corpus.push(input);
    else rmSync(join(folder, file), { force: true });
  }
  const first = random.below(seeds.length);
  for (let i = 0; i < seeds.length; i++) {
    const seed = seeds[(first + i) % seeds.length];
    if (corpus.length > 0 && isOver(2 * PART_FOR_KNOWN)) break;
    if ((await isNew(seed)) || corpus.length === 0) corpus.push(seed);
  }
  const material = { corpus, words: target.words ?? [] };
  while (!isOver(1)) {
    // now and then one that was no news, but is far from all others
    const input = mutate(random.pick(random.below(8) === 0 ? seeds : corpus), material, random);
    if (!(await isNew(input)) || corpus.length >= MOST_KEPT) continue;
    corpus.push(input);
    writeFileSync(join(folder, nameOf(input)), serialised(input));
  }
  words[CORPUS] = corpus.length;
  words[BRANCHES] = branchesTaken();
}

const nameOf = (input: Input): string =>
  createHash('sha256').update(serialised(input)).digest('hex').slice(0, 16);
