import { describe, expect, it } from 'vitest';
import { LogClock } from '../../src/logs/clock.js';
import type { LogEntry } from '../../src/logs/entry.js';
import { entriesOf, findLogs } from '../../src/logs/log-files.js';
import { statementOf } from '../../src/logs/words.js';
import { NODE_READING } from '../../src/node/reading.js';

/** The same statements in each, `lc_messages` another: by a server of 17, and of 15 where its words are others. */
const LOGS = 'testdata/logs';

const utc = new LogClock(() => undefined);

async function readLog(path: string): Promise<LogEntry[]> {
  const problems: unknown[] = [];
  const [file] = await findLogs(path, undefined, utc, NODE_READING, (error) => problems.push(error));
  expect(problems).toEqual([]);
  const entries: LogEntry[] = [];
  for await (const some of entriesOf(file, utc, NODE_READING)) entries.push(...some);
  return entries;
}

/** What is the same in all languages. */
function factsOf({ user, database, application, severity, message, detail, statement }: LogEntry) {
  const told = statementOf(message);
  const isRaised = ['look out', 'told'].includes(message);
  return {
    ...{ user, database, application, severity, statement },
    told: told && { ...told, duration: told.duration === undefined ? 'none' : 'some' },
    hasDetail: detail !== undefined,
    message: isRaised ? message : '',
  };
}

const english = (await readLog(`${LOGS}/17-en_US.log.gz`)).map(factsOf);

const OTHERS = [
  ...[
    'de_DE',
    'es_ES',
    'fr_FR',
    'id_ID',
    'it_IT',
    'ja_JP',
    'ka_GE',
    'ko_KR',
    'pl_PL',
    'pt_BR',
    'ru_RU',
    'sv_SE',
  ],
  ...['tr_TR', 'uk_UA', 'zh_CN', 'zh_TW'],
].map((language) => `17-${language}`);

describe('a log in', () => {
  it.each([...OTHERS, '15-zh_CN'])('%s tells what the English one tells', async (name) => {
    const facts = (await readLog(`${LOGS}/${name}.log.gz`)).map(factsOf);
    // one word of Georgian stands for NOTICE and for WARNING
    const isOneWord = name.endsWith('ka_GE');
    const severityOf = (severity: string) => (isOneWord && severity === 'WARNING' ? 'NOTICE' : severity);
    const expected = english.map((fact) => ({ ...fact, severity: severityOf(fact.severity) }));
    expect(facts).toEqual(expected);
  });

  it('English tells of statements in each way that there is', () => {
    const told = english.flatMap((fact) => fact.told ?? []);
    expect(told).toContainEqual({ text: 'DELETE FROM t WHERE id = 1;', isExtended: false, duration: 'none' });
    expect(told).toContainEqual({ text: 'DELETE FROM t WHERE id = 1;', isExtended: false, duration: 'some' });
    expect(told).toContainEqual({
      text: 'DELETE\nFROM t\n\tWHERE id = 2;',
      isExtended: false,
      duration: 'none',
    });
    expect(told).toContainEqual({ text: 'DELETE FROM t WHERE id = $1 ', isExtended: true, duration: 'none' });
    expect(told).toContainEqual({ text: 'DELETE FROM t WHERE id = $1 ', isExtended: true, duration: 'some' });
    expect(told).toContainEqual({ text: undefined, isExtended: false, duration: 'some' });
    expect(english).toContainEqual(
      expect.objectContaining({ severity: 'ERROR', statement: 'DELETE FROM nothing;' }),
    );
    expect(english.some(({ user }) => user === undefined)).toBe(true);
  });
});
