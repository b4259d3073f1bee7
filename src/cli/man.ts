import type { Command, Help } from 'commander';
import { ENGLISH } from '../text/tongue.js';
import { version } from '../text/version.js';
import { COMMANDS } from './commands.js';
import { DUMP_HELP } from './dump/help.js';
import type { Io } from './io.js';
import { overviewCommand } from './overview.js';
import { USUAL_TELLING } from './telling.js';

/** A page of the manual, as its file: `walscan-plan.1`. */
export interface ManPage {
  file: string;
  /** roff, with the macros of man(7). */
  text: string;
}

/** The pages of the program and of all commands, out of what `--help` is made of. */
export async function manPages(): Promise<ManPage[]> {
  const io = silentIo();
  const commands = COMMANDS.map(async ([name, summary, load]): Promise<ManPage> => {
    const module = await load();
    const body =
      'define' in module ? bodyOf(module.define(io).command) : verbatim('USAGE AND OPTIONS', DUMP_HELP);
    return page(`walscan-${name}`, summary, `${body}${seeAlso(['walscan(1)'])}`);
  });
  const names = COMMANDS.map(([name]) => `walscan-${name}(1)`);
  const own = page(
    'walscan',
    "read PostgreSQL's write-ahead log",
    bodyOf(overviewCommand(io)) + seeAlso(names),
  );
  return [own, ...(await Promise.all(commands))];
}

/** The world of one who only asks for help, and prints nothing. */
const silentIo = (): Io => ({
  write() {},
  writeError() {},
  env: {},
  tongue: ENGLISH,
  telling: USUAL_TELLING,
  isTerminal: false,
  errorTerminal: undefined,
});

const page = (name: string, summary: string, body: string): ManPage => ({
  file: `${name}.1`,
  text: `.TH ${name.toUpperCase().replaceAll('-', '\\-')} 1 "" "walscan ${version}" "walscan"
.SH NAME
${escaped(name)} \\- ${escaped(summary)}
${body}`,
});

function bodyOf(command: Command): string {
  const help = command.createHelp();
  const [name = '', ...usage] = help.commandUsage(command).split(' ');
  return [
    `.SH SYNOPSIS\n.B ${escaped(name)}\n${escaped(usage.join(' '))}\n`,
    `.SH DESCRIPTION\n${escaped(help.commandDescription(command))}\n`,
    items(
      'ARGUMENTS',
      help.visibleArguments(command).map((one) => [help.argumentTerm(one), help.argumentDescription(one)]),
    ),
    items('OPTIONS', optionsOf(command, help)),
    items(
      'COMMANDS',
      help.visibleCommands(command).map((one) => [help.subcommandTerm(one), help.subcommandDescription(one)]),
    ),
    notes(command),
  ].join('');
}

const optionsOf = (command: Command, help: Help): [string, string][] =>
  help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]);

/** What help says after all that: text that is in lines already. */
function notes(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  const after = text.slice(command.helpInformation().length).trim();
  return after === '' ? '' : verbatim('NOTES', after);
}

const items = (title: string, all: [term: string, description: string][]): string =>
  all.length === 0
    ? ''
    : `.SH ${title}\n${all.map(([term, text]) => `.TP\n.B ${escaped(term)}\n${escaped(text)}\n`).join('')}`;

const verbatim = (title: string, text: string): string =>
  `.SH "${title}"\n.nf\n${escaped(text.trim())}\n.fi\n`;

const seeAlso = (pages: readonly string[]): string => `.SH "SEE ALSO"\n${escaped(pages.join(', '))}\n`;

/** Text as roff takes it: a dot or a quote at the start of a line would be a request. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
    .replace(
      /[^\0-\x7f]/g,
      (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    );
