import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isBuilt } from './dist.js';

/** The package as npm would give it to others, in a folder of somebody who uses it. */
export class BuiltPackage {
  /** The package's own folder. */
  readonly installed: string;

  private constructor(
    /** The folder, where the package can be imported by its name. */
    readonly folder: string,
    readonly tarball: Uint8Array,
  ) {
    this.installed = join(folder, INSTALLED);
  }

  static make(): BuiltPackage {
    if (!isBuilt()) execFileSync('npm', ['run', 'build'], { stdio: 'pipe' });
    // within node_modules, where the packages that it needs are found
    const parent = 'node_modules/.cache/walscan-test';
    mkdirSync(parent, { recursive: true });
    const folder = resolve(mkdtempSync(join(parent, 'package-')));
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { stdio: 'pipe' });
    const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
    const installed = join(folder, INSTALLED);
    mkdirSync(installed, { recursive: true });
    execFileSync('tar', ['xzf', tarball, '-C', installed, '--strip-components', '1']);
    // or else some bundlers take this package itself for the one that is asked for
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    return new BuiltPackage(folder, readFileSync(tarball));
  }

  /** Writes a file of the user's. @returns its path */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text);
    return path;
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}

const INSTALLED = 'node_modules/walscan';
