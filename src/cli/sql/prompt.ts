import { createInterface } from 'node:readline/promises';
import { printError } from '../error.js';
import type { Io } from '../io.js';

/** What becomes of what is typed. */
export interface Prompted {
  ask(sql: string): Promise<void>;
  /** Ends the query that is running. */
  interrupt(): void;
  /** Changes between lines and a column a line, as psql's `\x`. */
  expand(): void;
}

/**
 * Asks one statement after the other that standard input has, each up to a semicolon at the end of a line. On a terminal it
 * goes on after an error, and Ctrl-C ends the query that is running, or what was typed of one.
 * @throws the first error, where standard input is no terminal
 */
export async function prompt({ ask, interrupt, expand }: Prompted, io: Io): Promise<void> {
  const isTerminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: isTerminal });
  let text = '';
  let isRunning = false;
  const show = (): void => {
    if (!isTerminal) return;
    lines.setPrompt(text === '' ? 'walscan=> ' : 'walscan-> ');
    lines.prompt();
  };
  lines.on('SIGINT', () => {
    if (isRunning) interrupt();
    else {
      text = '';
      io.writeError('\n');
      show();
    }
  });
  const run = async (sql: string): Promise<void> => {
    isRunning = true;
    try {
      await ask(sql);
    } catch (error) {
      if (!isTerminal) throw error;
      printError(error, io);
    } finally {
      isRunning = false;
    }
  };
  try {
    show();
    for await (const line of lines) {
      if (text === '' && line.trim() === '\\q') return;
      if (text === '' && line.trim() === '\\x') {
        expand();
        show();
        continue;
      }
      text += `${line}\n`;
      const sql = commandOf(text.trim()) ?? (isWhole(text) ? text : undefined);
      if (sql !== undefined) {
        text = '';
        await run(sql);
      }
      show();
    }
    if (text.trim() !== '') await run(text);
  } finally {
    lines.close();
  }
}

/** What stands in SQL for a command of the prompt; undefined of what is none. */
function commandOf(text: string): string | undefined {
  const [command, name] = /^\\d(?:\s+"?(\w+)"?)?\s*;?$/.exec(text) ?? [];
  if (command === undefined) return undefined;
  return name === undefined ? LIST : columnsSql(name);
}

/** All tables and views, each with what a row of it is. */
const LIST = `SELECT name, regexp_extract(comment, '^[^:.]+') AS "what a row is"
FROM (
  SELECT schema_name, view_name AS name, comment FROM duckdb_views() WHERE NOT internal
  UNION ALL
  SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE NOT internal
)
QUALIFY row_number() OVER (PARTITION BY name ORDER BY schema_name DESC) = 1
ORDER BY comment IS NULL, name`;

/** The columns of that which a name without a schema stands for. */
const columnsSql = (
  name: string,
): string => `SELECT column_name AS name, data_type AS type, comment AS meaning
FROM duckdb_columns()
WHERE table_name = lower('${name}')
QUALIFY dense_rank() OVER (ORDER BY schema_name DESC) = 1
ORDER BY column_index`;

/** Strings, quoted names and comments, in which a semicolon ends nothing. */
const QUOTED = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$.*?\$\$|--[^\n]*|\/\*.*?\*\//gs;

/** Whether a semicolon outside of quotes and comments ends the text. */
function isWhole(text: string): boolean {
  const bare = text.replaceAll(QUOTED, ' ');
  return /;\s*$/.test(bare) && !/['"]|\$\$|\/\*/.test(bare);
}
