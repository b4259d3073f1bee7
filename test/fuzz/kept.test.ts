import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deserialised, serialised } from './input.js';
import { minimised } from './minimise.js';
import { mutate } from './mutate.js';
import { Random } from './random.js';
import { crashOf } from './target.js';
import { TARGETS } from './targets/index.js';

const FOLDER = 'testdata/fuzz';

describe('what fuzzing is made of', () => {
  const input = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(300).fill(7)];

  it('keeps inputs as they are', () => {
    expect(deserialised(serialised(input))).toEqual(input);
  });

  it('makes the same of the same seed', () => {
    const made = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 50 }, () => mutate(input, { corpus: [input], words: ['a'] }, random));
    };
    expect(made(5)).toEqual(made(5));
    expect(made(5)).not.toEqual(made(6));
  });

  it('finds the bytes that matter', async () => {
    const has7 = async (one: readonly Uint8Array[]) =>
      one.some((part) => part.includes(7) && part.length > 1);
    expect(await minimised(input, has7)).toEqual([Uint8Array.of(0, 7)]);
  });

  it('has targets that begin well', async () => {
    expect(new Set(TARGETS.map(({ name }) => name)).size).toBe(TARGETS.length);
    for (const target of TARGETS) {
      const [first] = target.seeds(new Random(1));
      expect(await crashOf(target, first), target.name).toBeUndefined();
    }
  });
});

it('docs/reliability.md tells of every target', () => {
  const text = readFileSync('docs/reliability.md', 'utf8');
  expect(TARGETS.filter(({ name }) => !text.includes(`\`${name}\``)).map(({ name }) => name)).toEqual([]);
});

const kept = existsSync(FOLDER) ? readdirSync(FOLDER) : [];

describe.each(kept)('what fuzzing found of %s', (name) => {
  const target = TARGETS.find((one) => one.name === name)!;
  it.each(readdirSync(`${FOLDER}/${name}`))('is stood: %s', async (file) => {
    expect(await crashOf(target, deserialised(readFileSync(`${FOLDER}/${name}/${file}`)))).toBeUndefined();
  });
});
