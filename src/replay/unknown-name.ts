import { mostAlike } from '../text/likeness.js';
import { WalError } from '../wal/error.js';
import { type Message, message } from '../wal/message.js';
import { mayGoUnnamed } from './search-path.js';

/** So many names are told of those that there are. */
const NAMES_TOLD = 5;

/** `pg_class.relkind` of what has rows, or partitions that have them. */
const TABLE_KINDS: ReadonlySet<string> = new Set(['r', 'p', 'm']);

/** A relation as catalogs have it. */
interface NamedRelation {
  schema: string;
  name: string;
  kind: string;
}

/**
 * The error about a table that is not there, with the names of those that there are, the most alike first.
 * @param said that there is none, and where
 */
export function unknownTable(said: Message, wanted: string, relations: Iterable<NamedRelation>): WalError {
  return new WalError('unknown-table', among(said, wanted, tableNames(relations)));
}

/** The same of a database. */
export function unknownDatabase(said: Message, wanted: string, databases: Iterable<string>): WalError {
  return new WalError('unknown-database', among(said, wanted, databases));
}

function among(said: Message, wanted: string, names: Iterable<string>): Message {
  const told = mostAlike(wanted, names, NAMES_TOLD);
  return told.length === 0
    ? said
    : message`${said}; the most alike of those that there are: ${told.join(', ')}`;
}

/** Names as they are given in `--table`, but for quotes. */
function* tableNames(relations: Iterable<NamedRelation>): Generator<string> {
  for (const { schema, name, kind } of relations) {
    if (!TABLE_KINDS.has(kind) || !isOfUsers(schema)) continue;
    yield schema === 'public' ? name : `${schema}.${name}`;
  }
}

/** Whether a schema is none of the system's own. */
export const isOfUsers = (schema: string): boolean =>
  mayGoUnnamed(schema) && schema !== 'pg_catalog' && schema !== 'information_schema';
