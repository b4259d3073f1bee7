import type { ErrorCode } from './error.js';
import { type Message, type MessageValue, message } from './message.js';
import { isValidSegmentSize } from './segment-name.js';
import { NEWEST_VERSION, OLDEST_VERSION, versionOfMagic } from './version.js';

/**
 * What begins as WAL does, or is kept where WAL is, and cannot be read: WAL of versions before 10, of forks with a page
 * magic of their own, of machines with the other order of bytes. Forks that kept PostgreSQL's magic cannot be told
 * from it: Greenplum 7 has that of 12, PolarDB that of 11.
 */

/** The magics of 8.0 to 8.4 are in pg_rman's xlog.c, those of 9.2 to 9.6 in pghoard's wal.py; Greenplum's is in arenadata/pgbackrest (recordProcessGPDB6.h), openGauss' in its xlog_basic.h. */
const OLD_MAGICS: ReadonlyMap<number, string> = new Map([
  [0xd05c, 'PostgreSQL 8.0'],
  [0xd05d, 'PostgreSQL 8.1'],
  [0xd05e, 'PostgreSQL 8.2'],
  [0xd062, 'PostgreSQL 8.3'],
  [0xd063, 'PostgreSQL 8.4'],
  [0xd071, 'PostgreSQL 9.2'],
  [0xd074, 'openGauss'],
  [0xd075, 'PostgreSQL 9.3'],
  [0xd07e, 'PostgreSQL 9.4 or Greenplum 6'],
  [0xd087, 'PostgreSQL 9.5'],
  [0xd093, 'PostgreSQL 9.6'],
]);

/** Those of unreleased and of newer versions, after the last of 9.6. */
const FIRST_AFTER_OLD = 0xd094;
const FIRST_MAGIC = 0xd05a;
const LAST_MAGIC = 0xd3ff;

/** Of the image and delta layers of Neon's pageserver, high byte first (neondatabase/neon, pageserver/src/lib.rs). */
const NEON_LAYERS: ReadonlyMap<number, Message> = new Map([
  [0x5a60, message`an image`],
  [0x5a61, message`a delta`],
]);

/** `Salted__`: what pgBackRest encrypts begins with it, as what `openssl enc` makes (`CIPHER_BLOCK_MAGIC`, src/common/crypto/cipherBlock.c). */
const OPENSSL_SALT = [0x53, 0x61, 0x6c, 0x74, 0x65, 0x64, 0x5f, 0x5f];

/** `XLP_SEG_SIZE` of page-header.ts */
const SEGMENT_SIZE_AT = 32;

/** What a file is that is no WAL that walscan reads: a clause that goes on from "it is", and the code for it. */
interface OtherWal {
  code: ErrorCode;
  what: Message;
}

/**
 * Tells it by its first bytes, 40 of them.
 * @returns undefined where they are nothing of the kind
 */
export function otherWal(bytes: Uint8Array): OtherWal | undefined {
  if (bytes.length < SEGMENT_SIZE_AT + 4) return undefined;
  if (OPENSSL_SALT.every((byte, i) => bytes[i] === byte)) {
    const what = message`encrypted, by pgBackRest if it is of one of its repositories: give its path in the repository, with the passphrase (--cipher-pass-file)`;
    return { code: 'encrypted', what };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const layer = NEON_LAYERS.get(view.getUint16(0));
  // a format version follows, which is a small number
  if (layer !== undefined && bytes[2] === 0) {
    const what = message`${layer} layer of Neon's pageserver, which holds pages and no WAL: give the WAL of its safekeepers`;
    return { code: 'not-wal', what };
  }
  const swapped = view.getUint16(0);
  if (isMagic(swapped) && isValidSegmentSize(view.getUint32(SEGMENT_SIZE_AT))) {
    const what = message`WAL of ${nameOf(swapped)} on a machine with the other order of bytes (big-endian), which walscan cannot read`;
    return { code: 'byte-order', what };
  }
  const magic = view.getUint16(0, true);
  if (!isMagic(magic) || versionOfMagic(magic) !== undefined) return undefined;
  const known = message`walscan reads PostgreSQL ${OLDEST_VERSION} to ${NEWEST_VERSION}`;
  const hint = magic < FIRST_AFTER_OLD ? known : message`${known}, and a newer walscan may read it`;
  return { code: 'unknown-version', what: message`WAL of ${nameOf(magic)}: ${hint}` };
}

const isMagic = (magic: number): boolean => magic >= FIRST_MAGIC && magic <= LAST_MAGIC;

function nameOf(magic: number): MessageValue {
  const version = versionOfMagic(magic);
  if (version !== undefined) return `PostgreSQL ${version}`;
  const text = message`page magic ${magicText(magic)}`;
  const old = OLD_MAGICS.get(magic);
  if (old !== undefined) return message`${old} (${text})`;
  return magic < FIRST_AFTER_OLD
    ? message`a version of PostgreSQL before 10 (${text})`
    : message`no version of PostgreSQL that walscan knows (${text})`;
}

/** As the server prints it. */
export const magicText = (magic: number): string => magic.toString(16).toUpperCase().padStart(4, '0');
