import ts from 'typescript';
import { expect, it } from 'vitest';

it.each(['src/index.ts', 'src/node.ts'])(
  'every export of %s has a docstring',
  (entry) => {
    const program = ts.createProgram([entry], {
      module: ts.ModuleKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
    });
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(entry)!;
    const found = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!);
    expect(found.length).toBeGreaterThan(20);
    const without = found.filter((one) => {
      const symbol = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
      return symbol.getDocumentationComment(checker).length === 0;
    });
    expect(without.map(({ name }) => name)).toEqual([]);
  },
  60_000,
);
