import { createCipheriv, createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';

/** Writes repositories of pgBackRest as its sources describe them (src/info, src/command/backup, pgBackRest 2.45 to 2.60). */

export const sha1 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

export type Json = string | number | boolean | { [key: string]: Json } | Json[];
/** Sections, in each keys and values. JSON as text is taken as it is: for numbers of 64 bits. */
export type Sections = Record<string, Record<string, Json | Raw>>;

/** JSON as it is written. */
export class Raw {
  constructor(readonly json: string) {}
}

export const SYSTEM_IDENTIFIER = '7712435489008293896';

/** An information file with its checksum. */
export function infoFile(sections: Sections): Buffer {
  const all: Sections = { backrest: { 'backrest-format': 5, 'backrest-version': '2.55.1' }, ...sections };
  const json = (value: Json | Raw): string => (value instanceof Raw ? value.json : JSON.stringify(value));
  const text = Object.entries(all)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key}=${json(value)}\n`);
      return `[${name}]\n${lines.join('')}`;
    })
    .join('\n');
  const checked = Object.entries(all)
    .filter(([, values]) => Object.keys(values).length > 0)
    .map(
      ([name, values]) =>
        `"${name}":{${Object.entries(values)
          .map(([key, value]) => `${JSON.stringify(key)}:${json(value)}`)
          .join(',')}}`,
    );
  const checksum = sha1(`{${checked.join(',')}}`).toString('hex');
  return Buffer.from(`${text}\n[backrest]\nbackrest-checksum="${checksum}"\n`);
}

/** As `openssl enc -aes-256-cbc -md sha1` does; raw without `Salted__`. */
export function encrypt(plain: Uint8Array, passphrase: string, raw = false): Buffer {
  const salt = Buffer.from('saltsalt');
  const one = sha1(passphrase, salt);
  const two = sha1(one, passphrase, salt);
  const three = sha1(two, passphrase, salt);
  const bytes = Buffer.concat([one, two, three]);
  const cipher = createCipheriv('aes-256-cbc', bytes.subarray(0, 32), bytes.subarray(32, 48));
  return Buffer.concat([raw ? '' : 'Salted__', salt, cipher.update(plain), cipher.final()].map(bufferOf));
}

const bufferOf = (part: string | Uint8Array): Buffer => Buffer.from(part as Uint8Array);

/** A file of a backup: its bytes, or how it is stored by itself. */
export type Content = Uint8Array | { bytes: Uint8Array; more: Record<string, Json> };

export interface RepositoryOptions {
  compress?: 'none' | 'gz';
  passphrase?: string;
  bundle?: boolean;
  raw?: boolean;
}

/** The passphrases that a repository makes itself. */
const INNER = { archive: 'of the archive', manifests: 'of manifests', files: 'of files' };

/** A stanza `main` with backups of PostgreSQL 15. */
export class RepositoryWriter {
  readonly files: Record<string, Uint8Array> = {};
  private readonly current: Record<string, Json> = {};

  constructor(private readonly options: RepositoryOptions = {}) {}

  private sealed(bytes: Uint8Array, passphrase: string | undefined, raw = false): Uint8Array {
    return this.options.passphrase === undefined ? bytes : encrypt(bytes, passphrase!, raw);
  }

  private cipherSection(passphrase: string): Sections {
    return this.options.passphrase === undefined ? {} : { cipher: { 'cipher-pass': passphrase } };
  }

  /** As bytes of a file are stored. */
  stored(bytes: Uint8Array, raw = this.options.raw === true): Uint8Array {
    const packed = this.options.compress === 'gz' ? (raw ? deflateSync(bytes) : gzipSync(bytes)) : bytes;
    return this.sealed(packed, INNER.files, raw);
  }

  /** A block map, as it is stored. */
  storedMap(bytes: Uint8Array): Uint8Array {
    return this.sealed(bytes, INNER.files, true);
  }

  /**
   * Adds a backup.
   * @param files by their paths in the repository
   * @param listed more lines of the manifest, of files that are stored elsewhere
   * @param more further sections of the manifest
   */
  backup(
    label: string,
    files: Record<string, Uint8Array>,
    listed: Record<string, Record<string, Json>> = {},
    more: Sections = {},
  ): this {
    const { compress = 'none', bundle = false, raw = false } = this.options;
    const suffix = compress === 'none' ? '' : `.${compress}`;
    const lines: Record<string, Json> = {};
    const bundled: Uint8Array[] = [];
    let offset = 0;
    for (const [path, bytes] of Object.entries(files)) {
      const line: Record<string, Json> = { size: bytes.length, timestamp: 1795691568 };
      if (bytes.length > 0) {
        const isBundled = bundle && path !== 'pg_data/backup_label';
        const packed = this.stored(bytes, isBundled && raw);
        Object.assign(line, { checksum: sha1(bytes).toString('hex'), 'repo-size': packed.length });
        if (isBundled) {
          Object.assign(line, { bni: 1, ...(offset > 0 ? { bno: offset } : {}) });
          bundled.push(packed);
          offset += packed.length;
        } else this.files[`backup/main/${label}/${path}${suffix}`] = packed;
      }
      lines[path] = line;
    }
    if (bundled.length > 0) this.files[`backup/main/${label}/bundle/1`] = Buffer.concat(bundled);
    const type = label.endsWith('D') ? 'diff' : label.endsWith('I') ? 'incr' : 'full';
    const all = { ...lines, ...listed };
    const references = [...new Set(Object.values(all).flatMap((one) => referenceOf(one)))].sort();
    this.manifest(label, {
      backup: {
        'backup-archive-start': '000000010000000000000002',
        ...(bundle ? { 'backup-bundle': true, 'backup-bundle-raw': raw } : {}),
        'backup-label': label,
        'backup-lsn-start': '0/2000028',
        'backup-lsn-stop': '0/2000120',
        'backup-reference': [...references, label].join(','),
        'backup-timestamp-start': 1795691511,
        'backup-timestamp-stop': 1795691514,
        'backup-type': type,
      },
      'backup:db': { 'db-id': 1, 'db-system-id': new Raw(SYSTEM_IDENTIFIER), 'db-version': '15' },
      'backup:option': { 'option-compress': compress !== 'none', 'option-compress-type': compress },
      'backup:target': {
        pg_data: { path: '/data', type: 'path' },
        'pg_tblspc/16384': {
          path: '/apart',
          'tablespace-id': '16384',
          'tablespace-name': 'apart',
          type: 'link',
        },
      },
      ...this.cipherSection(INNER.files),
      'target:file': all,
      'target:file:default': { group: 'postgres', mode: '0600', user: 'postgres' },
      ...more,
    });
    this.current[label] = {
      'backup-archive-start': '000000010000000000000002',
      'backup-info-repo-size-delta': 1000,
      'backup-info-size': 2000,
      'backup-lsn-start': '0/2000028',
      'backup-lsn-stop': '0/2000120',
      ...(type === 'full' ? {} : { 'backup-prior': label.slice(0, 16) }),
      ...(references.length === 0 ? {} : { 'backup-reference': references }),
      'backup-timestamp-start': 1795691511,
      'backup-timestamp-stop': 1795691514,
      'backup-type': type,
      'db-id': 1,
    };
    return this;
  }

  /** Writes a manifest and its copy as they are told. */
  manifest(label: string, sections: Sections): void {
    const bytes = this.sealed(infoFile(sections), INNER.manifests);
    this.files[`backup/main/${label}/backup.manifest`] = bytes;
    this.files[`backup/main/${label}/backup.manifest.copy`] = bytes;
  }

  wal(name: string, bytes: Uint8Array, id = '15-1'): this {
    const file = `${name}-${sha1(bytes).toString('hex')}`;
    this.files[`archive/main/${id}/${name.slice(0, 16)}/${file}`] = this.sealed(bytes, INNER.archive);
    return this;
  }

  /** All files by their paths in the repository. @param clusters versions by their numbers */
  done(clusters: Record<string, { version: string; id: string }> = CLUSTER): Record<string, Uint8Array> {
    const history = (idKey: string): Record<string, Raw> =>
      Object.fromEntries(
        Object.entries(clusters).map(([number, { version, id }]) => [
          number,
          new Raw(`{"${idKey}":${id},"db-version":"${version}"}`),
        ]),
      );
    const archive = infoFile({ ...this.cipherSection(INNER.archive), 'db:history': history('db-id') });
    const backup = infoFile({
      'backup:current': this.current,
      ...this.cipherSection(INNER.manifests),
      'db:history': history('db-system-id'),
    });
    const { passphrase } = this.options;
    for (const suffix of ['', '.copy']) {
      this.files[`archive/main/archive.info${suffix}`] = this.sealed(archive, passphrase);
      this.files[`backup/main/backup.info${suffix}`] = this.sealed(backup, passphrase);
    }
    return this.files;
  }
}

const CLUSTER = { 1: { version: '15', id: SYSTEM_IDENTIFIER } };

function referenceOf(line: Json): string[] {
  const { reference } = line as { reference?: string };
  return reference === undefined ? [] : [reference];
}

/** Numbers of seven bits a byte, the lowest first. */
export function numbers(...values: number[]): Uint8Array {
  const bytes: number[] = [];
  for (let value of values) {
    for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
    bytes.push(value);
  }
  return Uint8Array.from(bytes);
}
