import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { untilAborted } from '../../src/sources/abort.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { PORTABLE_READING } from '../../src/sources/reading.js';
import { storedBytes } from '../../src/sources/stored-bytes.js';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('untilAborted', () => {
  it('lets go of what has been waited for while the signal lives on', async () => {
    const { signal } = new AbortController();
    const results: WeakRef<object>[] = [];
    for (let i = 0; i < 10; i++) {
      const result = { i };
      results.push(new WeakRef(result));
      await untilAborted(Promise.resolve(result), signal);
    }
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    // the last may still be on the stack
    expect(results.filter((result) => result.deref() !== undefined).length).toBeLessThan(3);
  });

  it('needs one listener, however many wait, and none after that', async () => {
    const { signal, abort } = countedSignal();
    const settle: (() => void)[] = [];
    const wait = (): Promise<void> =>
      untilAborted(new Promise<void>((resolve) => settle.push(resolve)), signal);
    const all = Array.from({ length: 20 }, wait);
    expect(signal.listeners.size).toBe(1);
    for (const done of settle) done();
    await Promise.all(all);
    expect(signal.listeners.size).toBe(0);
    const aborted = Promise.allSettled(Array.from({ length: 3 }, wait));
    abort('enough');
    expect(await aborted).toEqual(Array(3).fill({ status: 'rejected', reason: 'enough' }));
    await new Promise((resolve) => setTimeout(resolve));
    await expect(wait()).rejects.toBe('enough');
  });
});

function countedSignal() {
  const listeners = new Set<() => void>();
  const signal = {
    aborted: false,
    reason: undefined as unknown,
    listeners,
    addEventListener: (_: 'abort', listener: () => void) => void listeners.add(listener),
    removeEventListener: (_: 'abort', listener: () => void) => void listeners.delete(listener),
  };
  const abort = (reason: unknown): void => {
    signal.aborted = true;
    signal.reason = reason;
    for (const listener of listeners) listener();
  };
  return { signal, abort };
}

it('whoever aborts has a turn where all that is read is in memory', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 10);
  const reading = { ...PORTABLE_READING, signal: controller.signal };
  const source = memorySource('small', new Uint8Array(10));
  const read = async (): Promise<void> => {
    // many times as long as that takes
    for (let i = 0; i < 1_000_000; i++) for await (const _ of storedBytes(source, reading));
  };
  await expect(read()).rejects.toThrow(/abort/);
});
