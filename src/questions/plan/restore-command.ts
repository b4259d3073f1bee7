import { groupBy } from '../../cluster/group-by.js';
import { type ByteSource, fileNameOf } from '../../sources/byte-source.js';
import type { Codec } from '../../sources/codecs/index.js';
import { compressionOf } from '../../sources/decompress.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { quoteForShell } from './shell.js';

/** A file that recovery will ask for. */
export interface NeededFile {
  /** As the server asks for it (`%f`): a segment's or a history file's name. */
  name: string;
  /** The file and its copies. */
  sources: readonly ByteSource[];
  /** Those of them that will not do, for they are cut off or damaged. */
  broken?: readonly ByteSource[];
  /** The first is a `.partial` file that ends before the segment: the server takes it with zeroes for the rest. */
  isCut?: boolean;
}

export interface RestoreOptions {
  /** Whether a file is in the backup's own `pg_wal`, with which it is restored. */
  isInPlace?: (source: ByteSource) => boolean;
  /** In bytes; for files that are cut. */
  segmentSize?: number;
  /** Stands for the folder of files that have no path; left out, no command is made for these. */
  unknownFolder?: string | undefined;
}

interface RestoreCommand {
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
  codec: Codec | undefined;
  /** What to make files as long as that are cut; undefined where none is. */
  fillTo: number | undefined;
}

/** A `restore_command` that fits how these files are stored, in whichever and however many ways that is. */
export async function restoreCommand(
  files: Iterable<NeededFile>,
  reading: Reading,
  { isInPlace = () => false, segmentSize, unknownFolder }: RestoreOptions = {},
): Promise<RestoreCommand> {
  const places = new Map<string, StoredPlace>();
  const misnamed: NeededFile[] = [];
  const pathOf = ({ path, name }: ByteSource): string | undefined =>
    path ?? (unknownFolder && `${unknownFolder}/${name}`);
  for (const file of files) {
    const isNamed = addPlaces(places, file, isInPlace, pathOf);
    if (!isNamed && !file.sources.some(isInPlace)) misnamed.push(file);
  }
  const forms: Form[] = [];
  for (const { form, sources, hasCut } of fewest([...places.values()])) {
    const codec = await codecOf(sources, reading);
    forms.push({ ...form, codec, fillTo: hasCut ? segmentSize : undefined });
  }
  const commands = byEnding(forms).map(commandOf);
  // the server wants a command even where it needs none
  return { command: commands.length === 0 ? 'false' : commands.join(' || '), misnamed };
}

/** How files are compressed: told by the first that is still there, since a running server takes away from its `pg_wal`. */
async function codecOf(sources: readonly ByteSource[], reading: Reading): Promise<Codec | undefined> {
  let gone: WalError | undefined;
  for (const source of sources) {
    try {
      return await compressionOf(source, reading);
    } catch (error) {
      if (!(error instanceof WalError) || error.kind !== 'system') throw error;
      gone ??= error;
    }
  }
  throw gone;
}

/** A folder or tar file, with files whose names have the same ending. */
interface StoredPlace {
  form: Omit<Form, 'codec' | 'fillTo'>;
  sources: ByteSource[];
  /** The names of those that are whole. */
  files: Set<string>;
  /** Whether others are not, so that they had better be found elsewhere. */
  hasBroken: boolean;
  hasCut: boolean;
}

/** The path that a command is to have for a source. */
type PathOf = (source: ByteSource) => string | undefined;

/** Adds where a file is. @returns whether it is anywhere under a name that begins with its own */
function addPlaces(
  places: Map<string, StoredPlace>,
  { name, sources, broken = [], isCut = false }: NeededFile,
  isInPlace: (source: ByteSource) => boolean,
  pathOf: PathOf,
): boolean {
  let isNamed = false;
  for (const source of sources) {
    const form = isInPlace(source) ? undefined : placeOf(name, source, pathOf);
    if (form === undefined) continue;
    const key = JSON.stringify(form);
    const known = places.get(key);
    const place = known ?? { form, sources: [], files: new Set(), hasBroken: false, hasCut: false };
    places.set(key, place);
    place.sources.push(source);
    if (isCut && source === sources[0]) place.hasCut = true;
    if (broken.includes(source)) place.hasBroken = true;
    else place.files.add(name);
    isNamed = true;
  }
  return isNamed;
}

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

/** Undefined where the name does not begin as it should, or what the file lies in is nothing that a command gets at. */
function placeOf(name: string, source: ByteSource, pathOf: PathOf): StoredPlace['form'] | undefined {
  const fileName = fileNameOf(source);
  if (!fileName.startsWith(name)) return undefined;
  const ending = endingOf(fileName.slice(name.length));
  const { tar } = source;
  // in a store there is no looking for a checksum
  if (source.path === undefined && tar === undefined && isInStore(source.name) && ending.length === 1) {
    return { folder: folderOf(source.name), member: undefined, ending };
  }
  // the server runs the command in its data folder
  const path = tar === undefined ? pathOf(source) : source.path;
  if (path !== undefined) return { folder: folderOf(path), member: undefined, ending };
  const tarPath = tar && pathOf(tar);
  if (tarPath === undefined) return undefined;
  return { folder: tarPath, member: source.name.slice(tar!.name.length + 1, -fileName.length), ending };
}

/** Whether a path is one of an object store, which the `aws` program gets at. */
const isInStore = (path: string): boolean => path.startsWith('s3://');

/** The folder of an absolute path. */
function folderOf(path: string): string {
  const [, folder = ''] = /^(.*)[/\\][^/\\]*$/s.exec(path) ?? [];
  return folder === '' ? '/' : folder;
}

function endingOf(text: string): Form['ending'] {
  const checksum = /^((?:\.partial)?)-[0-9a-f]{40}(.*)$/s.exec(text);
  return checksum ? [checksum[1], checksum[2]] : [text];
}

/** Forms with the same ending in different folders; most files first. */
function byEnding(forms: Form[]): Form[][] {
  const groups = groupBy(forms, ({ ending, codec, fillTo, member, folder }) =>
    JSON.stringify([ending, codec?.name, fillTo, member !== undefined || isInStore(folder) ? folder : '']),
  );
  return [...groups.values()];
}

/** A file that is cut has its unpacking end with an error; that there is a file at all tells that it was found. */
function commandOf(forms: Form[]): string {
  const [{ fillTo }] = forms;
  const command = unpackingOf(forms);
  return fillTo === undefined ? command : `{ rm -f %p; ${command}; test -s %p && truncate -s ${fillTo} %p; }`;
}

function unpackingOf(forms: Form[]): string {
  const [{ folder, member, ending, codec }] = forms;
  const isPattern = ending.length > 1;
  if (member !== undefined) {
    const unpack = codec === undefined ? '' : ` | ${codec.command}`;
    const name = isPattern ? named(pattern(member), pattern(...ending)) : named(member, ending[0]);
    // where tar finds no such member, that must not become an empty file
    const test = codec?.acceptsNothing ? ' && test -s %p' : '';
    // the name comes after what ends the options: its folder is the tar file's to choose
    return `tar -xOf ${quote(folder)}${isPattern ? ' --wildcards' : ''} -- ${name}${unpack} > %p${test}`;
  }
  if (isInStore(folder)) {
    const from = `aws s3 cp ${named(`${folder}/`, ending[0])}`;
    if (codec === undefined) return `${from} %p`;
    return `${from} - | ${codec.command} > %p${codec.acceptsNothing ? ' && test -s %p' : ''}`;
  }
  if (forms.length === 1 && !isPattern) {
    return copy(named(folder === '/' ? '/' : `${folder}/`, ending[0]), codec);
  }
  // in these folders alone: beside them there may be WAL of other clusters
  const folders = forms.map((form) => quote(form.folder)).join(' ');
  const find = `f=$(find ${folders} -maxdepth 1 -name ${named('', pattern(...ending))} -print -quit)`;
  return `${find} && test -n "$f" && ${copy('"$f"', codec)}`;
}

/** The file whose name has this before and after the name that the server asks for. */
const named = (before: string, after: string): string => `${quote(before)}%f${quote(after)}`;

/** What matches these texts with a checksum between them; for `find` and `tar`, to which `*?[\` are special. */
const pattern = (...texts: string[]): string =>
  texts.map((text) => text.replaceAll(/[*?[\]\\]/g, '\\$&')).join('-*');

function copy(path: string, codec: Codec | undefined): string {
  return codec === undefined ? `cp ${path} %p` : `${codec.command} < ${path} > %p`;
}

/** For the shell, and for the server, to which `%` is special. */
const quote = (text: string): string => quoteForShell(text.replaceAll('%', '%%'));
