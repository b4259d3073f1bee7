import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';
import { defineConfig } from 'tsup';
import ts from 'typescript';

/** `npm run fuzz`: the sources, each branch of which says that it was taken (coverage.ts), and what runs them. */
export default defineConfig({
  entry: { main: 'test/fuzz/main.ts', worker: 'test/fuzz/worker.ts' },
  format: 'esm',
  target: 'node20',
  outDir: 'build/fuzz',
  sourcemap: 'inline',
  silent: true,
  banner: { js: 'const __taken = (globalThis.__taken ??= new Uint8Array(1 << 14));' },
  esbuildPlugins: [branches()],
});

function branches(): Plugin {
  let count = 0;
  const next = (): ts.Expression =>
    ts.factory.createAssignment(
      ts.factory.createElementAccessExpression(ts.factory.createIdentifier('__taken'), count++),
      ts.factory.createNumericLiteral(1),
    );
  const statement = (): ts.Statement => ts.factory.createExpressionStatement(next());
  const first = (expression: ts.Expression): ts.Expression =>
    ts.factory.createParenthesizedExpression(ts.factory.createComma(next(), expression));

  const counting: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
    const { factory } = context;
    const visitAll = (node: ts.Node): ts.Node => ts.visitEachChild(node, visit, context);
    const visit = (node: ts.Node): ts.Node => {
      const done = visitAll(node);
      if (ts.isBlock(done)) return factory.updateBlock(done, [statement(), ...done.statements]);
      if (ts.isCaseClause(done)) {
        return factory.updateCaseClause(done, done.expression, [statement(), ...done.statements]);
      }
      if (ts.isDefaultClause(done))
        return factory.updateDefaultClause(done, [statement(), ...done.statements]);
      if (ts.isIfStatement(done)) {
        const block = (one: ts.Statement): ts.Statement =>
          ts.isBlock(one) ? one : factory.createBlock([statement(), one]);
        const other = done.elseStatement;
        return factory.updateIfStatement(
          done,
          done.expression,
          block(done.thenStatement),
          other && block(other),
        );
      }
      if (ts.isConditionalExpression(done)) {
        const { condition, questionToken, colonToken } = done;
        return factory.updateConditionalExpression(
          ...([
            done,
            condition,
            questionToken,
            first(done.whenTrue),
            colonToken,
            first(done.whenFalse),
          ] as const),
        );
      }
      if (ts.isBinaryExpression(done) && LAZY.has(done.operatorToken.kind)) {
        return factory.updateBinaryExpression(done, done.left, done.operatorToken, first(done.right));
      }
      if (ts.isArrowFunction(done) && !ts.isBlock(done.body)) {
        const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken, body } = done;
        return factory.updateArrowFunction(
          ...([
            done,
            modifiers,
            typeParameters,
            parameters,
            type,
            equalsGreaterThanToken,
            first(body),
          ] as const),
        );
      }
      return done;
    };
    return visitAll(file) as ts.SourceFile;
  };

  return {
    name: 'branches',
    setup(build) {
      build.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
        const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
          fileName: path,
          compilerOptions: {
            target: ts.ScriptTarget.ES2022,
            module: ts.ModuleKind.ESNext,
            verbatimModuleSyntax: true,
            inlineSourceMap: true,
            inlineSources: true,
          },
          transformers: { before: [counting] },
        });
        return { contents: outputText, loader: 'js' };
      });
    },
  };
}

const LAZY: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
]);
