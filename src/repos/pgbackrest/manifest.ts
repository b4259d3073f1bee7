import type { MappedTablespace } from '../../cluster/tablespace-map.js';
import type { ByteSource } from '../../sources/byte-source.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { badInfo, readInfo } from './info-file.js';
import type { ClusterId } from './repo-info.js';
import {
  BadValue,
  countOf,
  type Fields,
  fieldsOf,
  idOf,
  jsonText,
  labelOf,
  maybe,
  textOf,
} from './values.js';

/** How files of a backup are compressed (`compressTypeEnum`, src/common/compress/helper.c). */
export type CompressType = 'none' | 'gz' | 'lz4' | 'zst' | 'bz2';
const COMPRESS_TYPES: readonly CompressType[] = ['none', 'gz', 'lz4', 'zst', 'bz2'];

/** A file of a backup, and where it is stored. */
export interface StoredFile {
  /** In the folder of the backup that has it: `pg_data/base/5/1259`. */
  path: string;
  /** In bytes, as it was copied. */
  size: number;
  /** SHA-1 in hexadecimal digits. */
  checksum: string | undefined;
  /** The backup that has it, where that is an earlier one. */
  reference: string | undefined;
  /** Bytes in the repository. */
  storedSize: number;
  /** The bundle that it lies in, and where it begins there. */
  bundle: { id: number; offset: number } | undefined;
  /** Where it is stored block by block: sizes in bytes of a block, of a block's checksum, and of the map. */
  blocks: { size: number; checksumSize: number; mapSize: number } | undefined;
}

/** What `backup.manifest` says of a backup. */
export interface Manifest {
  /** Of the tool that made it. */
  toolVersion: string | undefined;
  label: string;
  type: 'full' | 'diff' | 'incr';
  prior: string | undefined;
  /** The backups that its block maps refer to, by number. */
  references: string[];
  /** Whether bundled files lack what a codec or a cipher begins with. */
  isBundleRaw: boolean;
  compressType: CompressType;
  cluster: ClusterId;
  lsnStart: string | undefined;
  lsnStop: string | undefined;
  archiveStart: string | undefined;
  timestampStart: number | undefined;
  timestampStop: number | undefined;
  /** Opens its files. */
  cipherPass: string | undefined;
  tablespaces: MappedTablespace[];
  /** By their path in the data folder. */
  files: Map<string, StoredFile>;
  /** Of files, by the same paths, the pages whose checksums were wrong when the tool copied them: `1, 3-5`. */
  wrongPages: Map<string, string>;
}

/** `BLOCK_INCR_SIZE_FACTOR` and `BLOCK_INCR_CHECKSUM_SIZE_MIN` (src/info/manifest/manifest.h) */
const BLOCK_SIZE_FACTOR = 8192;
const LEAST_CHECKSUM_SIZE = 6;
/** XXH128 has no more bytes. */
const MOST_CHECKSUM_SIZE = 16;
/** More than `repo-block-size-map` takes for the largest files (4 MiB, src/command/backup/option.c.inc), by far. */
const LARGEST_BLOCK = 1024 * 1024 * 1024;

/** Some ten times what the map of a file of 1 GiB takes in blocks of 8 kB: all of it is kept while the file is read. */
const LARGEST_MAP = 16 * 1024 * 1024;

/**
 * Reads `backup.manifest` (src/info/manifest/serialize.c.inc). What is in it is checked: numbers, labels, and that no path
 * leads out of the backup.
 * @throws WalError `bad-repository`, `encrypted`, `wrong-passphrase`; what reading it throws
 */
export async function readManifest(
  source: ByteSource,
  passphrase: string | undefined,
  reading: Reading,
): Promise<Manifest> {
  const fields = new Map<string, string>();
  const files = new Map<string, StoredFile>();
  const wrongPages = new Map<string, string>();
  const tablespaces: MappedTablespace[] = [];
  let lines = 0;
  await readInfo(source, LARGEST_MANIFEST, passphrase, reading, (section, key, json, value) => {
    if (++lines > MOST_LINES) throw tooManyFiles(source.name);
    try {
      if (section === 'target:file') {
        const parts = partsOf(key);
        const path = pathInDataFolder(parts);
        const line = fieldsOf(value);
        files.set(path, storedFile(parts.join('/'), line));
        if (line['checksum-page'] === false) wrongPages.set(path, pagesOf(line['checksum-page-error']));
      } else if (section === 'backup:target') tablespaces.push(...tablespaceOf(key, fieldsOf(value)));
      else if (OWN_SECTIONS.includes(section)) fields.set(`${section} ${key}`, json);
    } catch (error) {
      throw named(error, source.name, key);
    }
  });
  const text = (key: string): string | undefined => maybe(fields.get(key), (json) => jsonText(textOf(json)));
  const number = (key: string): number | undefined =>
    maybe(fields.get(key), (json) => countOf(JSON.parse(textOf(json))));
  try {
    const label = labelOf(text('backup backup-label'));
    const references =
      text('backup backup-reference')
        ?.split(',')
        .filter((one) => one !== '') ?? [];
    return {
      toolVersion: text('backrest backrest-version'),
      label,
      type: typeOf(text('backup backup-type')),
      prior: maybe(text('backup backup-prior'), labelOf),
      references: references.map(labelOf),
      isBundleRaw: fields.get('backup backup-bundle-raw') === 'true',
      compressType: compressTypeOf(
        text('backup:option option-compress-type'),
        fields.get('backup:option option-compress') === 'true',
      ),
      cluster: {
        version: textOf(text('backup:db db-version')),
        systemIdentifier: idOf(fields.get('backup:db db-system-id')),
      },
      lsnStart: text('backup backup-lsn-start'),
      lsnStop: text('backup backup-lsn-stop'),
      archiveStart: text('backup backup-archive-start'),
      timestampStart: number('backup backup-timestamp-start'),
      timestampStop: number('backup backup-timestamp-stop'),
      cipherPass: text('cipher cipher-pass'),
      tablespaces,
      files,
      wrongPages,
    };
  } catch (error) {
    throw named(error, source.name, 'what it says of the backup');
  }
}

/** All of them are kept, and so are other lines (docs/decisions/repositories.md). */
const MOST_FILES = 1_000_000;
const MOST_LINES = MOST_FILES + 1000;
/** A file has some 160 bytes. */
const LARGEST_MANIFEST = 256 * 1024 * 1024;

function tooManyFiles(file: string): WalError {
  const text = message`${file} tells of more than ${MOST_FILES} files, and no more fit into memory: restore the backup by pgbackrest restore, and give the data folder`;
  return new WalError('file-too-large', text, { file });
}

const OWN_SECTIONS = ['backrest', 'backup', 'backup:db', 'backup:option', 'cipher'];

function named(error: unknown, file: string, what: string): unknown {
  if (!(error instanceof BadValue)) return error;
  return badInfo(file, message`${what.slice(0, MOST_SHOWN)} ${error.said}`);
}

const MOST_SHOWN = 200;

/** The parts of a path: folders, and a file in them. */
function partsOf(path: string): string[] {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\0'))) {
    throw new BadValue(message`is no path within a backup`);
  }
  return parts;
}

/** Where a file is in the data folder: those of tablespaces are beside it in the repository. */
function pathInDataFolder(parts: readonly string[]): string {
  const [folder] = parts;
  if (folder === 'pg_data' && parts.length > 1) return parts.slice(1).join('/');
  if (folder === 'pg_tblspc' && parts.length > 2) return parts.join('/');
  throw new BadValue(message`is no path of a data folder or a tablespace`);
}

function storedFile(path: string, fields: Fields): StoredFile {
  const { size: bytes, checksum, reference, bni, bno, 'repo-size': repoSize } = fields;
  const size = countOf(bytes);
  const id = maybe(bni, countOf);
  const file: StoredFile = {
    path,
    size,
    checksum: maybe(checksum, checksumOf),
    reference: maybe(reference, labelOf),
    storedSize: maybe(repoSize, countOf) ?? size,
    bundle: id === undefined ? undefined : { id, offset: maybe(bno, countOf) ?? 0 },
    blocks: blocksOf(fields),
  };
  const { storedSize, bundle, blocks } = file;
  if (blocks && blocks.mapSize > storedSize)
    throw new BadValue(message`has a map that is larger than itself`);
  if (blocks && blocks.mapSize > LARGEST_MAP)
    throw new BadValue(message`has a map that is larger than one can be`);
  if (!Number.isSafeInteger((bundle?.offset ?? 0) + storedSize)) throw new BadValue(message`ends nowhere`);
  return file;
}

/** Without a map a file that would be stored block by block is not (it is empty, or was not copied). */
function blocksOf({ bi, bic, bim }: Fields): StoredFile['blocks'] {
  const mapSize = maybe(bim, countOf) ?? 0;
  if (mapSize === 0) return undefined;
  const size = countOf(bi) * BLOCK_SIZE_FACTOR;
  const checksumSize = maybe(bic, countOf) ?? LEAST_CHECKSUM_SIZE;
  if (size === 0 || size > LARGEST_BLOCK || checksumSize < 1 || checksumSize > MOST_CHECKSUM_SIZE) {
    throw new BadValue(message`has blocks of a size that there is not`);
  }
  return { size, checksumSize, mapSize };
}

/** So many places are named. */
const MOST_PAGES = 20;

/** Pages, and ranges of them (`backupFileProcess`, src/command/backup/file.c; not told where the file has a part of a page). */
function pagesOf(value: unknown): string {
  if (!Array.isArray(value)) return '';
  const places = value.slice(0, MOST_PAGES).map((one: unknown) => {
    return Array.isArray(one) ? one.slice(0, 2).map(countOf).join('-') : String(countOf(one));
  });
  return places.join(', ') + (value.length > MOST_PAGES ? ` and ${value.length - MOST_PAGES} more` : '');
}

function checksumOf(value: unknown): string {
  const hex = textOf(value);
  if (!/^[0-9a-f]{40}$/.test(hex)) throw new BadValue(message`has no SHA-1 as its checksum`);
  return hex;
}

function tablespaceOf(key: string, { path, 'tablespace-id': id }: Fields): MappedTablespace[] {
  if (id === undefined || !/^pg_tblspc\/\d{1,10}$/.test(key)) return [];
  return [{ oid: Number(key.slice('pg_tblspc/'.length)), path: textOf(path) }];
}

function typeOf(value: unknown): Manifest['type'] {
  if (value === 'full' || value === 'diff' || value === 'incr') return value;
  throw new BadValue(message`is no known type`);
}

/** Before 2.27 it only said whether files are compressed, which they were by gzip. */
function compressTypeOf(value: string | undefined, isCompressed: boolean): CompressType {
  if (value === undefined) return isCompressed ? 'gz' : 'none';
  const type = COMPRESS_TYPES.find((known) => known === value);
  if (type === undefined) throw new BadValue(message`names a compression that is not known`);
  return type;
}
