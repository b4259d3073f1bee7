/**
 * Spanish by the English text, with the words of PostgreSQL's own Spanish messages. What depends on a number has a form
 * each by the rules of plurals: of one, of others and, where that differs, of millions (`1000000 de filas`).
 */
export type Catalog = Readonly<Record<string, string | readonly [one: string, other: string, many?: string]>>;
