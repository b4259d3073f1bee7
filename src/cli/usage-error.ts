import { WalError } from '../wal/error.js';
import { Message, type MessageValue, message } from '../wal/message.js';

/**
 * An error about arguments that do not fit, with how to go on.
 * @param command what to ask for help: `walscan rows`
 */
export const usageError = (said: Message, command: string): WalError =>
  new WalError('usage', message`${said}; see '${command} --help'`);

/** What commander found wrong with arguments, in words of which there are other languages. */
export function commanderError(text: string, code: string, command: string): WalError {
  const [pattern, said] = WORDS[code] ?? [];
  const found = pattern?.exec(text);
  const own = found && said?.(...found.slice(1), command);
  return usageError(own ?? new Message(text.replace(/^error: /, ''), []), command);
}

/** By commander's codes: its text, as of `lib/command.js`, and ours of what that has in it and of the command. */
const WORDS: Record<string, [pattern: RegExp, said: (...found: string[]) => Message]> = {
  'commander.unknownOption': [/^error: unknown option '(.*)'(?:\n\(Did you mean (.*)\?\))?$/s, unknownOption],
  'commander.unknownCommand': [
    /^error: unknown command '(.*)'(?:\n\(Did you mean (.*)\?\))?$/s,
    unknownCommand,
  ],
  'commander.missingArgument': [
    /^error: missing required argument '(.*)'$/,
    (name) => message`argument <${name}> is missing`,
  ],
  'commander.optionMissingArgument': [
    /^error: option '(.*)' argument missing$/,
    (option) => message`option '${option}' needs a value`,
  ],
  'commander.missingMandatoryOptionValue': [
    /^error: required option '(.*)' not specified$/,
    (option) => message`option '${option}' has to be given`,
  ],
  'commander.invalidArgument': [
    /^error: option '(.*?)' argument '(.*)' is invalid\. (?:Allowed choices are (.*)\.|(.*))$/s,
    invalidArgument,
  ],
  'commander.conflictingOption': [
    /^error: (?:option|environment variable) '(.*?)' cannot be used with (?:option|environment variable) '(.*)'$/,
    (one, other) => message`'${one}' cannot be used with '${other}': leave one of them out`,
  ],
  'commander.excessArguments': [
    /^error: too many arguments(?: for '.*')?\. Expected (\d+) arguments? but got (\d+)\.$/,
    (most, given) => message`too many arguments: ${given}, of which there may be ${most}`,
  ],
};

function unknownOption(option: string, similar: string | undefined, command: string): Message {
  if (similar !== undefined) return message`unknown option '${option}' (Did you mean ${oneOf(similar)}?)`;
  if (command !== 'walscan') return message`unknown option '${option}'`;
  return message`unknown option '${option}': that of a command goes behind it, as in 'walscan <command> ${option}'`;
}

function unknownCommand(command: string, similar?: string): Message {
  if (similar === undefined) return message`unknown command '${command}'`;
  return message`unknown command '${command}' (Did you mean ${oneOf(similar)}?)`;
}

/** Of what commander finds alike: `--json`, or `one of --json, --lang`. */
function oneOf(similar: string): MessageValue {
  const [, several] = /^one of (.*)$/s.exec(similar) ?? [];
  return several === undefined ? similar : message`one of ${several}`;
}

/** @param why a sentence of ours, which catalogs know: {@link InvalidArgumentError} of a value's parser */
function invalidArgument(option: string, value: string, choices: string | undefined, why: string): Message {
  const reason = choices === undefined ? new Message(why, []) : message`give one of ${choices}`;
  return message`option '${option}': "${value}": ${reason}`;
}
