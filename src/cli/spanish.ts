import i18next from 'i18next';
import type { Tongue } from '../text/tongue.js';
import { filled, type Message } from '../wal/message.js';
import { es } from './messages/es/index.js';

const i18n = i18next.createInstance();
// of words that are here already, so it is done at once
void i18n.init({
  resources: { es: { translation: Object.fromEntries(Object.entries(es).flatMap(formsOf)) } },
  lng: 'es',
  initAsync: false,
  // keys are English sentences, in which these are punctuation
  keySeparator: false,
  nsSeparator: false,
});

/** What is not in the catalog is English. */
export const SPANISH: Tongue = { language: 'es', textOf };

function textOf(message: Message): string {
  const { key, english, count, values } = message;
  // values are put in here: nothing in them may be taken for i18next's own syntax
  const text = i18n.exists(key, { count }) ? i18n.t(key, { count, skipInterpolation: true }) : english;
  return filled(
    text,
    values.map((value) => (typeof value === 'object' ? textOf(value) : String(value))),
  );
}

/** The keys that i18next knows the forms of plurals by. */
function formsOf([key, text]: [string, (typeof es)[string]]): [key: string, text: string][] {
  if (typeof text === 'string') return [[key, text]];
  const [one, other, many = other] = text;
  return [
    [`${key}_one`, one],
    [`${key}_other`, other],
    [`${key}_many`, many],
  ];
}
