import { type ComponentChildren, createContext } from 'preact';
import { useContext, useEffect, useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { type Format, formatOf, type Zone } from './format.js';
import {
  LANGUAGE_NAMES,
  LANGUAGES,
  type Language,
  localeOf,
  preferredLanguage,
  type Translate,
  translatorOf,
} from './i18n.js';

export type Theme = 'light' | 'dark';

/** How the reader wants to see a page. Kept as long as the page is open. */
export interface Settings {
  language: Language;
  zone: Zone;
  theme: Theme;
  t: Translate;
  format: Format;
  setLanguage(language: Language): void;
  setZone(zone: Zone): void;
  setTheme(theme: Theme): void;
}

const Context = createContext<Settings | undefined>(undefined);

/** @throws Error outside of {@link SettingsProvider} */
export function useSettings(): Settings {
  const settings = useContext(Context);
  if (settings === undefined) throw new Error('there is no SettingsProvider');
  return settings;
}

const isDark = matchMedia('(prefers-color-scheme: dark)');
const systemTheme = (): Theme => (isDark.matches ? 'dark' : 'light');

/** @param props.language the one to begin with, whatever the browser prefers */
export function SettingsProvider(props: { language?: Language | undefined; children: ComponentChildren }) {
  const [language, setLanguage] = useState(props.language ?? preferredLanguage(navigator.languages));
  const [zone, setZone] = useState<Zone>('utc');
  const [chosenTheme, setTheme] = useState<Theme>();
  const [system, setSystem] = useState(systemTheme);
  useEffect(() => {
    const follow = () => setSystem(systemTheme());
    isDark.addEventListener('change', follow);
    return () => isDark.removeEventListener('change', follow);
  }, []);
  const theme = chosenTheme ?? system;

  // before anything is painted: nobody is dazzled
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.setAttribute('data-theme', theme);
  }, [language, theme]);

  const settings = useMemo(
    () => ({
      ...{ language, zone, theme, setLanguage, setZone, setTheme },
      t: translatorOf(language),
      format: formatOf(localeOf(language, navigator.languages), zone),
    }),
    [language, zone, theme],
  );
  return <Context.Provider value={settings}>{props.children}</Context.Provider>;
}

/** The switches for them. */
export function SettingsBar() {
  const { t, language, zone, theme, setLanguage, setZone, setTheme } = useSettings();
  return (
    <div class="settings">
      <Choice
        label={t('common.times')}
        value={zone}
        choices={[
          ['utc', t('common.utc')],
          ['local', t('common.local')],
        ]}
        onChoose={setZone}
      />
      <Choice
        label={t('common.theme')}
        value={theme}
        choices={[
          ['light', t('common.light')],
          ['dark', t('common.dark')],
        ]}
        onChoose={setTheme}
      />
      <Choice
        label={t('common.language')}
        value={language}
        choices={LANGUAGES.map((one) => [one, LANGUAGE_NAMES[one], one])}
        onChoose={setLanguage}
      />
    </div>
  );
}

function Choice<T extends string>(props: {
  label: string;
  value: T;
  /** Value, text, and the language of the text where it is another. */
  choices: readonly (readonly [value: T, text: string, language?: string])[];
  onChoose: (value: T) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a frame and a legend
    <div class="choice" role="group" aria-label={props.label}>
      {props.choices.map(([value, text, lang]) => (
        <button
          key={value}
          type="button"
          lang={lang}
          aria-pressed={value === props.value}
          onClick={() => props.onChoose(value)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
