import { quoteIdentifier } from '../../text/sql-identifier.js';

/** Types as SQL spells them (PostgreSQL: src/backend/utils/adt/format_type.c; the functions that print modifiers). */

/** Names that SQL has for types of its own (`format_type_extended`). */
export const SQL_TYPES: ReadonlyMap<number, string> = new Map([
  [16, 'boolean'],
  [20, 'bigint'],
  [21, 'smallint'],
  [23, 'integer'],
  [114, 'json'],
  [700, 'real'],
  [701, 'double precision'],
  [1042, 'character'],
  [1043, 'character varying'],
  [1083, 'time without time zone'],
  [1114, 'timestamp without time zone'],
  [1184, 'timestamp with time zone'],
  [1186, 'interval'],
  [1266, 'time with time zone'],
  [1560, 'bit'],
  [1562, 'bit varying'],
  [1700, 'numeric'],
]);

/** A type's name in its parts. */
export interface TypeName {
  schema: string;
  name: string;
  /** Of an array type the element's name is given. */
  isArray: boolean;
  /** The oid of the type that is named, of an array its element. */
  oid: number;
}

/**
 * As `format_type` prints a type with its modifier.
 * @param isVisible whether a schema need not be named
 */
export function formatType(
  type: TypeName,
  modifier: number,
  version: number,
  isVisible: (schema: string) => boolean,
): string {
  return `${element(type, modifier, version, isVisible)}${type.isArray ? '[]' : ''}`;
}

function element(
  { schema, name, oid }: TypeName,
  modifier: number,
  version: number,
  isVisible: (schema: string) => boolean,
): string {
  const own = SQL_TYPES.get(oid);
  // without a length these mean one of 1
  const isOpen = modifier < 0 && (oid === 1042 || oid === 1560);
  if (own !== undefined && !isOpen) return withModifier(own, oid, modifier);
  if (isOpen) return oid === 1560 ? '"bit"' : 'bpchar';
  const parts = isVisible(schema) ? [name] : [schema, name];
  return parts.map((part) => quoteIdentifier(part, version)).join('.');
}

function withModifier(name: string, oid: number, modifier: number): string {
  if (modifier < 0) return name;
  switch (oid) {
    case 1042:
    case 1043:
      return modifier < 4 ? name : `${name}(${modifier - 4})`;
    case 1560:
    case 1562:
      return `${name}(${modifier})`;
    case 1700: {
      if (modifier < 4) return name;
      const packed = modifier - 4;
      // 11 bits, with a sign (since 15)
      const scale = ((packed & 0x7ff) ^ 1024) - 1024;
      return `${name}(${(packed >> 16) & 0xffff},${scale})`;
    }
    case 1083:
    case 1114:
    case 1184:
    case 1266:
      return name.replace(' ', `(${modifier}) `);
    case 1186:
      return `${name}${intervalModifier(modifier)}`;
    default:
      return name;
  }
}

const [MONTH, YEAR, DAY, HOUR, MINUTE, SECOND] = [1, 2, 3, 10, 11, 12].map((bit) => 1 << bit);

/** `INTERVAL_MASK` of the fields (src/include/utils/timestamp.h). */
const INTERVAL_FIELDS: ReadonlyMap<number, string> = new Map([
  [YEAR, ' year'],
  [MONTH, ' month'],
  [DAY, ' day'],
  [HOUR, ' hour'],
  [MINUTE, ' minute'],
  [SECOND, ' second'],
  [YEAR | MONTH, ' year to month'],
  [DAY | HOUR, ' day to hour'],
  [DAY | HOUR | MINUTE, ' day to minute'],
  [DAY | HOUR | MINUTE | SECOND, ' day to second'],
  [HOUR | MINUTE, ' hour to minute'],
  [HOUR | MINUTE | SECOND, ' hour to second'],
  [MINUTE | SECOND, ' minute to second'],
]);

const FULL_PRECISION = 0xffff;

/** `intervaltypmodout` */
function intervalModifier(modifier: number): string {
  const precision = modifier & 0xffff;
  const fields = INTERVAL_FIELDS.get((modifier >> 16) & 0x7fff) ?? '';
  return precision === FULL_PRECISION ? fields : `${fields}(${precision})`;
}
