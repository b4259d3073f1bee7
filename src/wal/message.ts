/** What a message has in a place of its text. */
export type MessageValue = string | number | bigint | Message;

/**
 * A text for people, before it is in a language: English, with `{0}`, `{1}` … where its values go. Catalogs of other
 * languages know it by {@link key}. As a string, it is English.
 */
export class Message {
  /**
   * @param key the text by which catalogs know it; of two forms that of one thing
   * @param english the text to show in English, which is another one than `key` where there are none or several things
   * @param count of how many things it is, where that makes a difference
   */
  constructor(
    readonly key: string,
    readonly values: readonly MessageValue[],
    readonly english = key,
    readonly count?: number,
  ) {}

  toString(): string {
    return filled(this.english, this.values.map(String));
  }
}

/** Puts values where a text has `{0}`, `{1}` …: only there, whatever is in the values. */
export const filled = (text: string, values: readonly string[]): string =>
  text.replace(/\{(\d+)\}/g, (place, index) => values[Number(index)] ?? place);

/** A message out of a template: `` message`No change to relation ${relation} in this WAL.` `` */
export const message = (texts: TemplateStringsArray, ...values: MessageValue[]): Message =>
  new Message(keyOf(texts), values);

/** A message that came from another thread or out of JSON: its class does not survive the way. */
export const received = ({ key, values, english, count }: Message): Message =>
  new Message(
    key,
    values.map((value) => (typeof value === 'object' ? received(value) : value)),
    english,
    count,
  );

/** Messages one after the other. */
export const joined = (parts: readonly MessageValue[], between = ', '): Message =>
  new Message(parts.map((_, i) => `{${i}}`).join(between), parts);

/** By what catalogs know the message of a template. */
export const keyOf = (texts: readonly string[]): string =>
  texts.reduce((key, text, i) => `${key}{${i - 1}}${text}`);

/** A message of so many things, with `{0}` for how many: `several(rows, '{0} row', '{0} rows')`, and values from `{1}` on. */
export const several = (count: number, one: string, more: string, ...values: MessageValue[]): Message =>
  new Message(one, [count, ...values], count === 1 ? one : more, count);
