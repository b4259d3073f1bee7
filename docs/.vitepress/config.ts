import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type DefaultTheme, defineConfig, type UserConfig } from 'vitepress';
import { headingId } from './heading-id.js';
import { GROUPS, type Language } from './navigation.js';

const DOCS = resolve(import.meta.dirname, '..');

/** All pages, each in the language if it is there, and else in English. */
const sidebarIn = (language: Language): DefaultTheme.SidebarItem[] =>
  GROUPS.map(({ title, pages }) => ({
    text: title[language],
    collapsed: title.en === 'Decisions',
    items: pages.map(([text, path]) => itemIn(language, text, path)),
  }));

/** A page that the language has is called as its heading calls it. */
function itemIn(language: Language, title: string, path: string): DefaultTheme.SidebarItem {
  if (language === 'en') return { text: title, link: linkTo(path) };
  const translated = `${language}/${path}`;
  return isThere(translated)
    ? { text: headingOf(translated), link: linkTo(translated) }
    : { text: `${title} (en inglés)`, link: linkTo(path) };
}

const linkTo = (path: string): string => `/${path.replace(/(^|\/)index$/, '$1')}`;

const fileOf = (path: string): string => join(DOCS, `${path}.md`);

const isThere = (path: string): boolean => existsSync(fileOf(path));

const headingOf = (path: string): string =>
  /^# (.*)$/m.exec(readFileSync(fileOf(path), 'utf8'))?.[1].replaceAll('`', '') ?? path;

const SPANISH_SEARCH: DefaultTheme.LocalSearchOptions['translations'] = {
  button: { buttonText: 'Buscar', buttonAriaLabel: 'Buscar' },
  modal: {
    displayDetails: 'Mostrar detalles',
    resetButtonTitle: 'Borrar la búsqueda',
    backButtonTitle: 'Cerrar la búsqueda',
    noResultsText: 'No hay resultados para',
    footer: { selectText: 'abrir', navigateText: 'moverse', closeText: 'cerrar' },
  },
};

/** Spanish, once its first page is there. */
const spanish = (): NonNullable<UserConfig<DefaultTheme.Config>['locales']> =>
  isThere('es/index')
    ? {
        es: {
          label: 'Español',
          lang: 'es',
          description: 'Leer el WAL de PostgreSQL: cuándo se perdieron las filas, y cómo recuperarlas',
          themeConfig: {
            sidebar: sidebarIn('es'),
            outline: { label: 'En esta página' },
            docFooter: { prev: 'Anterior', next: 'Siguiente' },
            sidebarMenuLabel: 'Menú',
            returnToTopLabel: 'Volver arriba',
            darkModeSwitchLabel: 'Apariencia',
            langMenuLabel: 'Cambiar de idioma',
          },
        },
      }
    : {};

/** The site out of `docs/`: `npm run docs` makes it in build/docs. A dead link fails it. */
export default defineConfig({
  title: 'walscan',
  description: 'Read PostgreSQL WAL: when rows were lost, and how to get them back',
  lang: 'en',
  outDir: resolve('build/docs'),
  cacheDir: resolve('build/docs-cache'),
  // each page has a date of its own where that matters, and the newest commit says nothing of the rest
  lastUpdated: false,
  markdown: { anchor: { slugify: headingId }, languageAlias: { console: 'shellsession' } },
  locales: { root: { label: 'English', lang: 'en' }, ...spanish() },
  themeConfig: {
    sidebar: sidebarIn('en'),
    outline: { level: [2, 3] },
    search: { provider: 'local', options: { locales: { es: { translations: SPANISH_SEARCH } } } },
  },
  // pages link to these files as they lie
  buildEnd: ({ outDir }) => cpSync(join(DOCS, 'schema'), join(outDir, 'schema'), { recursive: true }),
});
