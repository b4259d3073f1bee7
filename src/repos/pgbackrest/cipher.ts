import { sha1 } from '@noble/hashes/legacy.js';
import type { ByteSource, FolderEntry, SourceFolder } from '../../sources/byte-source.js';
import { ChunkReader } from '../../sources/chunk-reader.js';
import type { Reading } from '../../sources/reading.js';
import { storedBytes } from '../../sources/stored-bytes.js';
import { encodeText } from '../../text/encoding.js';
import { concat } from '../../wal/concat.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';

/**
 * pgBackRest encrypts as `openssl enc -aes-256-cbc -md sha1` does: eight bytes that say so, eight of salt, and blocks of
 * which the last is filled up (src/common/crypto/cipherBlock.c; PKCS #7). Within bundles and block maps the first eight
 * are left out.
 */
const MAGIC = encodeText('Salted__');
const SALT_SIZE = 8;
const KEY_SIZE = 32;
const BLOCK_SIZE = 16;

/** How a file is encrypted; `raw` without the bytes that say so. */
export interface Cipher {
  passphrase: string;
  raw: boolean;
}

/** Whether a file says that it is encrypted. @param first at least eight bytes of it */
export const isEncrypted = (first: Uint8Array): boolean => MAGIC.every((byte, i) => first[i] === byte);

/** How many first bytes it takes to tell. */
export const CIPHER_MAGIC_SIZE = MAGIC.length;

/**
 * Deciphers a stream piece by piece.
 * @throws WalError `corrupt-compression`, without the source's name, where it cannot have been encrypted so
 */
export async function* deciphered(
  stored: AsyncIterable<Uint8Array>,
  { passphrase, raw }: Cipher,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  const input = new ChunkReader(stored);
  try {
    const header = await input.take((raw ? 0 : MAGIC.length) + SALT_SIZE);
    if (header === undefined || !(raw || isEncrypted(header)))
      throw damaged(message`it does not begin as such`);
    const decipherer = reading.decipherer ?? (await portableDecipherer());
    const decipher = decipherer(...keyOf(passphrase, header.subarray(-SALT_SIZE)));
    let left: Uint8Array = new Uint8Array(0);
    for await (const piece of input.rest()) {
      const bytes = left.length === 0 ? piece : concat([left, piece]);
      // the last block is only known at the end
      const size = Math.floor((bytes.length - 1) / BLOCK_SIZE) * BLOCK_SIZE;
      if (size > 0) yield decipher(bytes.subarray(0, size));
      left = bytes.subarray(size);
    }
    if (left.length !== BLOCK_SIZE) throw damaged(message`it ends too early`);
    const last = decipher(left);
    const filled = last[BLOCK_SIZE - 1];
    const isFilled =
      filled >= 1 && filled <= BLOCK_SIZE && last.subarray(-filled).every((one) => one === filled);
    if (!isFilled) throw damaged(message`its end is not what it should be`);
    if (filled < BLOCK_SIZE) yield last.subarray(0, BLOCK_SIZE - filled);
  } finally {
    await input.close();
  }
}

const damaged = (why: Message): WalError =>
  new WalError('corrupt-compression', message`it is damaged where it is encrypted: ${why}`);

/** Key and first block out of a passphrase (`EVP_BytesToKey` of OpenSSL with SHA-1, one round). */
function keyOf(passphrase: string, salt: Uint8Array): [key: Uint8Array, iv: Uint8Array] {
  const secret = concat([encodeText(passphrase), salt]);
  let bytes: Uint8Array = new Uint8Array(0);
  let digest: Uint8Array = new Uint8Array(0);
  while (bytes.length < KEY_SIZE + BLOCK_SIZE) {
    digest = sha1(concat([digest, secret]));
    bytes = concat([bytes, digest]);
  }
  return [bytes.slice(0, KEY_SIZE), bytes.slice(KEY_SIZE, KEY_SIZE + BLOCK_SIZE)];
}

/** In JavaScript, which is some thirty times slower than Node's own (docs/decisions/repositories.md). */
async function portableDecipherer(): Promise<NonNullable<Reading['decipherer']>> {
  const { cbc } = await import('@noble/ciphers/aes.js');
  return (key, iv) => {
    let before = iv;
    return (blocks) => {
      const plain = cbc(key, before, { disablePadding: true }).decrypt(blocks);
      before = blocks.slice(-BLOCK_SIZE);
      return plain;
    };
  };
}

/** A file of an encrypted repository as it was before; one that does not say that it is encrypted as it is. */
export function decipheredSource(source: ByteSource, passphrase: string, reading: Reading): ByteSource {
  const { name, id } = source;
  return {
    name,
    id,
    get modified() {
      return source.modified;
    },
    async *open({ signal, wanted } = {}) {
      const input = new ChunkReader(storedBytes(source, { ...reading, signal, onBytes: undefined }, wanted));
      try {
        if (!isEncrypted(await input.peek(MAGIC.length))) yield* input.rest();
        else yield* deciphered(input.rest(), { passphrase, raw: false }, reading);
      } catch (error) {
        if (!(error instanceof WalError) || error.file !== undefined) throw error;
        throw new WalError(error.code, message`${name} cannot be deciphered: ${error.said}`, {
          file: name,
        });
      } finally {
        await input.close();
      }
    },
  };
}

/** A folder of an encrypted repository, all files in it and below it as they were before. */
export function decipheredFolder(folder: SourceFolder, passphrase: string, reading: Reading): SourceFolder {
  const { name, id } = folder;
  const plain = (entry: FolderEntry): FolderEntry => {
    if (entry.kind === 'file')
      return { kind: 'file', name: entry.name, source: decipheredSource(entry.source, passphrase, reading) };
    return entry.kind === 'folder'
      ? { ...entry, folder: decipheredFolder(entry.folder, passphrase, reading) }
      : entry;
  };
  return {
    name,
    id,
    async *list(options) {
      for await (const entry of folder.list(options)) yield plain(entry);
    },
  };
}
