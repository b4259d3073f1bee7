import { COMMANDS } from '../commands.js';
import type { Io } from '../io.js';
import { endOfCommonOptions } from '../leading-options.js';
import { readSettings } from '../settings/settings.js';
import { type Grammar, grammarOf, type OptionWords } from './grammar.js';
import { relationsOf } from './relations.js';

/** What a shell completes itself. */
const FILES = ':files';

/** What values of options are files, by what help calls them. */
const FILE_VALUES: ReadonlySet<string> = new Set(['file', 'folder', 'dir', 'path', 'backup']);

/** What values of options are names of tables, by their options. */
const TABLE_OPTIONS: ReadonlySet<string> = new Set(['--table', '--exclude-table']);

/**
 * What a word may be, for shells: a candidate a line, or `:files`.
 * @param words all that were typed after the program's name, the last of them as far as it was
 */
export async function candidatesFor(words: readonly string[], io: Io): Promise<string[]> {
  const typed = withoutEqualSigns(words);
  const end = endOfCommonOptions(typed.slice(0, -1));
  const [name, ...own] = typed.slice(end);
  // the value of an option
  if (name === undefined) return [];
  const names = COMMANDS.map(([known]) => known);
  if (own.length === 0) return startingWith(name, [...names, 'help', '--help', '--version']);
  if (name === 'help') return own.length === 1 ? startingWith(own[0], names) : [];
  const grammar = await grammarOf(name, io);
  if (grammar === undefined) return [];
  const current = own[own.length - 1];
  const before = [...typed.slice(0, end), ...own.slice(0, -1)];
  const [, attached, start] = /^(--[\w-]+)=(.*)$/s.exec(current) ?? [];
  if (attached !== undefined) {
    const found = await valuesOf(optionNamed(attached, grammar), start, { grammar, before, io });
    return found.map((value) => (value === FILES ? value : `${attached}=${value}`));
  }
  const option = optionNamed(before.at(-1), grammar);
  if (option?.value !== undefined) return valuesOf(option, current, { grammar, before, io });
  if (current.startsWith('-'))
    return startingWith(
      current,
      grammar.options.flatMap(({ names: [long] }) => long),
    );
  const { choices, isPath } = grammar.operand;
  return isPath ? [FILES] : startingWith(current, choices);
}

/** bash takes `--table=name` for three words. */
function withoutEqualSigns(words: readonly string[]): string[] {
  const last = words.length - 1;
  return words.map((word, i) => (i === last && word === '=' ? '' : word)).filter((word) => word !== '=');
}

const startingWith = (start: string, candidates: readonly string[]): string[] =>
  candidates.filter((candidate) => candidate.startsWith(start));

const optionNamed = (name: string | undefined, { options }: Grammar): OptionWords | undefined =>
  options.find(({ names }) => name !== undefined && names.includes(name));

/** What was typed before a word. */
interface Typed {
  grammar: Grammar;
  before: readonly string[];
  io: Io;
}

async function valuesOf(option: OptionWords | undefined, start: string, typed: Typed): Promise<string[]> {
  if (option === undefined) return [];
  const { names, value = '', choices } = option;
  if (names.some((name) => TABLE_OPTIONS.has(name))) return startingWith(start, await tables(typed));
  return FILE_VALUES.has(value) ? [FILES] : startingWith(start, choices);
}

async function tables({ grammar, before, io }: Typed): Promise<string[]> {
  const given = parsed(before, grammar);
  const settings = await readSettings(given.values.get('--config'), io.env).catch(() => undefined);
  const backup = given.values.get('--backup') ?? settings?.backup?.value ?? settings?.backupOfArchive?.value;
  if (backup === undefined) return [];
  const paths = given.operands.length > 0 ? given.operands : (settings?.archives[0]?.value ?? []);
  const database = given.values.get('--database') ?? settings?.database?.value;
  return relationsOf({ backup, paths, database });
}

/** What words give, by the long names of options. */
function parsed(
  words: readonly string[],
  grammar: Grammar,
): { values: Map<string, string>; operands: string[] } {
  const values = new Map<string, string>();
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [, name = words[i], attached] = /^(--[\w-]+)=(.*)$/s.exec(words[i]) ?? [];
    const option = optionNamed(name, grammar);
    if (option?.value !== undefined) values.set(option.names[0], attached ?? words[++i] ?? '');
    else if (option === undefined && !name.startsWith('-')) operands.push(name);
  }
  return { values, operands };
}
