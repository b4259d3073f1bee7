import { type BackupLabel, parseBackupLabel } from '../cluster/backup-label.js';
import { type BaseBackup, backupOfControl, backupOfLabel } from '../cluster/base-backup.js';
import { type ControlFile, soundControlFile } from '../cluster/control-file.js';
import type { SlruPage } from '../heap/visibility.js';
import { decodeText } from '../text/encoding.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { BLCKSZ, type RelFileLocator } from '../wal/record.js';
import { DEFAULT_TABLESPACE, GLOBAL_TABLESPACE } from '../wal/relation-path.js';
import { readRelationMap } from './relation-map.js';

/** The small files of a data folder that say how to read the large ones. */

const SLRU_FOLDERS = ['pg_xact', 'pg_commit_ts', 'pg_multixact/offsets', 'pg_multixact/members'] as const;
type SlruFolder = (typeof SLRU_FOLDERS)[number];

const PAGES_PER_SLRU_FILE = 32;

/** Names of SLRU files: four digits or more, fifteen where the server has long ones (`SlruFileName`, slru.c). */
const SLRU_FILE = /^(pg_xact|pg_commit_ts|pg_multixact\/offsets|pg_multixact\/members)\/([0-9A-F]{4,15})$/;
const MAP_FILE = /^(?:global|base\/(\d+)|pg_tblspc\/(\d+)\/PG_[^/]+\/(\d+))\/pg_filenode\.map$/;
/** Each database has one beside its map; without it nobody connects (`ValidatePgVersion` in postinit.c). */
const VERSION_FILE = /^(?:base\/\d+|pg_tblspc\/\d+\/PG_[^/]+\/\d+)\/PG_VERSION$/;
const RELATION_FILE = /^(?:global|base\/(\d+)|pg_tblspc\/(\d+)\/PG_[^/]+\/(\d+))\/(\d+)(?:\.(\d+))?$/;

/** A file that holds a part of a relation's main fork. */
interface RelationPart {
  file: RelFileLocator;
  /** Relations are cut into files of 1 GiB, counted from 0. */
  part: number;
}

/** What a path in a data folder says of a relation; undefined for any other file. */
export function relationPartOf(path: string): RelationPart | undefined {
  const match = RELATION_FILE.exec(path);
  if (!match) return undefined;
  const [, base, tablespace, database, relNumber, part] = match;
  const dbOid = Number(base ?? database ?? 0);
  const spcOid = tablespace ? Number(tablespace) : base ? DEFAULT_TABLESPACE : GLOBAL_TABLESPACE;
  return { file: { spcOid, dbOid, relNumber: Number(relNumber) }, part: Number(part ?? 0) };
}

/** Whether it is a file that lies only in the default tablespace of a database. */
export const isVersionOfDatabase = (path: string): boolean => VERSION_FILE.test(path);

function databaseOfMap(path: string): { dbOid: number; spcOid: number } {
  const [, base, tablespace, database] = MAP_FILE.exec(path) ?? [];
  return {
    dbOid: Number(base ?? database ?? 0),
    spcOid: tablespace ? Number(tablespace) : DEFAULT_TABLESPACE,
  };
}

/** A base backup (or a data folder that stands still) without its relations. */
export class ClusterFiles {
  private versionFile: number | undefined;
  private controlFile: ControlFile | undefined;
  private label: BackupLabel | undefined;
  /** The pg_filenode.map of each database, 0 for the shared one. */
  private readonly maps = new Map<number, { path: string; bytes: Uint8Array }>();
  private readonly lostMaps = new Map<number, WalError>();
  /** The default tablespace of each database. */
  readonly tablespaces = new Map<number, number>();
  private readonly slru = new Map<string, Uint8Array>();

  /** @param name as messages name the backup */
  constructor(private readonly name: string) {}

  /** Whether {@link add} wants this file of the data folder. */
  static wants(path: string): boolean {
    return (
      path === 'PG_VERSION' ||
      path === 'backup_label' ||
      path === 'global/pg_control' ||
      MAP_FILE.test(path) ||
      SLRU_FILE.test(path)
    );
  }

  /** Whether nothing can be made out without this file, whatever the question: it is of no single database. */
  static needs(path: string): boolean {
    return ClusterFiles.wants(path) && !ClusterFiles.isMap(path);
  }

  static isMap(path: string): boolean {
    return MAP_FILE.test(path);
  }

  /** Takes in a file. @throws WalError when it is damaged */
  add(path: string, bytes: Uint8Array): void {
    if (path === 'PG_VERSION') this.versionFile = Number.parseInt(decodeText(bytes), 10);
    else if (path === 'backup_label') this.label = parseBackupLabel(bytes, `${this.name}/${path}`);
    else if (path === 'global/pg_control') this.controlFile = soundControlFile(bytes, `${this.name}/${path}`);
    if (MAP_FILE.test(path)) this.maps.set(this.addDatabase(path), { path, bytes });
    const slru = SLRU_FILE.exec(path);
    if (slru) this.slru.set(`${slru[1]}/${Number.parseInt(slru[2], 16)}`, bytes);
  }

  /** The map of a database that the backup has other files of. */
  addLostMap(path: string, problem: WalError): void {
    this.lostMaps.set(this.addDatabase(path), problem);
  }

  /** Whether there is any map of the database that a path would be the map of, or it is known to be lost. */
  knowsMapOf(path: string): boolean {
    const { dbOid } = databaseOfMap(path);
    return this.maps.has(dbOid) || this.lostMaps.has(dbOid);
  }

  /** @param path of its map */
  private addDatabase(path: string): number {
    const { dbOid, spcOid } = databaseOfMap(path);
    this.tablespaces.set(dbOid, spcOid);
    return dbOid;
  }

  /** The major version. @throws WalError `not-a-backup` */
  get version(): number {
    if (this.versionFile === undefined) throw this.lacks('PG_VERSION');
    return this.versionFile;
  }

  get control(): ControlFile {
    if (this.controlFile === undefined) throw this.lacks('global/pg_control');
    return this.controlFile;
  }

  /** Whether changes of hints are in the WAL. */
  get logsHints(): boolean {
    return this.control.walLogHints || this.control.dataChecksumVersion > 0;
  }

  /** Whether its pages have checksums: not while they are being switched on or off (since 19; storage/checksum.h). */
  get hasChecksums(): boolean {
    return this.control.dataChecksumVersion === 1;
  }

  /** Where its WAL begins, and from where on it is consistent. @throws WalError as `backupOfLabel` does */
  get base(): BaseBackup {
    return this.label ? backupOfLabel(this.label, this.control) : backupOfControl(this.control);
  }

  private lacks(path: string): WalError {
    return new WalError('not-a-backup', message`${this.name} is no base backup: it has no ${path}`, {
      file: this.name,
    });
  }

  /** The relation maps by database, 0 for the shared one, and what is wrong with those that are damaged or lost. */
  relationMaps(): { maps: Map<number, ReadonlyMap<number, number>>; problems: Map<number, WalError> } {
    const maps = new Map<number, ReadonlyMap<number, number>>();
    const problems = new Map(this.lostMaps);
    for (const [dbOid, { path, bytes }] of this.maps) {
      try {
        maps.set(dbOid, readRelationMap(bytes, this.version));
      } catch (error) {
        if (!(error instanceof WalError)) throw error;
        const file = `${this.name}/${path}`;
        problems.set(
          dbOid,
          new WalError(error.code, message`${file}: ${error.said}`, { file, cause: error }),
        );
      }
    }
    return { maps, problems };
  }

  /** The pages of pg_xact and its like. */
  slruPages(folder: SlruFolder): SlruPage {
    return (page) => {
      const bytes = this.slru.get(`${folder}/${Math.floor(page / PAGES_PER_SLRU_FILE)}`);
      const at = (page % PAGES_PER_SLRU_FILE) * BLCKSZ;
      return bytes && at + BLCKSZ <= bytes.length ? bytes.subarray(at, at + BLCKSZ) : undefined;
    };
  }
}
