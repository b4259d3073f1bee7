import type { DuckDBConnection, DuckDBValue, DuckDBValueConverter } from '@duckdb/node-api';
import { printable } from '../text/printable.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { formatTimestampIso, POSTGRES_EPOCH_US } from '../wal/timestamp.js';

type Api = typeof import('@duckdb/node-api');

const PACKAGE = '@duckdb/node-api';

/** What a cell is in JSON. */
export type JsonCell = null | boolean | number | string | JsonCell[] | { [name: string]: JsonCell };

/** What the text of an error means; undefined where it is about the query. */
type Explain = (text: string) => WalError | undefined;

/** What one statement of a query gives. */
export interface StatementResult {
  columns: readonly { name: string; isNumber: boolean }[];
  /** It asks for rows; else it does something, and what there is to read says of how many rows. */
  isQuestion: boolean;
  /** Once. Cells as text, null for NULL. */
  textRows(): AsyncIterable<(string | null)[]>;
  /** Once. */
  jsonRows(): AsyncIterable<JsonCell[]>;
}

/**
 * DuckDB in this process: nothing is loaded before {@link open}. What it is asked stays on this machine: extensions, by which
 * it would reach for the network, are not installed or loaded by themselves.
 */
export class Duckdb {
  private constructor(
    private readonly api: Api,
    private readonly connection: DuckDBConnection,
    private readonly json: DuckDBValueConverter<JsonCell>,
    private readonly explain: Explain,
  ) {}

  /**
   * A database in memory.
   * @param folder for what does not fit into memory
   * @param explain finds errors of which the query is not the cause
   * @throws WalError `missing-package`
   */
  static async open(folder: string, explain: Explain): Promise<Duckdb> {
    const api = await load();
    const instance = await api.DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      memory_limit: MEMORY_LIMIT,
      temp_directory: folder,
    });
    const connection = await instance.connect();
    await connection.run("SET errors_as_json = true; SET TimeZone = 'UTC'");
    return new Duckdb(api, connection, jsonConverter(api), explain);
  }

  /** Runs statements of walscan's own. @throws WalError `bad-query` */
  async run(sql: string, ...values: string[]): Promise<void> {
    await this.telling(sql, () => this.connection.run(sql, values));
  }

  /** The rows of a question of walscan's own. @throws WalError `bad-query` */
  async rows(sql: string): Promise<JsonCell[][]> {
    const result = await this.telling(sql, () => this.connection.run(sql));
    return (await result.convertRows(this.json)) as JsonCell[][];
  }

  /** Runs the statements of a query, one after the other. @throws WalError `bad-query` */
  async *query(sql: string): AsyncGenerator<StatementResult> {
    // of which DuckDB makes an error that says nothing
    if (isEmpty(sql)) return;
    const statements = await this.telling(sql, () => this.connection.extractStatements(sql));
    for (let i = 0; i < statements.count; i++) {
      const result = await this.telling(sql, async () => (await statements.prepare(i)).stream());
      const { json } = this;
      const telling = this.telling.bind(this, sql) as <T>(work: () => Promise<T>) => Promise<T>;
      const chunks = async function* <T>(of: AsyncIterator<T[]>): AsyncGenerator<T> {
        for (;;) {
          const { done, value } = await telling(() => of.next());
          if (done) return;
          yield* value;
        }
      };
      const columns = result.columnNames().map((name, c) => ({
        name,
        isNumber: this.isNumber(result.columnTypeId(c)),
      }));
      yield {
        columns,
        isQuestion: result.returnType === this.api.ResultReturnType.QUERY_RESULT,
        textRows: () => chunks(result.yieldConvertedRows(textOf)),
        jsonRows: () => chunks(result.yieldConvertedRows(json)) as AsyncIterable<JsonCell[]>,
      };
    }
  }

  /** Ends what is running. */
  interrupt(): void {
    this.connection.interrupt();
  }

  private isNumber(type: number): boolean {
    const { DuckDBTypeId: id } = this.api;
    const numbers: readonly number[] = [
      ...[id.TINYINT, id.SMALLINT, id.INTEGER, id.BIGINT, id.HUGEINT, id.UTINYINT, id.USMALLINT, id.UINTEGER],
      ...[id.UBIGINT, id.UHUGEINT, id.FLOAT, id.DOUBLE, id.DECIMAL, id.BIGNUM],
    ];
    return numbers.includes(type);
  }

  private async telling<T>(sql: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw queryError(sql, error, this.explain);
    }
  }
}

/** What a question over years takes is put into files. */
const MEMORY_LIMIT = '1GB';

async function load(): Promise<Api> {
  try {
    return await import('@duckdb/node-api');
  } catch (cause) {
    const text = message`SQL takes the package ${PACKAGE}, which cannot be loaded; install it beside walscan: npm install ${PACKAGE} (with -g where walscan was installed so)`;
    throw new WalError('missing-package', text, { cause });
  }
}

/** Whether there is no statement in a query, only comments. */
const isEmpty = (sql: string): boolean => /^[\s;]*$/.test(sql.replaceAll(/--[^\n]*|\/\*.*?\*\//gs, ''));

const textOf: DuckDBValueConverter<string> = (value) => (value === null ? null : String(value));

/** As walscan's other JSON: times in UTC, numbers as numbers as far as every reader of JSON keeps them, larger ones as text. */
function jsonConverter({
  JsonDuckDBValueConverter,
  DuckDBDecimalValue,
  DuckDBTimestampTZValue,
}: Api): DuckDBValueConverter<JsonCell> {
  const convert: DuckDBValueConverter<JsonCell> = (value, type) => {
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    if (value instanceof DuckDBDecimalValue && isKept(value.value)) return Number(String(value));
    if (value instanceof DuckDBTimestampTZValue && hasDate(value)) {
      return formatTimestampIso(value.micros - POSTGRES_EPOCH_US);
    }
    return JsonDuckDBValueConverter(
      value,
      type,
      convert as Parameters<typeof JsonDuckDBValueConverter>[2],
    ) as JsonCell;
  };
  const hasDate = (value: DuckDBValue): boolean => !String(value).includes('infinity');
  return convert;
}

/** Whether a floating-point number has all digits of a decimal: 15 at most (DBL_DIG). */
const isKept = (digits: bigint): boolean => -FIFTEEN_DIGITS < digits && digits < FIFTEEN_DIGITS;

const FIFTEEN_DIGITS = 10n ** 15n;

/** What DuckDB says of an error, with `errors_as_json`. */
interface Told {
  exception_type: string;
  exception_message: string;
  /** Where in the query, in bytes. */
  position?: string;
}

function queryError(sql: string, cause: unknown, explain: Explain): unknown {
  if (cause instanceof WalError || !(cause instanceof Error)) return cause;
  const told = toldIn(cause.message);
  const text = (told?.exception_message ?? cause.message).replaceAll(/\s*\n\s*/g, ' ').trim();
  const explained = explain(printable(text));
  if (explained !== undefined) return explained;
  const where = told?.position === undefined ? '' : message` at ${placeIn(sql, Number(told.position))}`;
  return new WalError('bad-query', message`the query fails${where}: ${printable(text)}`, { cause });
}

function toldIn(message: string): Told | undefined {
  try {
    return JSON.parse(message.slice(message.indexOf('{'))) as Told;
  } catch {
    return undefined;
  }
}

function placeIn(sql: string, position: number): string {
  const before = new TextDecoder().decode(new TextEncoder().encode(sql).subarray(0, position));
  const lines = before.split('\n');
  return `line ${lines.length}, column ${[...lines.at(-1)!].length + 1}`;
}
