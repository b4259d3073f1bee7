import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildLibrary, buildProgram } from '../../scripts/build.js';

/** The package as npm would give it to others, in a folder of somebody who uses it. */
export class BuiltPackage {
  private constructor(
    /** The folder, where the package can be imported by its name. */
    readonly folder: string,
    readonly tarball: Uint8Array,
  ) {}

  static async make(): Promise<BuiltPackage> {
    // within node_modules, where the packages that it needs are found
    const parent = 'node_modules/.cache/walscan-test';
    mkdirSync(parent, { recursive: true });
    const folder = resolve(mkdtempSync(join(parent, 'package-')));
    const made = join(folder, 'made');
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
    for (const file of ['package.json', ...files]) {
      if (file !== 'dist') cpSync(file, join(made, file), { recursive: true });
    }
    await Promise.all([buildLibrary(join(made, 'dist')), buildProgram(join(made, 'dist'))]);
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
      cwd: made,
      stdio: 'pipe',
    });
    const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
    mkdirSync(join(folder, 'node_modules/walscan'), { recursive: true });
    execFileSync('tar', [
      'xzf',
      tarball,
      '-C',
      join(folder, 'node_modules/walscan'),
      '--strip-components',
      '1',
    ]);
    rmSync(made, { recursive: true });
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
