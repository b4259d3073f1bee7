import { expect, it } from 'vitest';
import { type ExpressionNames, expressionSql } from '../../../src/questions/changes/default-sql.js';

const names = (operator: string): ExpressionNames => ({
  ...{ version: 18, type: () => undefined, typeName: () => undefined, functionName: () => undefined },
  ...{ relationName: () => undefined, columnName: (number) => `c${number}` },
  operatorName: () => ({ schema: 'pg_catalog', name: operator }),
});
const column = (number: number): string => `{VAR :varno 1 :varattno ${number} :varlevelsup 0}`;
const operation = `{OPEXPR :opno 96 :args (${column(1)} ${column(2)})}`;

it('names operators with their schemas', () => {
  expect(expressionSql(operation, names('='))).toBe('(c1 OPERATOR(pg_catalog.=) c2)');
  expect(expressionSql(operation, names('<->'))).toBe('(c1 OPERATOR(pg_catalog.<->) c2)');
});

it.each(['--', '/*', '=--', '</*>', ') = c2); DROP TABLE t', '='.concat('\n'), ''])(
  'does not take %j for an operator',
  (operator) => {
    expect(expressionSql(operation, names(operator))).toBeUndefined();
  },
);
