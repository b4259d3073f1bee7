import { ENGLISH, type Tongue } from '../text/tongue.js';
import type { Io } from './io.js';

/** Languages that help and messages are in. */
export const LANGUAGES = ['en', 'es'] as const;
type Language = (typeof LANGUAGES)[number];

/**
 * The language of whoever started the program: what `--lang` says, or else the locale of messages, as C programs take it
 * (setlocale(3): LC_ALL, LC_MESSAGES, LANG, the first that is set and not empty).
 */
export function languageOf(args: readonly string[], { LC_ALL, LC_MESSAGES, LANG }: Io['env']): Language {
  // where --lang names none, that is said in the language of the locale
  return languageIn(langOption(args)) ?? languageIn(LC_ALL || LC_MESSAGES || LANG) ?? 'en';
}

function languageIn(name = ''): Language | undefined {
  const [language] = name.toLowerCase().split(/[_.@-]/);
  return LANGUAGES.find((known) => known === language);
}

/** Before arguments are parsed, since what is wrong with them is said in the language. */
function langOption(args: readonly string[]): string | undefined {
  const at = args.findIndex((arg) => /^--lang(?:=|$)/.test(arg));
  return at === -1 ? undefined : (/=(.*)/.exec(args[at])?.[1] ?? args[at + 1]);
}

/** Catalogs are loaded where they are asked for. */
export async function tongueOf(args: readonly string[], env: Io['env']): Promise<Tongue> {
  if (languageOf(args, env) === 'en') return ENGLISH;
  return (await import('./spanish.js')).SPANISH;
}

/** The same world, with another language in it. */
export const speaking = (io: Io, tongue: Tongue): Io => Object.create(io, { tongue: { value: tongue } });
