import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { groupBy } from '../wal/group-by.js';
import { type Compression, compressionOf } from './decompress.js';
import { quoteForShell } from './shell.js';
import { type ByteSource, fileNameOf, storedBytes } from './source.js';

/** A file that recovery will ask for. */
export interface NeededFile {
  /** As the server asks for it (`%f`): a segment's or a history file's name. */
  name: string;
  /** The file and its copies; any of them will do. */
  sources: readonly ByteSource[];
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
  const forms = new Map<string, Form>();
  const misnamed: NeededFile[] = [];
  for (const file of files) {
    const { source, place } = await firstNamed(file, ownWal);
    if (place === undefined) {
      if (!file.sources.some(({ path }) => path && dirname(path) === ownWal)) misnamed.push(file);
      continue;
    }
    const key = JSON.stringify(place);
    if (!forms.has(key)) forms.set(key, { ...place, compression: await storedAs(source) });
  }
  const commands = byEnding([...forms.values()]).map(commandOf);
  // the server wants a command even where it needs none
  return { command: commands.length === 0 ? 'false' : commands.join(' || '), misnamed };
}

type Place = Omit<Form, 'compression'>;

async function firstNamed(
  { name, sources }: NeededFile,
  ownWal: string | undefined,
): Promise<{ source: ByteSource; place: Place | undefined }> {
  for (const source of sources) {
    if (source.path !== undefined && dirname(source.path) === ownWal) continue;
    const place = await placeOf(name, source);
    if (place !== undefined) return { source, place };
  }
  return { source: sources[0], place: undefined };
}

async function placeOf(name: string, source: ByteSource): Promise<Place | undefined> {
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
    // the name comes after what ends the options: its folder is the tar file's to choose
    // of nothing, lz4 makes an empty file and no error
    const test = compression === 'lz4' ? ' && test -s %p' : '';
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
