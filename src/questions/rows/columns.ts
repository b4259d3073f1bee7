import { builtinTypes, builtinTypesOf } from '../../heap/types/builtin.js';
import type { Column, Type } from '../../heap/types/type.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import { NEWEST_VERSION } from '../../wal/version.js';

/** Names that SQL has for types besides those of pg_type. */
const ALIASES: Readonly<Record<string, string>> = {
  boolean: 'bool',
  smallint: 'int2',
  smallserial: 'int2',
  integer: 'int4',
  int: 'int4',
  serial: 'int4',
  bigint: 'int8',
  bigserial: 'int8',
  real: 'float4',
  'double precision': 'float8',
  float: 'float8',
  decimal: 'numeric',
  dec: 'numeric',
  'character varying': 'varchar',
  character: 'bpchar',
  char: 'bpchar',
  '"char"': 'char',
  'bit varying': 'varbit',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
};

const typesByName: ReadonlyMap<string, Type> = new Map(
  [...builtinTypes.values()].map((type) => [type.name, type]),
);

/** A name, bare or in double quotes, then a type, at the start of the text. */
const COLUMN = /^\s*(?:"((?:[^"]|"")+)"|([^\s,"]+))\s+((?:[^,()]|\([^)]*\))+?)\s*(?:,|$)/;

/**
 * Reads columns as `id int4, producto text, precio numeric(10,2), tags text[]`, in the order in which the table
 * has them. A column that was dropped is written with the type it had, its name being of no matter.
 * @param version the server's major version: an aclitem is longer since 16
 * @throws WalError `bad-columns`
 */
export function parseColumns(text: string, version: number = NEWEST_VERSION): Column[] {
  const columns: Column[] = [];
  for (let rest = text; rest.trim() !== ''; ) {
    const match = COLUMN.exec(rest);
    if (!match)
      throw badColumns(message`cannot read "${rest.trim()}": a column is a name and a type, as in "id int4"`);
    const [whole, quoted, bare, typeName] = match;
    columns.push(makeColumn(quoted?.replaceAll('""', '"') ?? bare, typeName, version));
    rest = rest.slice(whole.length);
  }
  if (columns.length === 0) throw badColumns(message`there are none`);
  return columns;
}

/** @param why what is wrong with the columns that were given */
export const badColumns = (why: Message): WalError =>
  new WalError('bad-columns', message`the columns cannot be used: ${why}`);

function makeColumn(name: string, typeText: string, version: number): Column {
  const { oid } = typeNamed(typeText);
  const { length, alignment } = builtinTypesOf(version).get(oid)!;
  return { name, type: oid, modifier: -1, length, alignment, dropped: false, generated: '', identity: '' };
}

function typeNamed(text: string): Type {
  const words = text
    .toLowerCase()
    .replace(/\([^)]*\)/g, ' ')
    .trim()
    .replace(/\s+/g, ' ');
  const element = words.replace(/( ?\[\d*\])+$/, '');
  const name = ALIASES[element] ?? element;
  const type = typesByName.get(element === words ? name : `_${name}`);
  if (!type) throw badColumns(message`"${text.trim()}" is no built-in type`);
  return type;
}
