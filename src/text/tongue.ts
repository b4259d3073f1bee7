import { type Message, type MessageValue, message } from '../wal/message.js';

/** A reader's language. */
export interface Tongue {
  /** As BCP 47 has it: `en`, `es`. */
  readonly language: string;
  /** What a message is in this language: English where the language does not have it. */
  textOf(message: Message): string;
}

export const ENGLISH: Tongue = { language: 'en', textOf: String };

/** Makes texts out of templates at once: `` say`Nothing is missing, nothing is damaged.` `` */
export type Say = (texts: TemplateStringsArray, ...values: MessageValue[]) => string;

export const sayIn =
  (tongue: Tongue): Say =>
  (texts, ...values) =>
    tongue.textOf(message(texts, ...values));
