/**
 * The words that SQL reads as such, so that as names they go in quotes: all keywords that are not "unreserved"
 * (src/include/parser/kwlist.h, 13 to 19).
 */
const KEYWORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading
  least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric
  offset on only or order out outer overlaps overlay placing position precision primary real references returning right
  row select session_user setof similar smallint some substring symmetric table tablesample then time timestamp to
  trailing treat trim true union unique user using values varchar variadic verbose when where window with xmlattributes
  xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`.split(
    /\s+/,
  ),
);

/** Those that came later, with the first version that has them. */
const LATER_KEYWORDS: Readonly<Record<string, number>> = {
  ...{ json_array: 16, json_arrayagg: 16, json_object: 16, json_objectagg: 16, system_user: 16 },
  ...{ json: 17, json_exists: 17, json_query: 17, json_scalar: 17, json_serialize: 17, json_table: 17 },
  ...{ json_value: 17, merge_action: 17, graph_table: 19 },
};

/** A name as SQL of that version needs it, in quotes only where it must be (`quote_identifier`, ruleutils.c). */
export function quoteIdentifier(name: string, version: number): string {
  const isKeyword =
    KEYWORDS.has(name) || (Object.hasOwn(LATER_KEYWORDS, name) && version >= LATER_KEYWORDS[name]);
  return /^[a-z_][a-z0-9_]*$/.test(name) && !isKeyword ? name : `"${name.replaceAll('"', '""')}"`;
}
