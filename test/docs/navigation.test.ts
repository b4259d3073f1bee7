import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headingId } from '../../docs/.vitepress/heading-id.js';
import { GROUPS } from '../../docs/.vitepress/navigation.js';
import { docsPages } from '../support/docs-pages.js';

const pages = docsPages();

/** Of a language of its own: they are in the sidebar where their names are. */
const LANGUAGES = ['es'];

const languageOf = (path: string): string | undefined =>
  LANGUAGES.find((language) => path.startsWith(`docs/${language}/`));

describe('the sidebar of the site', () => {
  const paths = GROUPS.flatMap(({ pages }) => pages.map(([, path]) => `docs/${path}.md`));

  it('has every page once, and no other', () => {
    // typedoc makes that one
    const written = paths.filter((path) => path !== 'docs/reference/index.md');
    expect(written.toSorted()).toEqual(pages.filter((path) => languageOf(path) === undefined));
  });

  it('has every page of another language, which are called as the English ones', () => {
    const translated = pages.filter((path) => languageOf(path) !== undefined);
    const strange = translated.filter(
      (path) => !paths.includes(path.replace(`docs/${languageOf(path)}/`, 'docs/')),
    );
    expect(strange).toEqual([]);
  });
});

/** Markdown without its blocks of code, which have no links. */
const proseOf = (path: string): string => readFileSync(path, 'utf8').replace(/^( *)```.*?^\1```/gms, '');

const idsOf = (path: string): string[] =>
  Array.from(proseOf(path).matchAll(/^#+ (.*)$/gm), ([, heading]) => headingId(heading));

interface Link {
  text: string;
  link: string;
  /** From the root of the repository. */
  path: string;
  id: string | undefined;
}

/** What a page links to within the repository. */
function* linksOf(page: string): Generator<Link> {
  for (const [, text, link] of proseOf(page).matchAll(/([^[\]]*)\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [target, id] = link.split('#');
    yield { text, link, path: target === '' ? page : normalize(join(dirname(page), target)), id };
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

const roots = readdirSync('.').filter((name) => name.endsWith('.md'));

it.each([...roots, ...pages])('links of %s lead to files and their headings', (page) => {
  const links = [...linksOf(page)];
  const dead = links.filter(
    ({ path, id }) => !isFile(path) || (id !== undefined && !idsOf(path).includes(id)),
  );
  expect(dead.map(({ link }) => link)).toEqual([]);
});

it('links of Spanish pages lead to Spanish ones, or say that it is English', () => {
  const spanish = pages.filter((page) => languageOf(page) === 'es');
  const links = spanish.flatMap((page) => Array.from(linksOf(page), (one) => ({ page, ...one })));
  const silent = links.filter(
    ({ text, path }) => path.endsWith('.md') && languageOf(path) !== 'es' && !/\ben\s+inglés\b/.test(text),
  );
  expect(silent.map(({ page, link }) => `${page}: ${link}`)).toEqual([]);
});

it('pages of the site link to what is in the site alone', () => {
  const outside = pages.flatMap((page) =>
    Array.from(linksOf(page))
      .filter(({ path }) => !path.startsWith('docs/'))
      .map(({ link }) => `${page}: ${link}`),
  );
  expect(outside).toEqual([]);
});
