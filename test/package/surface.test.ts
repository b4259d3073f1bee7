import { beforeAll, describe, expect, it } from 'vitest';
import { ENTRIES, type Entry, PublicDeclarations } from '../support/declarations.js';

const entries = Object.keys(ENTRIES) as Entry[];
let surface: PublicDeclarations;
beforeAll(() => {
  surface = new PublicDeclarations();
}, 60_000);

describe('the public surface', () => {
  it.each(entries)('%s is what it was', async (entry) => {
    const declarations = [...surface.exportsOf(entry)]
      .filter(([name]) => entry === 'walscan' || !surface.exportsOf('walscan').has(name))
      .map(([name, symbol]) => `// ${name}\n${surface.textOf(symbol)}\n`);
    await expect(declarations.join('\n')).toMatchFileSnapshot(`api/${ENTRIES[entry]}.txt`);
  });

  it.each(entries)('%s exports every type that its declarations name', (entry) => {
    const known = new Set([
      ...surface.exportsOf(entry).values(),
      ...surface.exportsOf('walscan').values(), // on which the others stand
    ]);
    const missing: string[] = [];
    for (const [name, symbol] of surface.exportsOf(entry)) {
      for (const named of surface.namedBy(symbol)) {
        if (!known.has(named)) missing.push(`${named.name}, named by ${name}`);
      }
    }
    expect(missing).toEqual([]);
  });

  it.each(entries)('every export of %s has a docstring', (entry) => {
    const without = [...surface.exportsOf(entry)].filter(
      ([, symbol]) => symbol.getDocumentationComment(surface.checker).length === 0,
    );
    expect(without.map(([name]) => name)).toEqual([]);
  });

  it('needs no declarations but those of JavaScript itself', () => {
    expect(surface.problems).toEqual([]);
  });
});
