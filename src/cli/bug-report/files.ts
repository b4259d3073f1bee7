import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { NODE } from '../../node/platform.js';
import { takeUsableInventory } from '../../sources/inventory.js';

/** More files than these are not counted. */
const MOST_FILES = 10_000;

/** What files there are of one kind. */
export interface Kind {
  shape: string;
  files: number;
  bytes: number;
}

/** The kinds of files in a path: nothing of their names but what PostgreSQL and compressors gave them. */
export function kindsIn(path: string): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const file of filesIn(path)) {
    const shape = shapeOf(basename(file));
    const { files, bytes } = kinds.get(shape) ?? { files: 0, bytes: 0 };
    kinds.set(shape, { shape, files: files + 1, bytes: bytes + sizeOf(file) });
  }
  return [...kinds.values()].sort((a, b) => b.files - a.files);
}

/** The version of PostgreSQL that wrote the WAL in the first path that has some; undefined where none tells it. */
export async function versionIn(paths: readonly string[]): Promise<number | undefined> {
  for (const path of paths) {
    try {
      return (await takeUsableInventory([path], NODE.reading)).format.version;
    } catch {
      // no WAL, or none that can be read, which may be what the report is about
    }
  }
  return undefined;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function filesIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  const files: string[] = [];
  const folders = [path];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of entriesOf(folder)) {
      const file = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(file);
      else if (entry.isFile() && files.push(file) >= MOST_FILES) return files;
    }
  }
  return files;
}

/** None of a folder that cannot be read, which may be what the report is about. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Names that PostgreSQL and backup tools give; all others are one kind. */
const SHAPES: readonly [shape: string, pattern: RegExp][] = [
  ['WAL segment', /^[\dA-F]{24}/],
  ['timeline history', /^[\dA-F]{8}\.history/],
  ['base backup', /^base\.tar/],
  ['backup manifest', /^backup_manifest/],
  ['backup label', /^backup_label/],
  ['pg_control', /^pg_control/],
  ['file of a relation', /^\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?(?:\.(?:gz|zst|lz4|bz2))?$/],
];

/** Ends of names that tell what is in a file. */
const ENDS = /(?:\.(?:gz|zst|lz4|bz2|xz|br|lzma|tar|partial|backup|parquet))+$/;

function shapeOf(name: string): string {
  const [shape = 'other file'] = SHAPES.find(([, pattern]) => pattern.test(name)) ?? [];
  const [end] = ENDS.exec(name) ?? [];
  return end === undefined ? shape : `${shape}, ${end}`;
}
