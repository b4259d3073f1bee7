/**
 * Where names without a schema are looked for, as the server does by default: `pg_catalog` comes first, whatever the
 * setting says. `"$user"`, the schema of the user's own name, is left out, for nobody has logged in.
 */
export const SEARCH_PATH: readonly string[] = ['pg_catalog', 'public'];

/** The same where the setting is empty. */
export const EMPTY_SEARCH_PATH: readonly string[] = ['pg_catalog'];

/** Whether a name alone may mean a table of that schema: not of those that PostgreSQL keeps for itself. */
export const mayGoUnnamed = (schema: string): boolean =>
  SEARCH_PATH.includes(schema) || !schema.startsWith('pg_');
