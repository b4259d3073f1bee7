import ts from 'typescript';
import { beforeAll, expect, it } from 'vitest';

const entries = ['src/index.ts', 'src/node.ts'];
let program: ts.Program;

beforeAll(() => {
  program = ts.createProgram(entries, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  });
});

it.each(entries)('every export of %s has a docstring', (entry) => {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry)!;
  const found = checker.getExportsOfModule(checker.getSymbolAtLocation(source)!);
  expect(found.length).toBeGreaterThan(20);
  const without = found.filter((one) => {
    const symbol = one.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(one) : one;
    return symbol.getDocumentationComment(checker).length === 0;
  });
  expect(without.map(({ name }) => name)).toEqual([]);
});
