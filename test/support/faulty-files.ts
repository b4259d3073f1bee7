import type { ByteSource, FolderEntry, SourceFolder } from '../../src/sources/byte-source.js';
import { WalError } from '../../src/wal/error.js';
import { message } from '../../src/wal/message.js';

/** A step of whoever reads, at which a fault can strike. */
type Step = 'list' | 'entry' | 'open' | 'piece' | 'range' | 'end' | 'return';

/** What can go wrong, and at which steps. */
const FAULTS = {
  /** Errors of a file system, or of a client of an object store. */
  EIO: ['list', 'entry', 'open', 'piece', 'range', 'end'],
  ESTALE: ['list', 'open', 'piece', 'range'],
  EACCES: ['list', 'entry', 'open', 'piece', 'range'],
  EMFILE: ['list', 'open'],
  /** The same as walscan's own sources tell it, so that the question goes on without the file. */
  unreadable: ['list', 'entry', 'open', 'piece', 'range', 'end'],
  'no-error': ['list', 'entry', 'open', 'piece', 'range', 'end'],
  'return-fails': ['return'],
  'wrong-type': ['piece', 'range'],
  'empty-pieces': ['piece', 'end'],
  'empty-for-ever': ['piece', 'end'],
  'ends-early': ['piece', 'range'],
  endless: ['piece', 'end'],
  'too-much': ['piece', 'range', 'end'],
  /** A bit of a piece of WAL is another one. */
  'bit-flipped': ['piece', 'range'],
  /** From now on the file is not there any more; who has it open reads on. */
  vanishes: ['list', 'entry', 'open', 'piece', 'range', 'end'],
  /** From now on the file has half of its bytes … */
  shrinks: ['open', 'piece', 'range', 'end'],
  /** … or half as many again, of the file that came before. */
  grows: ['open', 'piece', 'range', 'end'],
  /** From now on the file has another one's bytes: a segment that the server uses again. */
  recycled: ['entry', 'open', 'piece', 'range', 'end'],
  /** It is used again, but nothing has been written to it yet. */
  zeroed: ['entry', 'open', 'piece', 'range', 'end'],
} as const satisfies Record<string, readonly Step[]>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** Strikes at the first step from `at` on at which it can, counted from 0. */
export interface Fault {
  kind: FaultKind;
  at: number;
}

export interface StoreOptions {
  /** Sources can be read in parts. */
  ranges?: boolean;
  /** Sources do not say how many bytes they have. */
  unsized?: boolean;
  pieceSize?: number;
}

const ONLY_WAL: ReadonlySet<FaultKind> = new Set(['bit-flipped', 'recycled', 'zeroed', 'grows', 'shrinks']);
/**
 * Afterwards it looks like a segment that holds no WAL yet, or none from some page on. That is how WAL ends, and nobody
 * can know better who had not seen the first page of another.
 */
const REPLACES: ReadonlySet<FaultKind> = new Set(['recycled', 'zeroed']);
const SEGMENT = /(?:^|\/)[0-9A-F]{24}(?:\.gz)?$/;

/** Files in memory, read as those of a store that fails at a step that was chosen before. */
export class FaultyFiles {
  steps = 0;
  /** Of sources and folders: how many were opened that have neither ended, nor failed, nor been closed. */
  open = 0;
  /** For each step, what could have struck there. */
  readonly possible: FaultKind[][] = [];
  /** What the faults have struck. */
  readonly struck: { kind: FaultKind; step: Step; name: string }[] = [];
  private readonly pending: Fault[];
  private readonly openings = new Map<string, number>();
  private readonly files = new Map<string, Uint8Array | undefined>();
  private readonly segments: Uint8Array[];
  private readonly ranges: boolean;
  private readonly pieceSize: number;
  private readonly unsized: boolean;

  constructor(
    files: Readonly<Record<string, Uint8Array>>,
    faults: readonly Fault[] = [],
    { ranges = false, unsized = false, pieceSize = 256 * 1024 }: StoreOptions = {},
  ) {
    this.files = new Map(Object.entries(files));
    this.segments = Object.keys(files)
      .filter((name) => SEGMENT.test(name))
      .sort()
      .map((name) => files[name]);
    this.pending = [...faults];
    this.ranges = ranges;
    this.pieceSize = pieceSize;
    this.unsized = unsized;
  }

  /** All files below a path, `''` for the uppermost folder. */
  folder(path = '', name = path === '' ? 'store' : `store/${path}`): SourceFolder {
    const prefix = path === '' ? '' : `${path}/`;
    const list = async function* (this: FaultyFiles): AsyncGenerator<FolderEntry> {
      if (this.strikes('list', name)) return;
      const folders = new Set<string>();
      for (const [file] of [...this.files]) {
        if (!file.startsWith(prefix)) continue;
        const [first, ...rest] = file.slice(prefix.length).split('/');
        if (rest.length > 0) {
          if (!folders.has(first)) yield { kind: 'folder', name: first, folder: this.folder(prefix + first) };
          folders.add(first);
          continue;
        }
        this.strikes('entry', `store/${file}`);
        yield { kind: 'file', name: first, source: this.source(file) };
      }
    };
    return { name, id: name, list: () => this.counted(name, () => list.call(this)) };
  }

  source(file: string): ByteSource {
    const name = `store/${file}`;
    const source: ByteSource = {
      name,
      id: name,
      size: this.unsized ? undefined : this.files.get(file)?.length,
      open: () => this.counted(name, () => this.pieces(file, name)),
    };
    if (!this.ranges) return source;
    return {
      ...source,
      read: async (from, to) => {
        const fault = this.strikes('range', name);
        const bytes = this.contentOf(file).subarray(from, to);
        return fault === undefined ? bytes : this.changed(bytes, fault);
      },
    };
  }

  private async *pieces(file: string, name: string): AsyncGenerator<Uint8Array> {
    this.strikes('open', name);
    // who has a file open reads on when it has gone
    let content = this.contentOf(file);
    for (let at = 0; at < content.length; at += this.pieceSize) {
      const fault = this.strikes('piece', name);
      content = this.files.get(file) ?? content;
      const piece = content.subarray(at, at + this.pieceSize);
      if (fault === undefined) yield piece;
      else yield* this.faulty(piece, fault);
      if (fault === 'ends-early') return;
    }
    const fault = this.strikes('end', name);
    if (fault !== undefined) yield* this.faulty(content.subarray(0, 1000), fault);
  }

  private *faulty(piece: Uint8Array, fault: FaultKind): Generator<Uint8Array> {
    if (fault === 'empty-pieces') for (let i = 0; i < 3; i++) yield new Uint8Array(0);
    while (fault === 'empty-for-ever') yield new Uint8Array(0);
    while (fault === 'endless') yield piece;
    yield this.changed(piece, fault);
  }

  private changed(piece: Uint8Array, fault: FaultKind): Uint8Array {
    if (fault === 'wrong-type') return String(piece.length) as never;
    if (fault === 'ends-early') return piece.subarray(0, piece.length >> 1);
    if (fault === 'too-much') return Uint8Array.from([...piece, ...piece.subarray(0, 1000)]);
    if (fault !== 'bit-flipped') return piece;
    const flipped = Uint8Array.from(piece);
    flipped[(this.steps * 7919) % piece.length] ^= 1 << (this.steps & 7);
    return flipped;
  }

  /** Whether it is a timeline's first segment or its last: no WAL needs to be there. */
  private isOutermost(name: string): boolean {
    const timeline = name.slice(0, 'store/'.length + 8);
    const names = [...this.files.keys()]
      .map((file) => `store/${file}`)
      .filter((one) => one.startsWith(timeline) && SEGMENT.test(one))
      .sort();
    return name === names[0] || name === names[names.length - 1];
  }

  private contentOf(file: string): Uint8Array {
    const content = this.files.get(file);
    if (content === undefined) throw errorOf('ENOENT', `store/${file}`);
    return content;
  }

  /**
   * Counts a step. @returns the fault that strikes there, if it is one of what is given
   * @throws what else it is
   */
  private strikes(step: Step, name: string): FaultKind | undefined {
    const at = this.steps++;
    if (step === 'open' || step === 'range') this.openings.set(name, (this.openings.get(name) ?? 0) + 1);
    const isSeen = (this.openings.get(name) ?? 0) > 1 && (step === 'open' || step === 'range');
    const kinds = FAULT_KINDS.filter(
      (kind) => applies(kind, step, name) && (!REPLACES.has(kind) || isSeen || !this.isOutermost(name)),
    );
    this.possible.push(kinds);
    const index = this.pending.findIndex(({ kind, at: from }) => from <= at && kinds.includes(kind));
    if (index < 0) return undefined;
    const [{ kind }] = this.pending.splice(index, 1);
    this.struck.push({ kind, step, name });
    const file = name.replace(/^store\//, '');
    const content = this.files.get(file);
    switch (kind) {
      case 'EIO':
      case 'ESTALE':
      case 'EACCES':
      case 'EMFILE':
        throw errorOf(kind, name);
      case 'unreadable':
        throw new WalError('unreadable', message`cannot read ${name}: it has gone`, { file: name });
      case 'no-error':
        throw 'this is no error';
      case 'return-fails':
        throw errorOf('EIO', name);
      case 'vanishes':
        if (this.files.has(file)) this.files.set(file, undefined);
        return undefined;
      case 'shrinks':
        this.files.set(file, content?.subarray(0, content.length >> 1));
        return undefined;
      case 'grows':
        if (content)
          this.files.set(file, Uint8Array.from([...content, ...content.subarray(content.length >> 1)]));
        return undefined;
      case 'recycled':
        this.files.set(
          file,
          this.segments.find((one) => one !== content),
        );
        return undefined;
      case 'zeroed':
        this.files.set(file, content && new Uint8Array(content.length));
        return undefined;
    }
    return kind;
  }

  /** Counts what is open, and the step of closing it before its end. */
  private counted<T>(name: string, open: () => AsyncGenerator<T>): AsyncIterable<T> {
    return {
      [Symbol.asyncIterator]: () => {
        const items = open();
        this.open++;
        let isOpen = true;
        const close = (): void => {
          if (isOpen) this.open--;
          isOpen = false;
        };
        return {
          next: async () => {
            try {
              const next = await items.next();
              if (next.done) close();
              return next;
            } catch (error) {
              close();
              throw error;
            }
          },
          return: async () => {
            close();
            this.strikes('return', name);
            return items.return(undefined);
          },
        };
      },
    };
  }
}

function applies(kind: FaultKind, step: Step, name: string): boolean {
  const steps: readonly Step[] = FAULTS[kind];
  return steps.includes(step) && (!ONLY_WAL.has(kind) || SEGMENT.test(name));
}

function errorOf(code: string, name: string): Error {
  return Object.assign(new Error(`${code}: it does not work, open '${name}'`), {
    code,
    errno: -5,
    syscall: 'open',
  });
}
