import i18next, { type TFunction } from 'i18next';
import { en } from './messages/en.js';
import { es } from './messages/es.js';
import type { pageEn } from './messages/page.en.js';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en & { page: typeof pageEn } };
  }
}

export const LANGUAGES = ['en', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Translate = TFunction;

/** What a language is called in itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', es: 'Español' };

const i18n = i18next.createInstance();
// of resources that are here already, so it is done at once
void i18n.init({
  resources: { en: { translation: en }, es: { translation: es } },
  fallbackLng: 'en',
  initAsync: false,
  // what is put in is shown as text
  interpolation: { escapeValue: false },
});

/** Adds words that not every page has. */
export const addWords = (language: Language, words: object): void =>
  void i18n.addResourceBundle(language, 'translation', words, true);

export const translatorOf = (language: Language): Translate => i18n.getFixedT(language);

/** The first language of the reader's that there is; English where there is none. */
export const preferredLanguage = (wanted: readonly string[]): Language =>
  wanted.flatMap((tag) => LANGUAGES.filter((language) => language === languageOf(tag)))[0] ?? 'en';

/** The reader's own form of a language (`es-MX`), by which numbers and times are written. */
export const localeOf = (language: Language, wanted: readonly string[]): string =>
  wanted.find((tag) => languageOf(tag) === language) ?? language;

const languageOf = (tag: string): string => tag.toLowerCase().split('-')[0];
