import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ByteSource, SourceFolder } from '../../sources/byte-source.js';
import { ChunkReader } from '../../sources/chunk-reader.js';
import type { Reading } from '../../sources/reading.js';
import { problemOf, storedBytes } from '../../sources/stored-bytes.js';
import { decodeText, encodeText } from '../../text/encoding.js';
import { concat } from '../../wal/concat.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { lookUp } from '../look-up.js';
import { CIPHER_MAGIC_SIZE, deciphered, isEncrypted } from './cipher.js';

/** Takes a value of an information file: its section, its key, its JSON and what that is, numbers as JavaScript has them. */
export type TakeValue = (section: string, key: string, json: string, value: unknown) => void;

/** The format of information files and repositories that is known (`REPOSITORY_FORMAT`, src/version.h). */
const FORMAT = '5';
/** One has the pages of a file of 1 GiB that were damaged. */
const LONGEST_LINE = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Reads an information file of pgBackRest: sections of keys, and values in JSON. Its checksum is over all of that but for
 * itself (src/info/info.c, src/common/ini.c).
 * @param take what it throws other than a WalError, or is unnamed, is what is wrong with the file
 * @throws WalError `bad-repository`; `encrypted`, `wrong-passphrase`; what reading it throws
 */
export async function readInfo(
  source: ByteSource,
  limit: number,
  passphrase: string | undefined,
  reading: Reading,
  take: TakeValue,
): Promise<void> {
  const { name } = source;
  const digest = sha1.create();
  const add = (text: string): void => {
    digest.update(encodeText(text));
  };
  let section: string | undefined;
  let hashed: string | undefined;
  let expected: string | undefined;
  add('{');
  for await (const line of linesOf(source, limit, passphrase, reading)) {
    if (line === '') continue;
    if (line.startsWith('[') && line.endsWith(']')) {
      section = line.slice(1, -1);
      continue;
    }
    if (section === undefined) throw badInfo(name, message`it does not begin with a section`);
    const { key, json, value } = keyAndValue(line, name);
    if (section === 'backrest' && key === 'backrest-checksum') {
      expected = json;
      continue;
    }
    if (section === 'backrest' && key === 'backrest-format' && json !== FORMAT) {
      throw badInfo(name, message`it has the format ${json}, and only ${FORMAT} is known`);
    }
    if (section === hashed) add(`,${quoted(key)}:${json}`);
    else add(`${hashed === undefined ? '' : '},'}${quoted(section)}:{${quoted(key)}:${json}`);
    hashed = section;
    take(section, key, json, value);
  }
  add('}}');
  if (expected === undefined) throw badInfo(name, message`it has no checksum, so that it was cut off`);
  if (expected !== `"${bytesToHex(digest.digest())}"`) {
    throw badInfo(name, message`its checksum does not fit: it was changed or damaged`);
  }
}

export function badInfo(file: string, why: Message): WalError {
  return new WalError('bad-repository', message`${file} cannot be used: ${why}`, { file });
}

/** A key may have the sign that is between it and its value; a value that is none of JSON begins too early. */
function keyAndValue(line: string, name: string): { key: string; json: string; value: unknown } {
  for (let at = line.indexOf('='); at > 0; at = line.indexOf('=', at + 1)) {
    const json = line.slice(at + 1);
    try {
      return { key: line.slice(0, at), json, value: JSON.parse(json) };
    } catch {
      // the next one
    }
  }
  throw badInfo(name, message`a line of it is no key with a value: ${line.slice(0, MOST_SHOWN)}`);
}

const MOST_SHOWN = 60;

/** As the tool writes a string in JSON: less is escaped than JavaScript does (`jsonWriteStr`, src/common/type/json.c). */
const quoted = (text: string): string =>
  `"${text.replace(/["\\\n\r\t\b\f]/g, (character) => ESCAPES[character])}"`;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

async function* linesOf(
  source: ByteSource,
  limit: number,
  passphrase: string | undefined,
  reading: Reading,
): AsyncGenerator<string> {
  const { name } = source;
  let size = 0;
  let begun: Uint8Array[] = [];
  let begunSize = 0;
  for await (const piece of plainInfo(source, passphrase, reading)) {
    size += piece.length;
    if (size > limit) throw badInfo(name, message`it has more than the ${limit} bytes that can be right`);
    let from = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      yield decodeText(concat([...begun, piece.subarray(from, end)]));
      begun = [];
      begunSize = 0;
      from = end + 1;
    }
    begun.push(piece.subarray(from));
    begunSize += piece.length - from;
    if (begunSize > LONGEST_LINE) throw badInfo(name, message`a line of it is too long`);
  }
  yield decodeText(concat(begun));
}

/** The bytes of an information file. Whether a passphrase is the right one is told by what every such file begins with. */
async function* plainInfo(
  source: ByteSource,
  passphrase: string | undefined,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const { name: file } = source;
  const input = new ChunkReader(storedBytes(source, reading));
  try {
    if (!isEncrypted(await input.peek(CIPHER_MAGIC_SIZE))) {
      yield* input.rest();
      return;
    }
    if (passphrase === undefined) throw encrypted(file);
    const plain = new ChunkReader(deciphered(input.rest(), { passphrase, raw: false }, reading));
    const beginning = await plain.peek(BEGINNING.length).catch((error: unknown) => {
      if (error instanceof WalError && error.file === undefined) throw wrongPassphrase(file);
      throw error;
    });
    if (!isInfo(beginning)) throw wrongPassphrase(file);
    yield* plain.rest();
  } catch (error) {
    const isUnnamed = error instanceof WalError && error.file === undefined;
    throw isUnnamed ? badInfo(file, error.said) : error;
  } finally {
    await input.close();
  }
}

const BEGINNING = encodeText('[backrest]');

const isInfo = (first: Uint8Array): boolean => BEGINNING.every((byte, i) => first[i] === byte);

/** Whether a file is an information file of pgBackRest, by what it begins with. */
export async function looksLikeInfo(source: ByteSource, reading: Reading): Promise<boolean> {
  const input = new ChunkReader(storedBytes(source, reading, BEGINNING.length));
  try {
    const first = await input.peek(BEGINNING.length);
    return isInfo(first) || isEncrypted(first);
  } finally {
    await input.close();
  }
}

/** A file of a stanza, or of a backup of it, in a repository. */
const IN_REPOSITORY = /(?:archive|backup)\/([^/]+)\/(?:\d{8}-\d{6}F[^/]*\/)?[^/]+$/;

function encrypted(file: string): WalError {
  const [path, stanza] = IN_REPOSITORY.exec(file) ?? ['<path in the repository>', '<stanza>'];
  const text = message`${file} is encrypted by pgBackRest (aes-256-cbc): give the passphrase of the repository (repo1-cipher-pass) with --cipher-pass-file or in PGBACKREST_REPO1_CIPHER_PASS; the tool itself gets one file out by pgbackrest --stanza=${stanza} repo-get ${path}`;
  return new WalError('encrypted', text, { file });
}

function wrongPassphrase(file: string): WalError {
  const text = message`the passphrase does not open ${file}: it is that of another repository, or the file is damaged`;
  return new WalError('wrong-passphrase', text, { file });
}

/**
 * Reads an information file or, where that is missing or damaged, its copy, as the tool does.
 * @param read gives what was read of one of them
 * @param onPassedOver told what is wrong with the first, damaged or gone, where its copy is used instead
 * @returns undefined where there is neither
 * @throws WalError what is wrong with the first that is there, where neither can be used
 */
export async function readEither<T>(
  folder: SourceFolder,
  name: string,
  reading: Reading,
  read: (source: ByteSource) => Promise<T>,
  onPassedOver: (problem: WalError) => void = () => {},
): Promise<T | undefined> {
  const entries = await lookUp(folder, [name, `${name}.copy`], reading);
  let problem: WalError | undefined;
  const [first, copy] = entries;
  if (first === undefined && copy !== undefined) {
    const file = `${folder.name}/${name}`;
    problem = badInfo(file, message`it is missing; ${name}.copy beside it is used instead`);
  }
  for (const entry of entries) {
    if (entry?.kind === 'unreadable') problem ??= entry.error;
    if (entry?.kind !== 'file') continue;
    try {
      const value = await read(entry.source);
      if (problem !== undefined) onPassedOver(problem);
      return value;
    } catch (error) {
      const own = problemOf(error);
      problem ??= own;
      if (own.code === 'encrypted' || first === undefined) throw own;
    }
  }
  if (problem !== undefined) throw problem;
  return undefined;
}
