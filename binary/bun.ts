import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where an executable is to run, as walscan and Bun call it, and what npm is told of it. */
interface Target {
  os: string;
  cpu: string;
  libc?: string;
}

const TARGETS: Readonly<Record<string, Target>> = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-x64': { os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'windows-x64': { os: 'win32', cpu: 'x64' },
  'windows-arm64': { os: 'win32', cpu: 'arm64' },
};

/** The target that this machine is. */
export function hostTarget(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `${os}-${process.arch}`;
  return os === 'linux' && existsSync('/etc/alpine-release') ? `${name}-musl` : name;
}

/** The version of Bun, as it is pinned. */
export function bunVersion(): string {
  return JSON.parse(readFileSync('binary/package.json', 'utf8')).devDependencies.bun;
}

/**
 * Bun's executable for a target: npm's package, of the version and with the checksum of `binary/package-lock.json`.
 * Its scripts are not run. @throws what npm says where it cannot be had
 */
export function bunFor(target: string): string {
  const names = TARGETS[target];
  if (names === undefined) {
    throw new Error(`no target is called ${target}: there are ${Object.keys(TARGETS).join(', ')}`);
  }
  const folder = join('node_modules/.cache/walscan-binary', `${bunVersion()}-${target}`);
  if (!existsSync(join(folder, 'node_modules/@oven'))) {
    mkdirSync(folder, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join('binary', file), join(folder, file));
    }
    const flags = Object.entries(names).map(([flag, value]) => `--${flag}=${value}`);
    execFileSync('npm', ['ci', '--ignore-scripts', '--prefix', folder, ...flags], {
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    });
  }
  const [name] = readdirSync(join(folder, 'node_modules/@oven'));
  return join(folder, 'node_modules/@oven', name, 'bin', names.os === 'win32' ? 'bun.exe' : 'bun');
}
