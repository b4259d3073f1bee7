import type { TextBuffer } from '../text/text-buffer.js';
import type { WalRecord } from '../wal/record.js';
import type { DescribeContext } from './rmgr.js';

/** What decoded content looks like, whoever's it is. */
interface Content {
  rmgr: string;
  type: string;
}

/** What a 64-bit number stands for: one that is neither an LSN nor a `TimestampTz` is but a number. */
type BigintMeaning = 'lsn' | 'timestamp' | 'number';

/** The 64-bit numbers in a type, by the names of their fields, however deep and in arrays too; never for none. */
type BigintsOf<T> = T extends bigint
  ? BigintMeaning
  : T extends Uint8Array | string | number | boolean | undefined
    ? never
    : T extends readonly (infer Item)[]
      ? BigintsOf<Item>
      : [BigintFields<T>] extends [never]
        ? never
        : { readonly [Field in BigintFields<T>]-?: BigintsOf<T[Field]> };

type BigintFields<T> = {
  [Field in keyof T]-?: [BigintsOf<T[Field]>] extends [never] ? never : Field;
}[keyof T];

/** Seconds since 1970 (`pg_time_t`) in a plain number, which no type tells from another number. */
type SecondsOf<T> = {
  readonly [Field in keyof T as T[Field] extends number ? Field : never]?: 'unix-seconds';
};

/** Whatever {@link Kind.fields} may say, of any kind. */
export type FieldMeanings =
  | BigintMeaning
  | 'unix-seconds'
  | { readonly [field: string]: FieldMeanings | undefined };

/** A kind of record, without what its fields mean. */
interface BareKind<D extends Content> {
  /** The resource manager's bits of `xl_info` that name it. Another kind may bear the same in other versions. */
  op: number;
  /** As `pg_waldump` prints it. */
  name: string;
  /** The type of its content. Kinds of one type are described by one function. */
  type: D['type'];
  /** It may be the first change of a page, which replay initialises: `+INIT` comes after its name then. */
  init?: true;
  /** The first and the last PostgreSQL major version that have it, where that is not all of 10 to 19. */
  since?: number;
  until?: number;
  /** @throws OutOfBounds for content that does not fit */
  decode(record: WalRecord): D;
  /** What `pg_waldump` prints after the name; nothing if left out. */
  describe?(data: D, context: DescribeContext): string;
  /**
   * Writes the description straight from the record, without objects and strings, for kinds that any WAL is full of
   * (docs/decisions/text.md). It writes what the other two make, or nothing (test/rmgr/byte-paths.test.ts).
   * @returns false where the record is not of the common form, and nothing is written
   * @throws OutOfBounds where `decode` does, before anything is written
   */
  write?(out: TextBuffer, record: WalRecord, context: DescribeContext): boolean;
}

/** A kind of record: its versions, its content, its text. It says of every 64-bit number what that is. */
type Kind<D extends Content> = BareKind<D> &
  ([BigintsOf<D>] extends [never] ? { fields?: SecondsOf<D> } : { fields: BigintsOf<D> & SecondsOf<D> });

type KindOf<D extends Content> = D extends D ? Kind<D> : never;

/** A resource manager, named as `pg_waldump` names it, with all kinds of its records. */
export interface RmgrTable<D extends Content> {
  name: D['rmgr'];
  /** The bits of `xl_info` that name a kind: 0xf0 if left out. */
  opMask?: number;
  /** The bits by which the kind's name is told, where these are others: nothing but `+INIT` may come with the kind. */
  nameMask?: number;
  kinds: readonly KindOf<D>[];
}

/** A table as all of them are: of which content is known at run time only. */
interface AnyTable<D extends Content> {
  name: string;
  opMask?: number;
  nameMask?: number;
  kinds: readonly (BareKind<D> & { fields?: FieldMeanings })[];
}

const ALL_OPS = 0xf0;
const INIT = 0x80;

/** A kind as {@link Rmgr} holds it: all in one shape, so that looking at one costs the same for each. */
interface ReadyKind<D extends Content> {
  readonly name: string;
  readonly init: boolean;
  readonly fields: FieldMeanings | undefined;
  readonly decode: BareKind<D>['decode'];
  readonly describe: NonNullable<BareKind<D>['describe']>;
  readonly write: NonNullable<BareKind<D>['write']>;
}

/** A resource manager's table made ready to look kinds up in. */
export class Rmgr<D extends Content> {
  readonly name: string;
  private readonly opMask: number;
  private readonly nameMask: number;
  /** By version, made when asked for, and by the high half of `xl_info`. */
  private readonly byVersion: (readonly (ReadyKind<D> | undefined)[] | undefined)[] = [];
  private readonly byType: ReadonlyMap<string, ReadyKind<D>>;
  private readonly kinds: readonly { of: AnyTable<D>['kinds'][number]; ready: ReadyKind<D> }[];

  constructor({ name, opMask = ALL_OPS, nameMask = ALL_OPS, kinds }: AnyTable<D>) {
    this.name = name;
    this.opMask = opMask;
    this.nameMask = nameMask;
    this.kinds = kinds.map((of) => ({
      of,
      ready: {
        name: of.name,
        init: of.init === true,
        fields: of.fields,
        decode: of.decode,
        describe: of.describe ?? (() => ''),
        write: of.write ?? (() => false),
      },
    }));
    this.byType = new Map(this.kinds.map(({ of, ready }) => [of.type, ready]));
  }

  /** The kind that the info bits name; undefined for bits that the version does not have. */
  kind(info: number, version: number): ReadyKind<D> | undefined {
    return (this.byVersion[version] ?? this.kindsIn(version))[(info & this.opMask) >> 4];
  }

  private kindsIn(version: number): readonly (ReadyKind<D> | undefined)[] {
    const found = new Array<ReadyKind<D> | undefined>(16).fill(undefined);
    for (const { of, ready } of this.kinds) {
      const { since = version, until = version } = of;
      if (since <= version && version <= until) found[of.op >> 4] = ready;
    }
    this.byVersion[version] = found;
    return found;
  }

  /** The kind's name; undefined for unknown bits. A record may have content all the same: PostgreSQL looks at fewer. */
  identify(info: number, version: number): string | undefined {
    const kind = this.kind(info, version);
    const rest = info & this.nameMask & ~this.opMask;
    if (kind === undefined || rest === 0) return kind?.name;
    return rest === INIT && kind.init ? `${kind.name}+INIT` : undefined;
  }

  /** The kind, or one of the kinds, whose content is of this type. */
  kindOfType(type: string): ReadyKind<D> | undefined {
    return this.byType.get(type);
  }
}
