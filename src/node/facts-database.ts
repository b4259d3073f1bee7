import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FACTS_VERSION } from '../questions/facts/tables.js';
import { ANSWER_TABLES, type Answers, type AnswerTable } from '../questions/sql/answers.js';
import {
  answerTablesSql,
  commentsSql,
  factTablesSql,
  filesIn,
  hasPartitions,
  insertSql,
  VIEW_FILES,
} from '../questions/sql/definitions.js';
import { jsonArrays } from '../questions/sql/json.js';
import { WalError } from '../wal/error.js';
import { message } from '../wal/message.js';
import { atExit } from './at-exit.js';
import { Duckdb, type StatementResult } from './duckdb.js';
import { ownFile } from './own-file.js';

/** Facts of segments as tables and views, to be asked in SQL. */
export class FactsDatabase {
  private constructor(
    private readonly duckdb: Duckdb,
    private readonly answers: () => Promise<Answers>,
    /** How much is wrong with the WAL: as segments tell it or, once a query needed more, all of it. */
    public problems: number,
    private readonly remove: () => void,
  ) {}

  /** What only walscan can tell is there. */
  private isComplete = false;

  /**
   * @param folder of all facts
   * @param answers what only walscan can tell of them, worked out when a query first needs it
   * @throws WalError `usage`, `missing-package`; `no-wal`, `several-clusters`, `facts-version`, `bad-facts`
   */
  static async open(folder: string, answers: () => Promise<Answers>): Promise<FactsDatabase> {
    if (hasPartitions(folder)) {
      const text = message`in the path ${folder} DuckDB would take folders for columns of facts: go to that folder, and ask with --facts .`;
      throw new WalError('usage', text, { file: folder });
    }
    const spill = mkdtempSync(join(tmpdir(), 'walscan-'));
    const remove = atExit(() => rmSync(spill, { recursive: true, force: true }));
    try {
      const duckdb = await Duckdb.open(spill, (text) => unreadableFacts(text, folder));
      await duckdb.run(factTablesSql(folder, await tablesIn(duckdb, folder)));
      await checkVersion(duckdb);
      const views = readViews();
      await duckdb.run([answerTablesSql(), ...views.values(), commentsSql(views)].join('\n'));
      await duckdb.run("SET search_path = 'main,facts'");
      return new FactsDatabase(duckdb, answers, await countProblems(duckdb), remove);
    } catch (error) {
      remove();
      throw error;
    }
  }

  /** Runs the statements of a query, one after the other. @throws WalError `bad-query` */
  async *query(sql: string): AsyncGenerator<StatementResult> {
    if (!this.isComplete && NEEDS_ANSWERS.test(sql)) await this.complete();
    yield* this.duckdb.query(sql);
  }

  private async complete(): Promise<void> {
    const answers = await this.answers();
    for (const table of Object.keys(ANSWER_TABLES) as AnswerTable[]) {
      for (const rows of jsonArrays(answers[table])) await this.duckdb.run(insertSql(table), rows);
    }
    this.problems = answers.problems.length;
    this.isComplete = true;
  }

  /** Ends the query that is running. */
  interrupt(): void {
    this.duckdb.interrupt();
  }

  close(): void {
    this.remove();
  }
}

/**
 * Words without which no query reaches what only walscan can tell: names of tables, and of the views over those; and what
 * takes names that a query puts together, or takes all tables.
 */
const NEEDS_ANSWERS = new RegExp(
  `\\b(?:${[
    ...Object.keys(ANSWER_TABLES),
    ...['transactions', 'ends', 'changes', 'find_commit', 'incidents', 'gaps'],
    ...['query', 'query_table', 'json_execute_serialized_sql', 'database'],
  ].join('|')})\\b`,
  'i',
);

/** The views' files lie as they do in the sources. */
function readViews(): Map<string, string> {
  const folder = join(dirname(ownFile() ?? '.'), '../questions/sql/views');
  return new Map(VIEW_FILES.map((name) => [name, readFileSync(join(folder, `${name}.sql`), 'utf8')]));
}

/** A file of facts, with the cluster's identifier. */
const FILE = /system=([0-9]+)[/\\]timeline=[0-9]+[/\\]segment=[0-9A-F]{24}(?:-next)?[/\\][a-z_]+[.]parquet/;

/** What an error of DuckDB tells that names a file of facts. */
function unreadableFacts(reason: string, folder: string): WalError | undefined {
  const [path] = FILE.exec(reason) ?? [];
  if (path === undefined) return undefined;
  const file = `${folder}/${path}`;
  const text = message`${file} is no table of facts that can be read; make the facts of this segment anew: ${reason}`;
  return new WalError('bad-facts', text, { file });
}

/**
 * How many segments are damaged, and how often one is missing between two of a timeline: cheap to tell, and all there is to
 * tell but where timelines meet.
 */
async function countProblems(duckdb: Duckdb): Promise<number> {
  const [[problems]] = await duckdb.rows(`
    SELECT count(*) FILTER (faults > 0 OR problem IS NOT NULL) + count(*) FILTER (NOT reset AND start_lsn > last_end)
    FROM (SELECT *, lag(end_lsn) OVER (PARTITION BY timeline ORDER BY start_lsn) AS last_end FROM facts.segments)`);
  return Number(problems);
}

/** The names of the tables of which there is a file. */
async function tablesIn(duckdb: Duckdb, folder: string): Promise<Set<string>> {
  const files = `glob(${filesIn(folder, '*')})`;
  for (const [file] of await duckdb.rows(
    `SELECT file FROM ${files} WHERE NOT regexp_matches(file, '${FILE.source}$') LIMIT 1`,
  )) {
    const text = message`${String(file)} lies among facts, and is none: move its folder out of ${folder}`;
    throw new WalError('bad-facts', text, { file: String(file) });
  }
  const rows = await duckdb.rows(
    `SELECT DISTINCT parse_filename(file, true), regexp_extract(file, '${FILE.source}', 1) FROM ${files}`,
  );
  const tables = new Set(rows.map(([table]) => String(table)));
  const systems = new Set(rows.map(([, system]) => String(system)));
  if (!tables.has('segments')) {
    const text = message`there are no facts in ${folder}: make them there by walscan facts -o ${folder}`;
    throw new WalError('no-wal', text, { file: folder });
  }
  if (systems.size > 1) {
    const text = message`${folder} has facts of several clusters (${[...systems].sort().join(', ')}): keep each in a folder of its own`;
    throw new WalError('several-clusters', text, { file: folder });
  }
  return tables;
}

async function checkVersion(duckdb: Duckdb): Promise<void> {
  const rows = await duckdb.rows(
    `SELECT segment, facts_version FROM facts.segments WHERE facts_version <> ${FACTS_VERSION} LIMIT 1`,
  );
  for (const [segment, version] of rows.map((row) => row.map(String))) {
    const text = message`the facts of ${segment} are of version ${version}, and this walscan reads version ${FACTS_VERSION}: make the facts anew, or use the walscan that made them`;
    throw new WalError('facts-version', text);
  }
}
