import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const text = readFileSync('docs/architecture.md', 'utf8');
/** What stands in backticks, outside the drawing. */
const named = Array.from(text.replace(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g), ([, name]) => name);

it('paths that docs/architecture.md names are there', () => {
  const paths = named.filter((name) => /^(?:src|test|docs|testdata)\//.test(name));
  expect(paths.length).toBeGreaterThan(20);
  // X stands for any one
  const exists = (path: string) => path.endsWith('/X.ts') || existsSync(path);
  expect(paths.filter((path) => !exists(path.replace(/\/X$/, '/')))).toEqual([]);
});

it('files that docs/architecture.md names of a room are there', () => {
  const rooms = Array.from(text.matchAll(/^\| `([a-z]+)` \| (.*) \|$/gm), ([, room, what]) => ({
    room,
    what,
  }));
  expect(rooms.map(({ room }) => room).sort()).toEqual(
    readdirSync('src', { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'questions')
      .map(({ name }) => name)
      .sort(),
  );
  const isThere = (room: string, name: string) =>
    [`src/${room}/${name}`, `src/${room}/${name}.ts`, `src/${name}`].some((path) => existsSync(path));
  const missing = rooms.flatMap(({ room, what }) =>
    Array.from(what.matchAll(/`([^`]+)`/g), ([, name]) => name)
      .filter((name) => name !== 'pg_waldump' && !isThere(room, name))
      .map((name) => `${room}: ${name}`),
  );
  expect(missing).toEqual([]);
});

it('every question has the files that docs/architecture.md tells of', () => {
  const always = ['ask.ts', 'json.ts'];
  const folders = readdirSync('src/questions', { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.length).toBeGreaterThan(5);
  const lacking = folders.flatMap(({ name }) =>
    always.map((file) => `src/questions/${name}/${file}`).filter((path) => !existsSync(path)),
  );
  expect(lacking).toEqual([]);
});

it('rooms import what the arrows of the picture in docs/architecture.md lead from', () => {
  const picture = readFileSync('docs/pictures/architecture.svg', 'utf8');
  const arrows = Array.from(picture.matchAll(/data-from="(\w+)" data-to="(\w+)"/g), ([, from, to]) => ({
    from,
    to,
  }));
  const above = (room: string): string[] =>
    arrows.filter(({ to }) => to === room).flatMap(({ from }) => [from, ...above(from)]);
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /\/.*\.ts$/.test(file),
  );
  const imports = files.flatMap((file) =>
    Array.from(
      readFileSync(join('src', file), 'utf8').matchAll(/(?:from|import\() ?'(\.[^']*)'/g),
      ([, path]) => ({
        from: join(dirname(file), path).split('/')[0],
        to: file.split('/')[0],
      }),
    ),
  );
  expect(imports.length).toBeGreaterThan(1000);
  // text and wal are drawn as the one ground of all
  const drawn = new Map(
    readdirSync('src').map((room) => [room, new Set([room, 'wal', 'text', '..', ...above(room)])]),
  );
  // the page has its types from where its users have them
  drawn.get('web')!.add('index.js');
  expect(imports.filter(({ from, to }) => !drawn.get(to)?.has(from))).toEqual([]);
});
