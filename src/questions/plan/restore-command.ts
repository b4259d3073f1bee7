import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { groupBy } from '../../cluster/group-by.js';
import { type Compression, compressionOf } from '../../sources/decompress.js';
import { type ByteSource, fileNameOf, storedBytes } from '../../sources/source.js';
import { quoteForShell } from './shell.js';

/** A file that recovery will ask for. */
export interface NeededFile {
  /** As the server asks for it (`%f`): a segment's or a history file's name. */
  name: string;
  /** The file and its copies. */
  sources: readonly ByteSource[];
  /** Those of them that will not do, for they are cut off or damaged. */
  broken?: readonly ByteSource[];
}

export interface RestoreCommand {
  command: string;
  /** Files that the command does not find, because their names do not begin with the name asked for. */
  misnamed: NeededFile[];
}

/** Files that one command restores: all in one folder or tar file, with the same ending after the name. */
interface Form {
  folder: string;
  /** Within {@link folder}, where that is a tar file: what comes before the names in it. */
  member: string | undefined;
  /** What comes after the name: before and after the checksum that pgBackRest puts there, if it does. */
  ending: [string] | [string, string];
  compression: Compression | undefined;
}

/**
 * A `restore_command` that fits how these files are stored, in whichever and however many ways that is.
 * @param ownWal the backup's own `pg_wal`: what is there is restored with the backup
 */
export async function restoreCommand(files: Iterable<NeededFile>, ownWal?: string): Promise<RestoreCommand> {
  const places = new Map<string, StoredPlace>();
  const misnamed: NeededFile[] = [];
  for (const file of files) {
    const isNamed = await addPlaces(places, file, ownWal);
    if (!isNamed && !file.sources.some((source) => isIn(source, ownWal))) misnamed.push(file);
  }
  const forms: Form[] = [];
  for (const { form, source } of fewest([...places.values()])) {
    forms.push({ ...form, compression: await storedAs(source) });
  }
  const commands = byEnding(forms).map(commandOf);
  // the server wants a command even where it needs none
  return { command: commands.length === 0 ? 'false' : commands.join(' || '), misnamed };
}

/** A folder or tar file, with files whose names have the same ending. */
interface StoredPlace {
  form: Omit<Form, 'compression'>;
  /** One of the files. */
  source: ByteSource;
  /** The names of those that are whole. */
  files: Set<string>;
  /** Whether others are not, so that they had better be found elsewhere. */
  hasBroken: boolean;
}

/** Adds where a file is. @returns whether it is anywhere under a name that begins with its own */
async function addPlaces(
  places: Map<string, StoredPlace>,
  { name, sources, broken = [] }: NeededFile,
  ownWal: string | undefined,
): Promise<boolean> {
  let isNamed = false;
  for (const source of sources) {
    const form = isIn(source, ownWal) ? undefined : await placeOf(name, source);
    if (form === undefined) continue;
    const key = JSON.stringify(form);
    const place = places.get(key) ?? { form, source, files: new Set(), hasBroken: false };
    places.set(key, place);
    if (broken.includes(source)) place.hasBroken = true;
    else place.files.add(name);
    isNamed = true;
  }
  return isNamed;
}

const isIn = ({ path }: ByteSource, folder: string | undefined): boolean =>
  path !== undefined && dirname(path) === folder;

/** Places that together have all files: as few as that takes, those without broken files first. */
function fewest(places: StoredPlace[]): StoredPlace[] {
  const chosen: StoredPlace[] = [];
  const missing = new Set(places.flatMap(({ files }) => [...files]));
  while (missing.size > 0) {
    const gain = ({ files }: StoredPlace): number => [...files].filter((name) => missing.has(name)).length;
    const useful = places.filter((place) => gain(place) > 0);
    const sound = useful.filter(({ hasBroken }) => !hasBroken);
    const [best] = (sound.length > 0 ? sound : useful).sort((a, b) => gain(b) - gain(a));
    chosen.push(best);
    for (const name of best.files) missing.delete(name);
  }
  return chosen;
}

async function placeOf(name: string, source: ByteSource): Promise<StoredPlace['form'] | undefined> {
  const fileName = fileNameOf(source);
  if (!fileName.startsWith(name)) return undefined;
  const ending = endingOf(fileName.slice(name.length));
  if (source.path !== undefined) return { folder: dirname(source.path), member: undefined, ending };
  const tar = await tarOf(source.name);
  if (tar === undefined) return undefined;
  const member = source.name.slice(tar.length + 1, -fileName.length);
  // the server runs the command in its data folder
  return { folder: resolve(tar), member, ending };
}

function endingOf(text: string): Form['ending'] {
  const checksum = /^((?:\.partial)?)-[0-9a-f]{40}(.*)$/s.exec(text);
  return checksum ? [checksum[1], checksum[2]] : [text];
}

/** The tar file that a member's name begins with. */
async function tarOf(name: string): Promise<string | undefined> {
  for (let at = name.indexOf('/', 1); at > 0; at = name.indexOf('/', at + 1)) {
    const path = name.slice(0, at);
    const known = await stat(path).catch(() => undefined);
    if (known?.isFile()) return path;
  }
  return undefined;
}

async function storedAs(source: ByteSource): Promise<Compression | undefined> {
  for await (const piece of storedBytes(source, 4096)) return compressionOf(piece);
  return undefined;
}

/** Forms with the same ending in different folders; most files first. */
function byEnding(forms: Form[]): Form[][] {
  const groups = groupBy(forms, ({ ending, compression, member, folder }) =>
    JSON.stringify([ending, compression, member === undefined ? '' : folder]),
  );
  return [...groups.values()];
}

const UNPACK: Readonly<Record<Compression, string>> = {
  gzip: 'gunzip',
  zstd: 'zstd -dc',
  lz4: 'lz4 -dc',
  bzip2: 'bunzip2',
  xz: 'xz -dc',
};

function commandOf(forms: Form[]): string {
  const [{ folder, member, ending, compression }] = forms;
  const isPattern = ending.length > 1;
  if (member !== undefined) {
    const unpack = compression === undefined ? '' : ` | ${UNPACK[compression]}`;
    const name = isPattern ? named(pattern(member), pattern(...ending)) : named(member, ending[0]);
    // of nothing, lz4 makes an empty file and no error
    const test = compression === 'lz4' ? ' && test -s %p' : '';
    // the name comes after what ends the options: its folder is the tar file's to choose
    return `tar -xOf ${quote(folder)}${isPattern ? ' --wildcards' : ''} -- ${name}${unpack} > %p${test}`;
  }
  if (forms.length === 1 && !isPattern) {
    return copy(named(folder === '/' ? '/' : `${folder}/`, ending[0]), compression);
  }
  // in these folders alone: beside them there may be WAL of other clusters
  const folders = forms.map((form) => quote(form.folder)).join(' ');
  const find = `f=$(find ${folders} -maxdepth 1 -name ${named('', pattern(...ending))} -print -quit)`;
  return `${find} && test -n "$f" && ${copy('"$f"', compression)}`;
}

/** The file whose name has this before and after the name that the server asks for. */
const named = (before: string, after: string): string => `${quote(before)}%f${quote(after)}`;

/** What matches these texts with a checksum between them; for `find` and `tar`, to which `*?[\` are special. */
const pattern = (...texts: string[]): string =>
  texts.map((text) => text.replaceAll(/[*?[\]\\]/g, '\\$&')).join('-*');

function copy(path: string, compression: Compression | undefined): string {
  return compression === undefined ? `cp ${path} %p` : `${UNPACK[compression]} < ${path} > %p`;
}

/** For the shell, and for the server, to which `%` is special. */
const quote = (text: string): string => quoteForShell(text.replaceAll('%', '%%'));
