import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import { type ByteSource, type OpenOptions, PIECE_SIZE } from './byte-source.js';
import { ChunkReader } from './chunk-reader.js';
import { decompressed } from './decompress.js';
import type { Reading } from './reading.js';

/** Headers are blocks of this size, and what follows on them is filled up to it. */
const BLOCK_SIZE = 512;
const MAGIC_OFFSET = 257;
const MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72]; // ustar

/** Whether these first bytes of a file (unpacked) are those of a tar file (POSIX or GNU). */
export function looksLikeTar(first: Uint8Array): boolean {
  return first.length >= BLOCK_SIZE && MAGIC.every((byte, i) => first[MAGIC_OFFSET + i] === byte);
}

/** A plain file within a tar file. */
export interface TarMember {
  /** Its path within the tar file. */
  name: string;
  size: number;
  /** Where its bytes begin in the tar file, unpacked. */
  offset: number;
  /** Its bytes, which pass by once: before the next member is asked for, or not at all. */
  body: AsyncIterable<Uint8Array>;
}

/** A member as a source of its own. */
export function memberSource(tar: ByteSource, name: string, open: ByteSource['open']): ByteSource {
  return {
    name: `${tar.name}/${name}`,
    tar,
    get modified() {
      return tar.modified;
    },
    open,
  };
}

/** No file system has longer paths (`PATH_MAX` of Linux). */
const LONGEST_NAME = 4096;
/** All that comes between two members: their headers, long names and other attributes. */
const LARGEST_HEADERS = 4 * 1024 * 1024;

/**
 * The files of a tar file (compressed or not) in their order, as they stream by. By no library: docs/decisions/tar.md.
 * Format: https://www.gnu.org/software/tar/manual/html_node/Standard.html, and POSIX, pax.
 * @param without told of the members under whose names there are no bytes: links, FIFOs, devices, what is unknown
 * @throws WalError `corrupt-tar`, and what `decompressed` throws
 */
export async function* tarMembers(
  tar: ByteSource,
  reading: Reading,
  without: (name: string, error: WalError) => void = () => {},
): AsyncGenerator<TarMember> {
  const input = new ChunkReader(decompressed(tar, reading));
  let attributes: Attributes = {};
  let between = 0;
  let at = 0;
  try {
    for (let block = await input.take(BLOCK_SIZE); block; block = await input.take(BLOCK_SIZE)) {
      const header = headerOf(block);
      const isAttribute = header !== undefined && ATTRIBUTES.has(header.type);
      between += BLOCK_SIZE + (isAttribute ? header.size : 0);
      at += BLOCK_SIZE;
      if (between > LARGEST_HEADERS)
        throw corrupt(message`more than ${LARGEST_HEADERS} bytes between two members`);
      if (header === undefined) continue;
      if (isAttribute) {
        const bytes = (await input.take(header.size)) ?? new Uint8Array(0);
        attributes = { ...attributes, ...attributesOf(header.type, bytes) };
        await skip(input, padding(header.size));
        at += header.size + padding(header.size);
        continue;
      }
      const { name, size, isSparse } = { ...header, ...attributes };
      if (name.length > LONGEST_NAME) throw corrupt(message`the name of a member is longer than any path`);
      if (isSparse) throw sparse(name);
      attributes = {};
      between = 0;
      const stored = header.type === DIRECTORY ? 0 : size;
      const body = new Body(input, stored);
      if (header.type !== DIRECTORY && !name.endsWith('/')) {
        if (FILES.has(header.type)) yield { name, size, offset: at, body: body.pieces() };
        else without(name, noFile(tar, name, header.type));
      }
      await body.skip();
      at += stored + padding(stored);
    }
  } catch (error) {
    throw isUnnamed(error) ? corruptTar(tar, error) : error;
  } finally {
    await input.close();
  }
}

/** An old tar's file, a file, and one that is to be stored in one piece. */
const FILES: ReadonlySet<string> = new Set(['\0', '0', '7']);
const DIRECTORY = '5';
/** GNU: stored without its holes. Newer formats say so by their attributes. */
const SPARSE = 'S';
const SPARSE_ATTRIBUTES = 'GNU.sparse.';
const LONG_NAME = 'L';
const PAX = 'x';
/** With those that tell nothing that matters here: the name of a link's target, and what holds for all members. */
const ATTRIBUTES: ReadonlySet<string> = new Set([LONG_NAME, PAX, 'K', 'g']);

interface Header {
  name: string;
  size: number;
  type: string;
  isSparse: boolean;
}

/** What takes the place of a header's own fields. */
type Attributes = Partial<Omit<Header, 'type'>>;

/** Undefined for a block of zeroes, with which tar files are filled up. @throws WalError `corrupt-tar` */
function headerOf(block: Uint8Array): Header | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (
    !looksLikeTar(block) ||
    numberOf(block.subarray(148, 156), message`the checksum of a header`) !== checksum(block)
  ) {
    throw corrupt(message`its header is damaged`);
  }
  const prefix = block[MAGIC_OFFSET + MAGIC.length] === 0 ? textOf(block.subarray(345, 500)) : '';
  const name = textOf(block.subarray(0, 100));
  const type = String.fromCharCode(block[156]);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: numberOf(block.subarray(124, 136), message`the size of its member ${name}`),
    type,
    isSparse: type === SPARSE,
  };
}

/** The sum of the block's bytes, those of the sum itself taken for blanks. */
function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

/** What else there is by POSIX, ustar. */
const OTHERS: Partial<Record<string, Message>> = {
  1: message`a hard link`,
  2: message`a symbolic link`,
  3: message`a device`,
  4: message`a device`,
  6: message`a FIFO`,
};

function noFile({ name: tar }: ByteSource, name: string, type: string): WalError {
  const file = `${tar}/${name}`;
  const what = OTHERS[type] ?? message`no file that walscan knows`;
  const text = message`${file} is ${what}, without the bytes that its name is for: unpack the tar file first, or make it anew with tar --hard-dereference --dereference`;
  return new WalError('unreadable', text, { file });
}

/** A member that is stored without its holes, by `tar --sparse`. */
const sparse = (name: string): WalError =>
  corrupt(message`its member ${name} is stored without its holes (tar --sparse): unpack the tar file first`);

/**
 * Octal digits or, where the first bit is set, a number in binary.
 * @param what it is, for who has to be told that it is none
 */
function numberOf(field: Uint8Array, what: Message): number {
  const value =
    field[0] & 0x80
      ? field.subarray(1).reduce((sum, byte) => sum * 256 + byte, field[0] & 0x7f)
      : octalOf(textOf(field).trim());
  if (Number.isSafeInteger(value)) return value;
  throw corrupt(message`${what} is no number that can be right`);
}

/** NaN where there is anything else: a sign, too. */
const octalOf = (digits: string): number =>
  /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : Number.NaN;

/** Up to the first zero. */
function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return decodeText(end < 0 ? field : field.subarray(0, end));
}

function attributesOf(type: string, bytes: Uint8Array): Attributes {
  if (type === LONG_NAME) return { name: textOf(bytes) };
  const attributes: Attributes = {};
  for (const [key, value] of type === PAX ? paxRecords(bytes) : []) {
    if (key === 'path' || key === `${SPARSE_ATTRIBUTES}name`) attributes.name = value;
    if (key === 'size' && value !== '') attributes.size = sizeOf(value);
    if (key.startsWith(SPARSE_ATTRIBUTES)) attributes.isSparse = true;
  }
  return attributes;
}

function sizeOf(digits: string): number {
  const size = /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
  if (Number.isSafeInteger(size)) return size;
  throw corrupt(message`the size of a member, among its attributes, is no number that can be right`);
}

/**
 * `<length> <key>=<value>`, each with a line feed; the length counts itself.
 * @throws WalError `corrupt-tar`
 */
function* paxRecords(bytes: Uint8Array): Generator<[key: string, value: string]> {
  for (let at = 0; at < bytes.length; ) {
    const [, digits] = /^(\d{1,7}) /.exec(decodeText(bytes.subarray(at, at + 8))) ?? [];
    const length = Number(digits);
    if (digits === undefined || length <= digits.length + 1 || at + length > bytes.length)
      throw corrupt(message`the attributes of a member are damaged`);
    const record = decodeText(bytes.subarray(at + digits.length + 1, at + length - 1));
    const equals = record.indexOf('=');
    yield [record.slice(0, equals), record.slice(equals + 1)];
    at += length;
  }
}

const padding = (size: number): number => (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE;

/** The bytes of a member, of which what is left has to be skipped before the next. */
class Body {
  private left: number;

  constructor(
    private readonly input: ChunkReader,
    private readonly size: number,
  ) {
    this.left = size;
  }

  /** All of them, together; an iterator that is left early leaves the rest of the tar file to be read. */
  pieces(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.next() }) };
  }

  async skip(): Promise<void> {
    while (!(await this.next()).done);
    await skip(this.input, padding(this.size));
  }

  private async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.left === 0) return { done: true, value: undefined };
    const value = await some(this.input, this.left);
    this.left -= value.length;
    return { done: false, value };
  }
}

async function skip(input: ChunkReader, size: number): Promise<void> {
  for (let left = size; left > 0; ) left -= (await some(input, left)).length;
}

async function some(input: ChunkReader, most: number): Promise<Uint8Array> {
  const bytes = await input.some(most);
  if (bytes === undefined) throw corrupt(message`it ends too early`);
  return bytes;
}

const corrupt = (why: Message): WalError => new WalError('corrupt-tar', why);

/** Told by this module or its reader of chunks, which do not know whose bytes these are. */
function isUnnamed(error: unknown): error is WalError {
  return error instanceof WalError && error.file === undefined;
}

function corruptTar({ name: file }: ByteSource, cause: WalError): WalError {
  return new WalError('corrupt-tar', message`${file} cannot be read as a tar file: ${cause.said}`, {
    file,
    cause,
  });
}

/** A member that {@link tarMembers} has given: the how manieth, and where its bytes are. */
interface MemberPlace {
  index: number;
  offset: number;
  size: number;
}

/** A member of a {@link TarFile}. A class, since there may be hundreds of thousands: functions of its own take memory. */
class MemberSource implements ByteSource {
  constructor(
    private readonly file: TarFile,
    private readonly member: string,
    readonly index: number,
    readonly offset: number,
    private readonly length: number,
  ) {}

  get name(): string {
    return `${this.file.tar.name}/${this.member}`;
  }

  get tar(): ByteSource {
    return this.file.tar;
  }

  open({ signal }: OpenOptions = {}): AsyncIterable<Uint8Array> {
    const { index, offset, length: size } = this;
    return this.file.read({ index, offset, size }, signal);
  }
}

/**
 * Gives members of a tar file again when their turn comes. Where the tar file is not compressed and can be read in
 * parts, they are read where they lie. Else they can only be had by streaming the tar file: as long as they are asked
 * for in their order, it is streamed once.
 */
export class TarFile {
  private cursor: { members: AsyncGenerator<TarMember>; next: number } | undefined;
  private turn: Promise<void> = Promise.resolve();
  private last = 0;
  private isComplete = false;
  private hasEnded = false;

  /** @param isPlain whether it is not compressed */
  constructor(
    readonly tar: ByteSource,
    private readonly reading: Reading,
    private readonly isPlain = false,
  ) {}

  /** A member that {@link tarMembers} gives at position `index`. */
  member(index: number, { name, offset, size }: Omit<TarMember, 'body'>): ByteSource {
    this.last = Math.max(this.last, index);
    return new MemberSource(this, name, index, offset, size);
  }

  /** All members are known that will be: when the last has been read, the tar file is let go of. */
  async complete(): Promise<void> {
    this.isComplete = true;
    if (this.cursor !== undefined && this.cursor.next > this.last) await this.close();
  }

  /** Lets go of the tar file for good; who still waits for a member gets none. */
  async end(): Promise<void> {
    this.hasEnded = true;
    await this.close();
  }

  /** @internal */
  read(place: MemberPlace, signal: OpenOptions['signal']): AsyncIterable<Uint8Array> {
    return this.isPlain && this.tar.read !== undefined
      ? piecesOf(this.tar as Required<ByteSource>, place, signal)
      : this.stream(place.index);
  }

  private async *stream(index: number): AsyncGenerator<Uint8Array> {
    const before = this.turn;
    let done = (): void => {};
    this.turn = new Promise((resolve) => {
      done = resolve;
    });
    await before; // one at a time, in the order of asking
    try {
      yield* (await this.seek(index)).body;
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      if (this.isComplete && index === this.last) await this.close();
      done();
    }
  }

  private async seek(index: number): Promise<TarMember> {
    if (this.hasEnded)
      throw new WalError('unreadable', message`${this.tar.name} is closed`, { file: this.tar.name });
    if (this.cursor === undefined || this.cursor.next > index) {
      await this.close();
      this.cursor = { members: tarMembers(this.tar, this.reading), next: 0 };
    }
    for (;;) {
      const { value, done } = await this.cursor.members.next();
      if (done) throw hasChanged(this.tar);
      if (this.cursor.next++ === index) return value;
    }
  }

  private async close(): Promise<void> {
    const { cursor } = this;
    this.cursor = undefined;
    await cursor?.members.return(undefined);
  }
}

/** The bytes of a member, read where they lie. */
async function* piecesOf(
  tar: Required<Pick<ByteSource, 'name' | 'read'>>,
  { offset, size }: MemberPlace,
  signal: OpenOptions['signal'],
): AsyncGenerator<Uint8Array> {
  const end = offset + size;
  for (let at = offset; at < end; ) {
    const piece = await tar.read(at, Math.min(end, at + PIECE_SIZE), { signal });
    if (piece.length === 0) throw hasChanged(tar);
    at += piece.length;
    yield piece;
  }
}

function hasChanged({ name }: Pick<ByteSource, 'name'>): WalError {
  return new WalError('unreadable', message`${name} has changed while it was read`, { file: name });
}
