import { createReadStream } from 'node:fs';
import { Option } from 'commander';
import { unreadable } from '../node/files.js';
import { decodeText } from '../text/encoding.js';
import { concat } from '../wal/concat.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import type { Io } from './io.js';

/** How a backup is given, for help texts. */
export const BACKUP_HELP =
  'a base backup, whose catalogs tell the names, with all WAL since then: a path or, of a repository, the name of a backup or "latest" (default: one of the repository, if the paths are one); for an incremental one give all that it builds on as well, each by --backup';

const PASSPHRASE_VARIABLE = 'PGBACKREST_REPO1_CIPHER_PASS';

/** Never the passphrase itself, which others would see in the list of processes. */
export const PASSPHRASE_OPTION = new Option(
  '--cipher-pass-file <file>',
  `a file with the passphrase of an encrypted repository (default: the variable ${PASSPHRASE_VARIABLE})`,
);

export interface RepositoryOptions {
  cipherPassFile?: string | undefined;
}

/** Longer than any passphrase. */
const MOST_BYTES = 65_536;

/**
 * The passphrase of an encrypted repository; undefined where none is given.
 * @throws WalError `unreadable`; `usage` where the file has none
 */
export async function passphraseOf(
  { cipherPassFile: file }: RepositoryOptions,
  { env }: Pick<Io, 'env'>,
): Promise<string | undefined> {
  if (file === undefined) return env[PASSPHRASE_VARIABLE] || undefined;
  const text = decodeText(await readFileOf(file)).replace(/\r?\n$/, '');
  if (text !== '') return text;
  throw new WalError('usage', message`--cipher-pass-file: ${file} is empty: it has to hold the passphrase`, {
    file,
  });
}

async function readFileOf(file: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of createReadStream(file, { end: MOST_BYTES })) pieces.push(piece);
  } catch (error) {
    throw unreadable(file, error);
  }
  const bytes = concat(pieces);
  if (bytes.length <= MOST_BYTES) return bytes;
  throw new WalError('usage', message`--cipher-pass-file: ${file} is too long to be a passphrase`, { file });
}
