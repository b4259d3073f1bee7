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
import { atExit } from './at-exit.js';
import { Duckdb, type StatementResult } from './duckdb.js';
import { ownFile } from './own-file.js';

/** Facts of segments as tables and views, to be asked in SQL. */
export class FactsDatabase {
  private constructor(
    private readonly duckdb: Duckdb,
    private readonly answers: () => Promise<Answers>,
    private readonly remove: () => void,
  ) {}

  /** What only walscan can tell is there. */
  private isComplete = false;
  /** How much is wrong with the WAL that queries were about, as far as they needed that. */
  problems = 0;

  /**
   * @param folder of all facts
   * @param answers what only walscan can tell of them, worked out when a query first needs it
   * @throws WalError `usage`, `missing-package`; `no-wal`, `several-clusters`, `facts-version`, `bad-facts`
   */
  static async open(folder: string, answers: () => Promise<Answers>): Promise<FactsDatabase> {
    if (hasPartitions(folder)) {
      const message = `in the path ${folder} DuckDB would take folders for columns of facts: go to that folder, and ask with --facts .`;
      throw new WalError('usage', message, { file: folder });
    }
    const spill = mkdtempSync(join(tmpdir(), 'walscan-'));
    const remove = atExit(() => rmSync(spill, { recursive: true, force: true }));
    try {
      const duckdb = await Duckdb.open(spill);
      await duckdb.run(factTablesSql(folder, await tablesIn(duckdb, folder)));
      await checkVersion(duckdb);
      const views = readViews();
      await duckdb.run([answerTablesSql(), ...views.values(), commentsSql(views)].join('\n'));
      await duckdb.run("SET search_path = 'main,facts'");
      return new FactsDatabase(duckdb, answers, remove);
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

/** Names without which no query reaches what only walscan can tell: of tables, and of the views over those. */
const NEEDS_ANSWERS = new RegExp(
  `\\b(?:${[...Object.keys(ANSWER_TABLES), 'transactions', 'ends', 'changes', 'find_commit', 'incidents', 'gaps'].join('|')})\\b`,
  'i',
);

/** The views' files lie as they do in the sources. */
function readViews(): Map<string, string> {
  const folder = join(dirname(ownFile() ?? '.'), '../questions/sql/views');
  return new Map(VIEW_FILES.map((name) => [name, readFileSync(join(folder, `${name}.sql`), 'utf8')]));
}

/** The names of the tables of which there is a file. */
async function tablesIn(duckdb: Duckdb, folder: string): Promise<Set<string>> {
  const rows = await duckdb.rows(
    `SELECT DISTINCT parse_filename(file, true), regexp_extract(file, '/system=(\\d+)/timeline=', 1) FROM glob(${filesIn(folder, '*')})`,
  );
  const tables = new Set(rows.map(([table]) => String(table)));
  const systems = new Set(rows.map(([, system]) => String(system)));
  if (!tables.has('segments')) {
    const message = `there are no facts in ${folder}: make them there by walscan facts -o ${folder}`;
    throw new WalError('no-wal', message, { file: folder });
  }
  if (systems.size > 1) {
    const message = `${folder} has facts of several clusters (${[...systems].sort().join(', ')}): keep each in a folder of its own`;
    throw new WalError('several-clusters', message, { file: folder });
  }
  return tables;
}

async function checkVersion(duckdb: Duckdb): Promise<void> {
  const rows = await duckdb.rows(
    `SELECT segment, facts_version FROM facts.segments WHERE facts_version <> ${FACTS_VERSION} LIMIT 1`,
  );
  for (const [segment, version] of rows) {
    const message = `the facts of ${segment} are of version ${version}, and this walscan reads version ${FACTS_VERSION}: make the facts anew, or use the walscan that made them`;
    throw new WalError('facts-version', message);
  }
}
