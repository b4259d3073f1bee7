import { basename, dirname } from 'node:path';
import { expect } from 'vitest';
import { WalError } from '../../src/wal/error.js';
import { segmentFileNameOf } from '../../src/wal/segment-name.js';
import { FAULT_KINDS, type Fault, type FaultKind, FaultyFiles, type StoreOptions } from './faulty-files.js';
import { MiB } from './folder.js';

/** An answer as plain data: sources by their names, errors as JSON. */
export function plain(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer, (_, value: unknown) => {
      if (typeof value === 'bigint') return String(value);
      if (value instanceof Map) return [...value];
      if (value instanceof Set) return [...value];
      if (
        typeof value === 'object' &&
        value !== null &&
        ('open' in value || 'list' in value) &&
        'name' in value
      )
        return value.name;
      return value;
    }) ?? 'null',
  );
}

/** All errors that an answer tells anywhere in it. */
export function problemsIn(answer: unknown): string[] {
  if (Array.isArray(answer)) return answer.flatMap(problemsIn);
  if (typeof answer !== 'object' || answer === null) return [];
  if ('code' in answer && 'message' in answer) return [`${answer.code}: ${answer.message}`];
  if ('reason' in answer && 'source' in answer) return [`${answer.source} is ${answer.reason}`];
  const obstacle = 'obstacle' in answer && answer.obstacle ? [JSON.stringify(answer.obstacle)] : [];
  return [...obstacle, ...Object.values(answer).flatMap(problemsIn)];
}

/** A question over the files of a store. */
export interface FaultedQuestion {
  files: Readonly<Record<string, Uint8Array>>;
  options?: StoreOptions;
  ask(store: FaultyFiles): Promise<unknown>;
}

type Outcome = { answer: unknown } | { error: unknown };

async function outcomeOf(
  question: FaultedQuestion,
  faults: readonly Fault[],
): Promise<{ outcome: Outcome; store: FaultyFiles }> {
  const store = new FaultyFiles(question.files, faults, question.options);
  const outcome = await question.ask(store).then(
    (answer): Outcome => ({ answer: plain(answer) }),
    (error: unknown): Outcome => ({ error }),
  );
  return { outcome, store };
}

/** What can strike at each step that the question takes where nothing fails, and its answer. */
export async function cleanRun(
  question: FaultedQuestion,
): Promise<{ possible: readonly FaultKind[][]; answer: unknown }> {
  const { outcome, store } = await outcomeOf(question, []);
  if ('error' in outcome) throw outcome.error;
  expect(store.open).toBe(0);
  return { possible: store.possible, answer: outcome.answer };
}

/**
 * Asks once more while something fails. @returns what is wrong with what comes of it; undefined where it is the
 * answer of the clean run, or tells that it may not be, or is refused with an error that names what has failed
 */
export async function verdict(
  question: FaultedQuestion,
  clean: unknown,
  faults: readonly Fault[],
): Promise<string | undefined> {
  const { outcome, store } = await outcomeOf(question, faults);
  const struck = store.struck.map(({ kind, step, name }) => `${kind} at ${step} of ${name}`).join(', ');
  const place = `${faults.map(({ kind, at }) => `${kind}@${at}`).join(' ')} (${struck})`;
  for (let i = 0; i < 50 && store.open > 0; i++) await new Promise((resolve) => setTimeout(resolve, 2));
  if (store.open !== 0) return `${place}: ${store.open} stay open`;
  if ('error' in outcome) {
    const { error } = outcome;
    if (!(error instanceof WalError)) return `${place}: ${error instanceof Error ? error.stack : error}`;
    const all = [error.file, error.message, ...segmentsOf(error.message)].join(' ');
    // an entry that cannot be had is the folder's fault
    const isNamed = store.struck.some(({ step, name }) =>
      all.includes(step === 'entry' ? dirname(name) : basename(name).slice(0, 24)),
    );
    return isNamed ? undefined : `${place}: names none of it: ${error.code}: ${error.message}`;
  }
  const told = new Set(problemsIn(clean));
  if (problemsIn(outcome.answer).some((problem) => !told.has(problem))) return undefined;
  const other = difference(clean, outcome.answer);
  return other === undefined ? undefined : `${place}: another answer: ${other}`;
}

/** The segments, of 1 MiB, of the places that a message names: records are named by those. */
const segmentsOf = (message: string): string[] =>
  Array.from(message.matchAll(/\b0\/([0-9A-F]+)/g), ([, low]) =>
    segmentFileNameOf(1, BigInt(`0x${low}`), MiB),
  );

/** The first place where two answers differ. */
function difference(a: unknown, b: unknown, path = ''): string | undefined {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return a === b ? undefined : `${path}: ${JSON.stringify(b)}, not ${JSON.stringify(a)}`;
  }
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = difference(a[key as never], b[key as never], `${path}/${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Faults at random, the same ones for the same seed. */
export function randomFaults(steps: number, seed: number): Fault[] {
  // mulberry32
  let state = seed;
  const random = (below: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
  const count = random(4) === 0 ? 2 : 1;
  return Array.from({ length: count }, () => ({
    kind: FAULT_KINDS[random(FAULT_KINDS.length)],
    at: random(steps),
  }));
}

/**
 * Every fault at every step at which it can strike; or, of each kind, every so many-th of these.
 * @param first where to begin with these
 */
export function allFaults(possible: readonly (readonly FaultKind[])[], every = 1, first = 0): Fault[][] {
  return FAULT_KINDS.flatMap((kind) => {
    const steps = [...possible.keys()].filter((at) => possible[at].includes(kind));
    return steps.filter((_, i) => i % every === first % every).map((at) => [{ kind, at }]);
  });
}
