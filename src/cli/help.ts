import { type Argument, type Command, Help, type Option } from 'commander';
import stringWidth from 'string-width';
import { sayIn, type Tongue } from '../text/tongue.js';
import { Message } from '../wal/message.js';

/** Help in the reader's language: descriptions are English where they are written, and known to catalogs by that. */
export class TongueHelp extends Help {
  constructor(private readonly tongue: Tongue) {
    super();
  }

  override commandUsage(command: Command): string {
    return super.commandUsage(command).replace('[options]', `[${this.said('options')}]`);
  }

  override commandDescription(command: Command): string {
    return this.said(command.description());
  }

  override subcommandDescription(command: Command): string {
    return this.said(command.summary() || command.description());
  }

  override argumentDescription({ description }: Argument): string {
    return this.said(description);
  }

  override optionDescription(option: Option): string {
    const { description, argChoices, defaultValue, envVar } = option;
    const say = sayIn(this.tongue);
    const more: string[] = [];
    if (argChoices !== undefined) more.push(say`choices: ${argChoices.map(quoted).join(', ')}`);
    if (defaultValue !== undefined && option.required) more.push(say`default: ${quoted(defaultValue)}`);
    if (envVar !== undefined) more.push(say`variable: ${envVar}`);
    return this.said(description) + (more.length === 0 ? '' : ` (${more.join(', ')})`);
  }

  override styleTitle(title: string): string {
    return this.said(title);
  }

  override displayWidth(text: string): number {
    return stringWidth(text);
  }

  private said(text: string): string {
    return text === '' ? '' : this.tongue.textOf(new Message(text, []));
  }
}

const quoted = (value: unknown): string => JSON.stringify(value);
