import { join } from 'node:path';
import ts from 'typescript';

/** The package's public entries, by the name that they are imported by. */
export const ENTRIES = { walscan: 'index', 'walscan/node': 'node', 'walscan/parts': 'parts' } as const;
export type Entry = keyof typeof ENTRIES;

/** What a TypeScript program sees that uses the package: its declarations, JavaScript of 2022, and nothing else. */
export class PublicDeclarations {
  readonly program: ts.Program;
  readonly checker: ts.TypeChecker;
  /** What is wrong with them. Asked for first: links in comments, too, add to it when the checker is asked for them. */
  readonly problems: string[];

  constructor(
    /** The folder of the declarations. */
    private readonly folder: string,
  ) {
    this.program = ts.createProgram(
      Object.values(ENTRIES).map((name) => this.fileOf(name)),
      {
        target: ts.ScriptTarget.ES2022,
        lib: ['lib.es2022.d.ts'],
        types: [],
        module: ts.ModuleKind.NodeNext,
        strict: true,
        noEmit: true,
      },
    );
    this.checker = this.program.getTypeChecker();
    this.problems = ts
      .getPreEmitDiagnostics(this.program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  }

  /** What an entry exports, by name. */
  exportsOf(entry: Entry): Map<string, ts.Symbol> {
    const module = this.checker.getSymbolAtLocation(this.program.getSourceFile(this.fileOf(ENTRIES[entry]))!);
    const found = this.checker
      .getExportsOfModule(module!)
      .map((one) => [one.name, this.declared(one)] as const);
    return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** What an exported name, or one that is used, stands for. */
  declared(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.checker.getAliasedSymbol(symbol) : symbol;
  }

  /** Types and values of this package that the declarations of a symbol name. */
  namedBy(symbol: ts.Symbol): Set<ts.Symbol> {
    const named = new Set<ts.Symbol>();
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node)) {
        const used = this.checker.getSymbolAtLocation(node);
        const meant = used && this.declared(used);
        if (meant && this.isOfPackage(meant)) named.add(meant);
      }
      ts.forEachChild(node, visit);
    };
    for (const declaration of symbol.declarations ?? []) visit(declaration);
    named.delete(symbol);
    return named;
  }

  /** The text of a symbol's declarations, without comments. */
  textOf(symbol: ts.Symbol): string {
    return (symbol.declarations ?? [])
      .map((declaration) => (ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration))
      .map((node) => PRINTER.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile()))
      .join('\n');
  }

  /** Whether it is declared by this package, at the top of a module. */
  private isOfPackage({ declarations = [] }: ts.Symbol): boolean {
    return declarations.some((declaration) => {
      const { fileName } = declaration.getSourceFile();
      const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
      return fileName.startsWith(this.folder) && ts.isSourceFile(node.parent);
    });
  }

  private fileOf(name: string): string {
    return join(this.folder, `${name}.d.ts`);
  }
}

const PRINTER = ts.createPrinter({ removeComments: true });
