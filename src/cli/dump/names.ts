import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { NODE } from '../../node/platform.js';
import { openGiven } from '../../questions/given.js';
import { filesOfTable, readRelationNames } from '../../replay/names-of-backup.js';
import { formatRelationName, type RelationName } from '../../replay/relation-names.js';
import { takeUsableInventory } from '../../sources/inventory.js';
import { decodeText, encodeText } from '../../text/encoding.js';
import { printable, printableJson } from '../../text/printable.js';
import type { Io } from '../io.js';
import { printNote } from './error.js';
import type { DumpOptions } from './options.js';

/** The names of relations by `tablespace/database/relfilenode`. */
type DumpNames = ReadonlyMap<string, RelationName>;

interface PreparedNames {
  /** Puts names into text of whole records. */
  addNames: (text: Uint8Array) => Uint8Array;
  /** Not all names are known, as was printed. */
  partial: boolean;
}

/**
 * Takes the names from the backup, and puts the files of the table asked for into the filter.
 * @param known what is wrong with WAL is told already: all of it is dumped
 * @throws WalError what `readRelationNames` and `filesOfTable` throw
 */
export async function prepareNames(
  options: DumpOptions,
  backup: string,
  passphrase: string | undefined,
  known: boolean,
  io: Io,
): Promise<PreparedNames> {
  const { table, database, filter, timeline, json } = options;
  const platform = { ...NODE, reading: { ...NODE.reading, passphrase } };
  const given = await openGiven(await walPlaces(options), backup, platform.reading);
  const opened = (await given.openBackup()) ?? backup;
  const inventory = await takeUsableInventory(given.wal, platform.reading);
  const found = await readRelationNames(opened, inventory, platform, timeline);
  const problems = [...(known ? [] : inventory.problems), ...found.problems];
  for (const { message } of problems) printNote(message, io);
  if (table !== undefined && database !== undefined) {
    filter.relations = [...(filter.relations ?? []), ...filesOfTable(found, { table, database })];
  }
  const all = [...found.names.values()].flatMap((one) => [...one.all]);
  const byFile = new Map(all);
  return { addNames: (text) => putNames(text, byFile, json), partial: problems.length > 0 };
}

/** Where all WAL is that the names need: beside the segments asked for. */
async function walPlaces({ operands, path }: DumpOptions): Promise<string[]> {
  if (path !== undefined) return [path];
  const [first = '.'] = operands;
  const known = await stat(first).catch(() => undefined);
  return known === undefined || known.isDirectory() ? [first] : [dirname(first)];
}

/** Puts names behind the numbers of relations: `rel 1663/5/16384 (db.public.t) blk 0`, in JSON as `name`. */
function putNames(text: Uint8Array, names: DumpNames, isJson: boolean): Uint8Array {
  const named = decodeText(text).replace(isJson ? JSON_RELATION : TEXT_RELATION, (whole, file: string) => {
    const name = names.get(file);
    if (isJson) return `${whole},"name":${printableJson(JSON.stringify(name ?? null))}`;
    return name === undefined ? whole : `${whole} (${printable(formatRelationName(name))})`;
  });
  return encodeText(named);
}

const TEXT_RELATION = /(?<=blkref #\d+: )rel (\d+\/\d+\/\d+)/g;
/** Quotes within texts have a backslash before them. */
const JSON_RELATION = /"relation":"(\d+\/\d+\/\d+)"/g;
