import { closeSync, openSync, readSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { TomlError } from 'smol-toml';
import { reasonSaid } from '../../node/system-reason.js';
import { decodeText } from '../../text/encoding.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import type { Io } from '../io.js';

/** What a config file may say. */
export interface Config {
  /** Where the WAL is, as paths are given. */
  archive?: readonly string[];
  backup?: string;
  /** The name of a time zone. */
  tz?: string;
  database?: string;
}

/** More than anybody writes. */
const MOST_BYTES = 65_536;

/** Where the user's own config file is; undefined where the user has no such folder. */
export function usualConfigFile({ APPDATA, HOME, XDG_CONFIG_HOME = '' }: Io['env']): string | undefined {
  const home = HOME && join(HOME, '.config');
  // one that is not absolute is to be passed over: XDG Base Directory Specification
  const xdg = isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : home;
  const folder = process.platform === 'win32' ? APPDATA : xdg;
  return folder && join(folder, 'walscan', 'config.toml');
}

/**
 * @param isOptional whether there may be no such file: then undefined is what it says
 * @throws WalError `unreadable`; `usage` where it has something that is no setting
 */
export async function readConfig(file: string, isOptional: boolean): Promise<Config | undefined> {
  const text = readText(file, isOptional);
  if (text === undefined) return undefined;
  const { parse } = await import('smol-toml');
  let table: Record<string, unknown>;
  try {
    table = parse(text);
  } catch (error) {
    const { line, message: why } = error as TomlError;
    throw wrong(file, message`line ${line}: ${why.split('\n')[0]}`);
  }
  return configOf(table, file);
}

function configOf(table: Record<string, unknown>, file: string): Config {
  const { archive, ...others } = table;
  for (const [key, value] of Object.entries(others)) {
    if (!TEXTS.has(key)) {
      throw wrong(file, message`there is no setting "${key}": there are archive, backup, tz and database`);
    }
    if (typeof value !== 'string') throw wrong(file, message`"${key}" has to be a text: ${key} = "…"`);
  }
  if (archive === undefined) return others;
  const paths = [archive].flat();
  if (paths.length > 0 && paths.every((path) => typeof path === 'string')) {
    return { ...others, archive: paths };
  }
  throw wrong(file, message`"archive" has to be a path or a list of paths: archive = ["…", "…"]`);
}

const TEXTS: ReadonlySet<string> = new Set(['backup', 'tz', 'database']);

const wrong = (file: string, what: Message): WalError =>
  new WalError('usage', message`${file}: ${what}`, { file });

/** @returns undefined where there is none, and there may be none */
function readText(file: string, isOptional: boolean): string | undefined {
  const bytes = Buffer.alloc(MOST_BYTES + 1);
  let length: number;
  try {
    const descriptor = openSync(file, 'r');
    try {
      length = readSync(descriptor, bytes);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (isOptional && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined;
    throw new WalError('unreadable', message`cannot read ${file}: ${reasonSaid(error)}`, {
      file,
      cause: error,
    });
  }
  if (length > MOST_BYTES) throw wrong(file, message`it is too long for a config file`);
  return decodeText(bytes.subarray(0, length));
}
