import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { overview } from '../../src/cli/overview.js';
import { processIo } from '../../src/cli/process-io.js';
import type { Tongue } from '../../src/text/tongue.js';
import { keyOf } from '../../src/wal/message.js';

/** The key of a message in the sources, and whether it has forms for one thing and several. */
export interface MessageKey {
  key: string;
  hasForms: boolean;
}

/** Of all messages that the sources make: templates of `message` and `say`, and calls of `several`. */
export function keysInSources(): MessageKey[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.startsWith('web'))
    .map((file) => join('src', file));
  return files.flatMap(keysIn).filter(({ key }) => /\p{L}/u.test(key.replace(/\{\d+\}/g, '')));
}

function keysIn(file: string): MessageKey[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
  const keys: MessageKey[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node) && /(?:^|\.)(?:message|say)$/.test(nameOf(node.tag, source))) {
      keys.push({ key: keyOf(textsOf(node.template)), hasForms: false });
    }
    if (ts.isCallExpression(node) && nameOf(node.expression, source) === 'several') {
      const [, one] = node.arguments;
      if (ts.isStringLiteralLike(one)) keys.push({ key: one.text, hasForms: true });
    }
    if (ts.isNewExpression(node) && nameOf(node.expression, source) === 'InvalidArgumentError') {
      const [why] = node.arguments ?? [];
      if (ts.isStringLiteralLike(why)) keys.push({ key: why.text, hasForms: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return keys;
}

const nameOf = (node: ts.Node, source: ts.SourceFile): string => node.getText(source).replace(/\s/g, '');

const textsOf = (template: ts.TemplateLiteral): string[] =>
  ts.isNoSubstitutionTemplateLiteral(template)
    ? [template.text]
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)];

/** Of all that help prints of commands, as they are defined. */
export async function keysInHelp(): Promise<MessageKey[]> {
  const keys = new Set<string>();
  const tongue: Tongue = {
    language: 'en',
    textOf: (message) => {
      keys.add(message.key);
      return String(message);
    },
  };
  const io = Object.create(processIo, { tongue: { value: tongue }, write: { value: () => {} } });
  for (const [, , load] of COMMANDS) {
    const module = await load();
    if ('define' in module) module.define(io).command.outputHelp();
  }
  // commander ends a run that was for help by throwing
  expect(() => overview(['help'], io)).toThrow();
  return [...keys].map((key) => ({ key, hasForms: false }));
}
