import type { TimeZone } from '../../text/timezone.js';
import { ByteView } from '../../wal/byte-view.js';
import { WalError } from '../../wal/error.js';
import { type Message, message } from '../../wal/message.js';
import type { Layout, StoredAttribute } from '../tuple.js';
import { detoast, type FetchToast } from '../varlena.js';

/** A column of a table or of a composite type (`pg_attribute`). */
export interface Column extends StoredAttribute {
  name: string;
  /** The oid of its type; 0 for a dropped column. */
  type: number;
  /** The type's modifier, such as the length of a varchar; -1 for none. */
  modifier: number;
  dropped: boolean;
  /** How the value is generated: '' not at all, 's' stored, 'v' virtual (since 18, with no stored value). */
  generated: string;
  /** Whether an INSERT must override the identity: 'a' always, 'd' by default, '' no identity. */
  identity: string;
}

/** A data type: how its values are stored and what they consist of (`pg_type`). */
export type Type = Layout & {
  oid: number;
  name: string;
  /** Between elements of an array of this type: a comma, for box a semicolon. */
  delimiter: string;
} & (
    | { kind: 'base' }
    | { kind: 'array'; element: number }
    | { kind: 'enum'; labels: ReadonlyMap<number, string> }
    | { kind: 'domain'; base: number }
    | { kind: 'range'; subtype: number }
    | { kind: 'multirange'; range: number }
    | { kind: 'composite'; columns: readonly Column[] }
  );

/** The types whose values name objects of the catalogs by their oids. */
export type ObjectType =
  | 'regproc'
  | 'regprocedure'
  | 'regoper'
  | 'regoperator'
  | 'regclass'
  | 'regtype'
  | 'regcollation'
  | 'regconfig'
  | 'regdictionary'
  | 'regrole'
  | 'regnamespace'
  | 'regdatabase'
  | 'aclitem';

/** What is needed to print values. */
export interface TypeContext {
  /** The server's major version: a few values print differently. */
  version: number;
  timezone: TimeZone;
  /** The type of an oid; undefined when nothing is known of it. */
  type(oid: number): Type | undefined;
  /** An object as values of that type print it; undefined when nothing is known of it: then its number stands for it. */
  objectName?: ((type: ObjectType, oid: number) => string | undefined) | undefined;
}

/**
 * Prints a value as the type's output function does.
 * @param value the data, without the header of a varlena
 */
export type Output = (value: ByteView, context: TypeContext) => string;

/** Thrown where a value, or a part of it, is of a type that cannot be printed. */
export class UnknownType extends WalError {
  constructor(readonly type: number) {
    super('unknown-type', message`values of type ${type} cannot be printed`);
  }
}

/** A stored value without its varlena header or its terminating zero, detoasted. */
export function datum(stored: Uint8Array, layout: Layout, fetch: FetchToast): ByteView {
  if (layout.length === -1) return ByteView.of(detoast(stored, fetch));
  return ByteView.of(layout.length === -2 ? stored.subarray(0, -1) : stored);
}

/** Of a value that no value of its type can be. @param what it is instead */
export const corruptValue = (what: Message): WalError => new WalError('corrupt-value', what);

/** PostgreSQL's `isspace` in the C locale. */
export const isSpace = (text: string): boolean => /[ \t\n\v\f\r]/.test(text);
