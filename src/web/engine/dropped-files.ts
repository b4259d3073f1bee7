import type { ByteSource, FolderEntry, SourceFolder } from '../../sources/byte-source.js';
import { blobSource } from '../../sources/memory-source.js';
import type { DroppedFile } from './api.js';

/** A folder of what was dropped: it has names below it as one of a file system has. */
export class DroppedFolder implements SourceFolder {
  readonly folders = new Map<string, DroppedFolder>();
  readonly files: ByteSource[] = [];

  private constructor(
    /** The path, as messages name it; empty for what was dropped itself. */
    readonly name: string,
    readonly parent?: DroppedFolder,
  ) {}

  /** What was dropped, as a folder of it all. */
  static of(dropped: readonly DroppedFile[]): DroppedFolder {
    const root = new DroppedFolder('');
    for (const { path, file } of dropped) {
      const names = path.split(/[/\\]/).filter((name) => name !== '' && name !== '.');
      const last = names.pop() ?? 'file';
      let folder: DroppedFolder = root;
      for (const name of names) folder = folder.below(name);
      folder.files.push({ ...blobSource(folder.pathOf(last), file), folder });
    }
    return root;
  }

  get id(): string {
    return this.name;
  }

  async *list(): AsyncGenerator<FolderEntry> {
    for (const source of this.files) yield { kind: 'file', name: this.nameIn(source), source };
    for (const [name, folder] of this.folders) yield { kind: 'folder', name, folder };
  }

  async entry(name: string): Promise<FolderEntry | undefined> {
    const folder = this.folders.get(name);
    if (folder !== undefined) return { kind: 'folder', name, folder };
    const source = this.files.find((one) => this.nameIn(one) === name);
    return source && { kind: 'file', name, source };
  }

  /** All files here and below. */
  *all(): Generator<ByteSource> {
    yield* this.files;
    for (const folder of this.folders.values()) yield* folder.all();
  }

  /** This folder, and all below. */
  *allFolders(): Generator<DroppedFolder> {
    yield this;
    for (const folder of this.folders.values()) yield* folder.allFolders();
  }

  private below(name: string): DroppedFolder {
    const known = this.folders.get(name);
    if (known !== undefined) return known;
    const folder = new DroppedFolder(this.pathOf(name), this);
    this.folders.set(name, folder);
    return folder;
  }

  private pathOf(name: string): string {
    return this.name === '' ? name : `${this.name}/${name}`;
  }

  private nameIn({ name }: ByteSource): string {
    return this.name === '' ? name : name.slice(this.name.length + 1);
  }
}
