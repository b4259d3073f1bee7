import ts from 'typescript';
import { beforeAll, describe, expect, it } from 'vitest';
import type { HeapInsert, RecordData } from '../../src/rmgr/content.js';

const FILE = 'src/rmgr/content.ts';

/** The type of one of its fields, or of what it is made of otherwise: all that a type stands on. */
function partsOf(type: ts.Type, checker: ts.TypeChecker): ts.Type[] {
  if (type.isUnionOrIntersection()) return type.types;
  if (checker.isArrayType(type)) return [...checker.getTypeArguments(type as ts.TypeReference)];
  const symbol = type.getSymbol();
  if (!(type.flags & ts.TypeFlags.Object) || symbol?.name === 'Uint8Array') return [];
  return checker.getPropertiesOfType(type).map((property) => checker.getTypeOfSymbol(property));
}

describe('src/rmgr/content.ts', () => {
  let checker: ts.TypeChecker;
  let exported: Map<string, ts.Symbol>;
  const reached = new Map<string, ts.Symbol>();

  beforeAll(() => {
    const options = { strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext };
    const program = ts.createProgram([FILE], options);
    checker = program.getTypeChecker();
    const file = program.getSourceFile(FILE);
    const module = file && checker.getSymbolAtLocation(file);
    const symbols = module ? checker.getExportsOfModule(module) : [];
    exported = new Map(
      symbols.map((each) => [
        each.name,
        each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each,
      ]),
    );
    const seen = new Set<ts.Type>();
    const visit = (type: ts.Type): void => {
      if (seen.has(type)) return;
      seen.add(type);
      for (const symbol of [type.aliasSymbol, type.getSymbol()]) {
        if (symbol && /^[A-Z]/.test(symbol.name) && symbol.name !== 'Array') reached.set(symbol.name, symbol);
      }
      for (const part of partsOf(type, checker)) visit(part);
    };
    const root = exported.get('RecordData');
    if (root) visit(checker.getDeclaredTypeOfSymbol(root));
  });

  it('exports every type that a record can be made of', () => {
    const missing = [...reached.keys()].filter(
      (name) =>
        !exported.has(name) && !['ReadonlyArray', 'Uint8Array', 'Message', 'MessageValue'].includes(name),
    );
    expect(missing).toEqual([]);
    expect(reached.size).toBeGreaterThan(100);
  });

  it('has words for each of them', () => {
    const silent = [...exported].filter(([, symbol]) => symbol.getDocumentationComment(checker).length === 0);
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('exports types only', () => {
    const values = [...exported].filter(([, symbol]) => symbol.flags & ts.SymbolFlags.Value);
    expect(values.map(([name]) => name)).toEqual([]);
  });

  // held by the compiler: without narrowing, types do not check
  it('lets content be told by `rmgr` and `type`', () => {
    const offset = (data: RecordData): number | undefined => {
      if (data.rmgr !== 'Heap' || data.type !== 'insert') return undefined;
      const insert: HeapInsert = data;
      return insert.offnum;
    };
    expect(offset({ rmgr: 'Heap', type: 'insert', initPage: false, offnum: 7, flags: 0 })).toBe(7);
    expect(offset({ rmgr: 'Heap', type: 'unknown', info: 0x10 })).toBeUndefined();
  });
});
