/** The languages of the site: the root's, and those in folders of their own. */
export type Language = 'en' | 'es';

/** A group of pages in the sidebar. */
export interface Group {
  title: Record<Language, string>;
  /** What the sidebar calls a page, and its path in `docs/`, without `.md`. */
  pages: readonly (readonly [title: string, path: string])[];
}

/** All pages, as the sidebar has them: each is here once (test/docs/navigation.test.ts). */
export const GROUPS: readonly Group[] = [
  {
    title: { en: 'Start here', es: 'Por dónde empezar' },
    pages: [
      ['You have lost rows: five minutes', 'index'],
      ['What it cannot do', 'limits'],
      ['Other tools', 'comparison'],
    ],
  },
  {
    title: { en: 'Recipes', es: 'Recetas' },
    pages: [
      ['pgBackRest', 'recipes/pgbackrest'],
      ['Barman', 'recipes/barman'],
      ['WAL-G', 'recipes/wal-g'],
      ['CloudNativePG', 'recipes/cloudnativepg'],
      ['Plain archive_command', 'recipes/archive-command'],
    ],
  },
  {
    title: { en: 'Commands', es: 'Órdenes' },
    pages: [
      ['find-commit', 'find-commit'],
      ['incidents', 'incidents'],
      ['archive and plan', 'archive-and-plan'],
      ['rows', 'rows'],
      ['changes', 'changes'],
      ['undo', 'undo'],
      ['dump', 'dump'],
      ['facts', 'facts'],
      ['sql', 'sql'],
      ['report', 'report'],
      ['control', 'control'],
    ],
  },
  {
    title: { en: 'For all commands', es: 'Para todas las órdenes' },
    pages: [
      ['Times', 'times'],
      ['Who did it', 'who-did-it'],
      ['The command line', 'command-line'],
      ['Repositories of backup tools', 'repositories'],
      ['Object stores', 'object-stores'],
      ['JSON', 'json'],
      ['Errors', 'errors'],
      ['Tables of facts', 'facts-tables'],
      ['The page in a browser', 'page'],
    ],
  },
  {
    title: { en: 'The library', es: 'La biblioteca' },
    pages: [
      ['Guide', 'library'],
      ['Reference', 'reference/index'],
    ],
  },
  {
    title: { en: 'Background', es: 'Trasfondo' },
    pages: [
      ['How PostgreSQL decides where recovery stops', 'recovery-stops'],
      ['Kinds of records', 'record-kinds'],
      ['Reliability', 'reliability'],
      ['Performance', 'performance'],
      ['A year of WAL', 'scale'],
    ],
  },
  {
    title: { en: 'Development', es: 'Desarrollo' },
    pages: [
      ['Architecture', 'architecture'],
      ['Dependencies', 'dependencies'],
      ['Releasing', 'releasing'],
    ],
  },
  {
    title: { en: 'Decisions', es: 'Decisiones' },
    pages: [
      ['What was measured, and decided', 'decisions/README'],
      ['Records', 'decisions/records'],
      ['CRC-32C', 'decisions/crc32c'],
      ['Text', 'decisions/text'],
      ['Columns', 'decisions/columns'],
      ['Reading', 'decisions/reading'],
      ['Compression', 'decisions/compression'],
      ['Tar files', 'decisions/tar'],
      ['WAL-G', 'decisions/wal-g'],
      ['Object stores', 'decisions/object-stores'],
      ['Threads', 'decisions/threads'],
      ['Times', 'decisions/times'],
      ['Start', 'decisions/start'],
      ['One file', 'decisions/one-file'],
      ['Package', 'decisions/package'],
      ['Tests', 'decisions/tests'],
      ['Repositories', 'decisions/repositories'],
      ['Recovery', 'decisions/recovery'],
      ['Changes', 'decisions/changes'],
      ['Facts', 'decisions/facts'],
      ['Report', 'decisions/report'],
    ],
  },
];
