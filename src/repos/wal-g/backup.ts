import {
  type Backup,
  type BackupVisitor,
  CONFIG_FILE,
  CONTROL_FILE,
  damaged,
  noBackup,
  readConfigFile,
  readControl,
  readLabel,
} from '../../sources/backup-parts.js';
import type { ByteSource } from '../../sources/byte-source.js';
import type { NamedBytes } from '../../sources/input.js';
import type { Reading } from '../../sources/reading.js';
import { WalError } from '../../wal/error.js';
import { message } from '../../wal/message.js';
import { BLCKSZ } from '../../wal/record.js';
import { combined, type Increment, readIncrement } from './increment.js';
import type { TarPartitions } from './tar-partitions.js';

/** A backup of the chain that makes up one. */
export interface Layer {
  /** As messages name it. */
  name: string;
  tars: TarPartitions;
}

/** Increments are kept until the files that they change come by: so much of them at once, or of one file (1 GiB at most). */
const MOST_KEPT = 256 * 1024 * 1024;

/**
 * A backup of WAL-G's: what its tar files have, and for what they have not, or only the changes of, the backups that
 * it builds on (`deltaFetchRecursionOld`, internal/databases/postgres/backup_fetch_handler.go, 3.0.8).
 * @param layers the newest first, up to a full backup
 * @param mostKept how many bytes of increments may be kept at once
 */
export function backupOfLayers(layers: readonly Layer[], reading: Reading, mostKept = MOST_KEPT): Backup {
  const [{ name }] = layers;
  const small = new SmallFiles(layers, reading);
  return {
    ...noBackup(name),
    label: () => small.file('backup_label'),
    control: () => small.file(CONTROL_FILE),
    configFile: (path) => small.file(path),
    configNames: (folder) => small.configNames(folder === '' ? '' : `${folder}/`),
    visit: (wanted, take) => new Visit(layers, wanted, take, mostKept).run(),
  };
}

type ReadSmall = (source: ByteSource, reading: Reading) => Promise<NamedBytes>;

const SMALL_FILES: { [path: string]: ReadSmall | undefined } = {
  backup_label: readLabel,
  [CONTROL_FILE]: readControl,
  tablespace_map: readConfigFile,
};

/** The label and pg_control, which are in tar files of their own, and the configuration, read when it is asked for. */
class SmallFiles {
  private config: Promise<Map<string, NamedBytes | WalError>> | undefined;

  constructor(
    private readonly layers: readonly Layer[],
    private readonly reading: Reading,
  ) {}

  async file(path: string): Promise<NamedBytes | undefined> {
    const read = SMALL_FILES[path];
    if (read) return this.utilityFile(path, read);
    const file = (await this.configFiles()).get(path);
    if (file instanceof WalError) throw file;
    return file;
  }

  /** Of the newest backup, whatever it lists. */
  private async utilityFile(path: string, read: ReadSmall): Promise<NamedBytes | undefined> {
    const [{ name, tars }] = this.layers;
    for await (const { body } of tars.members((one) => one === path, [path])) {
      return read({ name: `${name}/${path}`, open: () => body }, this.reading);
    }
    return undefined;
  }

  async configNames(folder: string): Promise<string[]> {
    return [...(await this.configFiles()).keys()]
      .filter((path) => path.startsWith(folder) && !path.includes('/', folder.length))
      .sort();
  }

  private configFiles(): Promise<Map<string, NamedBytes | WalError>> {
    this.config ??= this.readConfigFiles();
    return this.config;
  }

  private async readConfigFiles(): Promise<Map<string, NamedBytes | WalError>> {
    const found = new Map<string, NamedBytes | WalError>();
    const [{ name }] = this.layers;
    const isWanted = (path: string): boolean =>
      CONFIG_FILE.test(path) && !/^(?:base|global|pg_\w+)\//.test(path);
    await new Visit(this.layers, isWanted, async (path, body) => {
      const source = { name: `${name}/${path}`, open: () => body };
      const file = await readConfigFile(source, this.reading).catch((error: unknown) => {
        // one that is too large is an error to those who ask for it
        if (error instanceof WalError && error.code === 'file-too-large') return error;
        throw error;
      });
      found.set(path, file);
    }).run();
    return found;
  }
}

/** Where a file comes from. */
interface Origin {
  /** The layer that has it whole. */
  base: Layer;
  /** Layers that have what changed in it since, the newest first. */
  changes: Layer[];
}

/** One way through the layers. */
class Visit {
  private readonly origins = new Map<string, Origin>();
  private readonly given = new Set<string>();

  constructor(
    private readonly layers: readonly Layer[],
    private readonly wanted: (path: string) => boolean,
    private readonly take: BackupVisitor,
    private readonly mostKept = MOST_KEPT,
  ) {}

  async run(): Promise<void> {
    const [newest] = this.layers;
    const states = newest.tars.files?.states;
    if (states === undefined || states.size === 0) {
      // nothing tells what there is: all that is there
      await this.give(newest, this.wanted);
      return;
    }
    for (const path of states.keys()) {
      if (this.wanted(path) && !UTILITY_FILES.includes(path)) this.origins.set(path, this.originOf(path));
    }
    for (const layer of this.layers) {
      const isWhole = (path: string): boolean => {
        if (layer === newest && UTILITY_FILES.includes(path)) return this.wanted(path);
        const origin = this.origins.get(path);
        return origin?.base === layer && origin.changes.length === 0;
      };
      await this.giveFrom(layer, isWhole);
    }
    await this.giveChanged();
    this.checkAll();
  }

  private originOf(path: string): Origin {
    const changes: Layer[] = [];
    for (const layer of this.layers) {
      const state = layer.tars.files?.states.get(path);
      if (layer === this.layers.at(-1)) return { base: layer, changes };
      if (state === 'whole') return { base: layer, changes };
      if (state === 'increment') changes.push(layer);
      else if (state === undefined) break;
    }
    throw damaged(`${this.layers[0].name}/${path}`, message`is in none of the backups that it builds on`);
  }

  private async giveFrom(layer: Layer, wanted: (path: string) => boolean): Promise<void> {
    const all = [...this.origins.keys(), ...UTILITY_FILES].filter(wanted);
    if (all.length > 0) await this.give(layer, wanted, all);
  }

  private async give(layer: Layer, wanted: (path: string) => boolean, all?: string[]): Promise<void> {
    for await (const { path, body } of layer.tars.members(wanted, all)) {
      if (this.isNew(path)) await this.take(path, body);
    }
  }

  private isNew(path: string): boolean {
    const { size } = this.given;
    return this.given.add(path).size > size;
  }

  /** Files of which the newest backup has but the changes. */
  private async giveChanged(): Promise<void> {
    const left = new Map([...this.origins].filter(([, { changes }]) => changes.length > 0));
    while (left.size > 0) {
      const kept = await this.keepIncrements(left);
      for (const layer of this.layers) {
        const isBase = (path: string): boolean => kept.has(path) && left.get(path)?.base === layer;
        if (![...kept.keys()].some(isBase)) continue;
        for await (const { path, body } of layer.tars.members(isBase)) {
          if (this.isNew(path)) await this.take(path, combined(kept.get(path)!, body));
        }
      }
      for (const path of kept.keys()) left.delete(path);
    }
  }

  /** Increments of as many files as may be kept: of one at least. */
  private async keepIncrements(left: ReadonlyMap<string, Origin>): Promise<Map<string, Increment[]>> {
    const kept = new Map([...left.keys()].map((path) => [path, [] as Increment[]]));
    let size = 0;
    let isFull = false;
    for (const layer of this.layers) {
      const hasChange = (path: string): boolean => left.get(path)?.changes.includes(layer) ?? false;
      const unread = new Set([...kept.keys()].filter(hasChange));
      if (unread.size === 0) continue;
      for await (const member of layer.tars.members((path) => unread.has(path))) {
        const { path } = member;
        unread.delete(path);
        const increments = kept.get(path)!;
        if (size + member.size > this.mostKept && hasOthers(kept, path)) {
          for (const one of increments) size -= sizeOf(one);
          kept.delete(path);
          // those of which nothing is kept yet need not be looked for: the next round begins with them
          for (const other of isFull ? [] : kept.keys()) {
            if (kept.get(other)!.length > 0) continue;
            kept.delete(other);
            unread.delete(other);
          }
          isFull = true;
        } else {
          const increment = await readIncrement(member.body, member.size, member.name, increments);
          size += sizeOf(increment);
          increments.push(increment);
        }
        if (isFull && unread.size === 0) break;
      }
    }
    for (const [path, increments] of kept) {
      const { changes } = left.get(path)!;
      if (increments.length < changes.length) {
        throw damaged(`${changes[increments.length].name}/${path}`, message`is in none of its tar files`);
      }
    }
    return kept;
  }

  /** @throws WalError `damaged-backup` where a file was in none of the tar files */
  private checkAll(): void {
    for (const [path, { base, changes }] of this.origins) {
      if (!this.given.has(path) && (changes.length > 0 || IS_FILE.test(path))) {
        throw damaged(`${base.name}/${path}`, message`is in none of its tar files`);
      }
    }
  }
}

/** WAL-G restores these whatever it lists (`UtilityFilePaths`, internal/databases/postgres/backup.go, 3.0.8). */
const UTILITY_FILES = [CONTROL_FILE, 'backup_label', 'tablespace_map'];

/** What is listed may be a folder as well, but not here. */
const IS_FILE =
  /^(?:base\/\d+|global|pg_tblspc\/\d+\/[^/]+\/\d+|pg_xact|pg_commit_ts|pg_multixact\/[^/]+)\/[^/]+$/;

const sizeOf = ({ blocks }: Increment): number => blocks.size * BLCKSZ;

/** Whether increments of another file are kept. */
function hasOthers(kept: ReadonlyMap<string, readonly Increment[]>, path: string): boolean {
  for (const [other, increments] of kept) if (other !== path && increments.length > 0) return true;
  return false;
}
