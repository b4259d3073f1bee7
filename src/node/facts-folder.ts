import { randomUUID } from 'node:crypto';
import { rmSync, type Stats } from 'node:fs';
import { lstat, lutimes, mkdir, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { FactFile } from '../questions/facts/collector.js';
import {
  type FactsPlace,
  factFile,
  factsFolder,
  smallFilesFolder,
  systemFolder,
  UNFINISHED,
} from '../questions/facts/layout.js';
import type {
  FactsStore,
  Making,
  Put,
  PutOptions,
  StoredFacts,
  StoredTable,
} from '../questions/facts/store.js';
import { sealOf, type TableSeal } from '../questions/facts/table-seals.js';
import { type AnyTable, TABLES } from '../questions/facts/tables.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import { atExit } from './at-exit.js';
import { syncFolder, writeDurably } from './durable.js';
import { codeOf, unreadable } from './files.js';
import { reasonSaid, systemCode } from './system-reason.js';

const NAMES = Object.keys(TABLES) as AnyTable[];

/** What no process has touched for so long is of one that was killed: in milliseconds. */
const DEAD_AFTER = 24 * 60 * 60 * 1000;

/**
 * Facts in a folder of this machine, or one that several share. What is put is written beside, is on the disk, and only
 * then renamed, so that no power cut leaves a part of it.
 */
export class FactsFolder implements FactsStore {
  private constructor(
    readonly name: string,
    /** Without symbolic links. */
    private readonly root: string,
  ) {}

  /**
   * Opens a folder, which is made where it is not there, and removes what dead processes have left in it.
   * @throws WalError `unwritable`
   */
  static async open(path: string): Promise<FactsFolder> {
    return told(path, async () => {
      await mkdir(path, { recursive: true });
      const folder = new FactsFolder(path, await realpath(path));
      await folder.removeLeftovers();
      return folder;
    });
  }

  async timelines(systemIdentifier: bigint): Promise<number[]> {
    const names = await namesIn(join(this.root, systemFolder(systemIdentifier)));
    return (names ?? []).flatMap((name) => {
      const [, timeline] = /^timeline=(\d{1,10})$/.exec(name) ?? [];
      return timeline === undefined ? [] : [Number(timeline)];
    });
  }

  async look(place: FactsPlace): Promise<StoredFacts | undefined> {
    const path = this.pathOf(place);
    const tables = await tablesIn(path);
    if (tables === undefined) return undefined;
    const stats = await ifThere(path, statsOf);
    return stats && { tables, since: stats.ctimeMs };
  }

  async read(place: FactsPlace, table: string, limit: number): Promise<StoredTable | undefined> {
    const path = join(this.pathOf(place), factFile(table));
    const stats = await ifThere(path, statsOf);
    if (stats === undefined || !stats.isFile() || stats.size > limit) return undefined;
    const bytes = await ifThere(path, contentOf);
    // as a date that was set comes back
    return bytes && { bytes, modified: Math.round(stats.mtimeMs) };
  }

  put(place: FactsPlace, files: readonly FactFile[], options: PutOptions): Promise<Put> {
    const target = this.pathOf(place);
    return told(target, async () => {
      const { replaces, modified } = options;
      const making = makingOf(files);
      const isThere = await standsFor(target, files, making, replaces);
      if (isThere === 'same') await date(join(target, factFile('segments')), modified);
      if (isThere !== 'worse' && isThere !== 'none') return isThere;
      await this.makeFolders(dirname(factsFolder(place)));
      return this.beside(async (work) => {
        const path = join(work, 'new');
        await writeFiles(path, files, modified);
        return install({ path, making, files }, target, work, replaces);
      });
    });
  }

  async remove(place: FactsPlace): Promise<void> {
    const target = this.pathOf(place);
    await told(target, async () => {
      if ((await ifThere(target, linkStatsOf)) === undefined) return;
      await this.beside((work) => movedAside(target, join(work, 'old')));
    });
  }

  async putSmall(systemIdentifier: bigint, name: string, bytes: Uint8Array): Promise<void> {
    const folder = smallFilesFolder(systemIdentifier);
    const target = join(this.root, folder, name);
    await told(target, async () => {
      if (await holds(target, bytes)) return;
      await this.makeFolders(folder);
      await this.beside(async (work) => {
        const path = join(work, name);
        await writeDurably(path, bytes);
        await rename(path, target);
        await syncFolder(dirname(target));
      });
    });
  }

  private pathOf(place: FactsPlace): string {
    return join(this.root, factsFolder(place));
  }

  /** Does what needs a folder of its own to write into, of which nothing is left, however the process ends by itself. */
  private async beside<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const folder = join(this.root, UNFINISHED, randomUUID());
    const remove = atExit(() => rmSync(folder, { recursive: true, force: true }));
    try {
      await this.makeFolders(UNFINISHED);
      await mkdir(folder);
      return await work(folder);
    } finally {
      remove();
    }
  }

  /** Makes folders one below the other, none of them where a link leads out of this one. */
  private async makeFolders(path: string): Promise<void> {
    let above = this.root;
    for (const name of path.split('/')) {
      const folder = join(above, name);
      const isNew = await mkdir(folder).then(
        () => true,
        (error: unknown) => {
          if (codeOf(error) === 'EEXIST') return false;
          throw error;
        },
      );
      if (isNew) await syncFolder(above);
      above = folder;
      const real = await realpath(folder);
      if (real.startsWith(this.root + sep)) continue;
      const text = message`${folder} is a symbolic link to ${real}: facts are written nowhere but below ${this.name}`;
      throw new WalError('unwritable', text, { file: folder });
    }
  }

  private async removeLeftovers(): Promise<void> {
    const folder = join(this.root, UNFINISHED);
    for (const name of (await namesIn(folder)) ?? []) {
      const path = join(folder, name);
      const stats = await ifThere(path, linkStatsOf);
      if (stats === undefined || Date.now() - stats.mtimeMs < DEAD_AFTER) continue;
      await rm(path, { recursive: true, force: true });
    }
  }
}

/** A folder of facts that is to come to its place. */
interface Candidate {
  path: string;
  making: Making;
  /** Undefined of what was there before. */
  files: readonly FactFile[] | undefined;
}

/**
 * Brings a folder to its place. What others have put there meanwhile is moved aside and, where it turns out to be better,
 * takes the place of this one on its way back: so none is lost that is better than what stays, whoever comes when.
 */
async function install(
  mine: Candidate,
  target: string,
  work: string,
  replaces: PutOptions['replaces'],
): Promise<Put> {
  let candidate = mine;
  let isReplaced = false;
  for (let i = 0; ; i++) {
    if (await moved(candidate.path, target)) {
      await syncFolder(dirname(target));
      if (candidate !== mine) return 'kept';
      return isReplaced ? 'replaced' : 'made';
    }
    const isThere = await standsFor(target, candidate.files, candidate.making, replaces);
    if (isThere === 'same' || isThere === 'kept') return isThere;
    const path = join(work, `old-${i}`);
    if (!(await movedAside(target, path))) continue;
    // it may be another one than that which was looked at
    const making = await makingIn(path);
    if (making !== undefined && !(await replaces(candidate.making, making))) {
      candidate = { path, making, files: undefined };
    } else isReplaced = true;
  }
}

/** What is at a place, measured by what is to go there. */
async function standsFor(
  target: string,
  files: readonly FactFile[] | undefined,
  making: Making,
  replaces: PutOptions['replaces'],
): Promise<'none' | 'same' | 'kept' | 'worse'> {
  if (files !== undefined && (await holdsAll(target, files))) return 'same';
  const there = await makingIn(target);
  if (there === undefined) return 'none';
  return (await replaces(making, there)) ? 'worse' : 'kept';
}

const makingOf = (files: readonly FactFile[]): Making => ({
  segments: files.find(({ table }) => table === 'segments')?.bytes,
  tables: new Map(files.map(({ table, bytes }) => [table, sealOf(bytes)])),
});

/** @returns undefined where nothing is there; what is no folder of facts has no tables */
async function makingIn(path: string): Promise<Making | undefined> {
  if ((await ifThere(path, linkStatsOf)) === undefined) return undefined;
  const tables = new Map<string, TableSeal>();
  let segments: Uint8Array | undefined;
  for (const table of (await tablesIn(path)) ?? []) {
    const bytes = await ifThere(join(path, factFile(table)), contentOf);
    if (bytes === undefined) continue;
    tables.set(table, sealOf(bytes));
    if (table === 'segments') segments = bytes;
  }
  return { tables, segments };
}

async function holdsAll(path: string, files: readonly FactFile[]): Promise<boolean> {
  const tables = await tablesIn(path);
  if (tables?.size !== files.length) return false;
  for (const { table, bytes } of files) {
    if (!(await holds(join(path, factFile(table)), bytes))) return false;
  }
  return true;
}

async function holds(path: string, bytes: Uint8Array): Promise<boolean> {
  const stats = await ifThere(path, linkStatsOf);
  if (!stats?.isFile() || stats.size !== bytes.length) return false;
  const there = await ifThere(path, contentOf);
  return there?.equals(bytes) ?? false;
}

async function writeFiles(
  path: string,
  files: readonly FactFile[],
  modified: number | undefined,
): Promise<void> {
  await mkdir(path);
  for (const { table, bytes } of files) {
    const file = join(path, factFile(table));
    await writeDurably(file, bytes);
    if (table === 'segments') await date(file, modified);
  }
  await syncFolder(path);
}

async function date(path: string, modified: number | undefined): Promise<void> {
  if (modified !== undefined) await lutimes(path, modified / 1000, modified / 1000);
}

/** What `rename` says where another folder is at the place; it may be gone the next moment. */
const OCCUPIED = new Set(['ENOTEMPTY', 'EEXIST']);
/** What it says where a file or a link is there, or on Windows a folder; but also of other things. */
const MAYBE_OCCUPIED = new Set(['ENOTDIR', 'EISDIR', 'EPERM']);

/** @returns whether it was: not where something is in the way */
async function moved(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (OCCUPIED.has(code)) return false;
    if (MAYBE_OCCUPIED.has(code) && (await ifThere(to, linkStatsOf)) !== undefined) return false;
    throw error;
  }
}

/** @returns whether it was: not where it is gone */
async function movedAside(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && (await ifThere(dirname(to), linkStatsOf)) !== undefined) return false;
    throw error;
  }
}

async function tablesIn(path: string): Promise<Set<AnyTable> | undefined> {
  const names = await namesIn(path);
  return names && new Set(NAMES.filter((table) => names.includes(factFile(table))));
}

const namesIn = (path: string): Promise<string[] | undefined> => ifThere(path, (folder) => readdir(folder));

// of their overloads the one that is meant
const statsOf = (path: string): Promise<Stats> => stat(path);
const linkStatsOf = (path: string): Promise<Stats> => lstat(path);
const contentOf = (path: string): Promise<Buffer> => readFile(path);

/** @returns undefined where it is not there. @throws WalError `unreadable` */
async function ifThere<T>(path: string, look: (path: string) => Promise<T>): Promise<T | undefined> {
  try {
    return await look(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, error);
  }
}

async function told<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WalError || codeOf(error) === undefined) throw error;
    const next = NEXT_STEPS[systemCode(error) ?? ''] ?? '';
    const text = message`facts cannot be written to ${path}: ${reasonSaid(error)}${next}`;
    throw new WalError('unwritable', text, { file: path, cause: error });
  }
}

const ROOM = message`; make room there and run it again: what is made already stays`;

const NEXT_STEPS: Readonly<Record<string, Message>> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
};
