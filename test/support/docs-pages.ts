import { readdirSync } from 'node:fs';
import { sep } from 'node:path';

/** What typedoc makes when the site is built (docs/reference), and what VitePress keeps. */
const MADE = /^(?:reference|\.vitepress)\//;

/** The paths of all pages that are written by hand, of every language: `docs/find-commit.md`, `docs/es/index.md`. */
export const docsPages = (): string[] =>
  readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.md') && !MADE.test(path))
    .sort()
    .map((path) => `docs/${path}`);
