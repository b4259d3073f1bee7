import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import licenseList from 'spdx-license-list/full.js';

/**
 * The licences of the packages that these files are of, with the names of those under each.
 * @param files what a bundler has taken in, of which some lie in `node_modules`
 */
export function licensesOf(files: Iterable<string>): string {
  const packages = new Map<string, string[]>();
  for (const folder of packagesOf(files)) {
    const { name, version, text } = readPackage(folder);
    packages.set(text, [...(packages.get(text) ?? []), `${name} ${version}`]);
  }
  return [...packages]
    .map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(78)}\n\n`);
}

/** The folders of the packages that these files are of. */
export function packagesOf(files: Iterable<string>): string[] {
  const folders = [...files].flatMap((file) => PACKAGE.exec(relative('.', resolve(file)))?.[0] ?? []);
  return [...new Set(folders)].sort();
}

const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENSE = /^(?:licen[cs]e|notice|copying)\b/i;

interface Manifest {
  name: string;
  version: string;
  license?: string;
  author?: string | { name: string };
}

function readPackage(folder: string): { name: string; version: string; text: string } {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  const files = readdirSync(folder).filter((file) => LICENSE.test(file));
  const texts = files.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
  const { name, version } = manifest;
  return { name, version, text: texts.join('\n\n') || knownText(manifest) };
}

/** Of a package without a text of its licence, which it only names: the one that SPDX has under that name. */
function knownText({ name, license = '', author }: Manifest): string {
  const text = licenseList[license]?.licenseText;
  const holder = typeof author === 'string' ? author : author?.name;
  if (text === undefined || holder === undefined) throw new Error(`${name} does not tell its licence`);
  return text.trim().replace('Copyright (c) <year> <copyright holders>', `Copyright (c) ${holder}`);
}
