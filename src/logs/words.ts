/** What the server says in a language, as its catalogs of messages have it (src/backend/po of PostgreSQL 15). */
interface Words {
  /** DEBUG, LOG, INFO, NOTICE, WARNING, ERROR, FATAL, PANIC. */
  severities: string;
  /** What lines of further fields begin with, as they are: DETAIL, STATEMENT, and all others. */
  detail: string;
  statement: string;
  others: readonly string[];
  /** `statement: %s` */
  ofStatement: string;
  /** `execute`, `execute fetch from` */
  execute: readonly string[];
  /** `duration: %s ms` */
  duration: readonly [before: string, after: string];
  /** What stands between that and the statement, where it is others than two spaces and {@link ofStatement}. */
  durationOf?: string;
}

const ENGLISH: Words = {
  severities: 'DEBUG LOG INFO NOTICE WARNING ERROR FATAL PANIC',
  detail: 'DETAIL:  ',
  statement: 'STATEMENT:  ',
  others: ['HINT:  ', 'QUERY:  ', 'CONTEXT:  ', 'LOCATION:  ', 'BACKTRACE:  '],
  ofStatement: 'statement: ',
  execute: ['execute fetch from ', 'execute '],
  duration: ['duration: ', ' ms'],
};

/** The languages that the server speaks. */
const LANGUAGES: readonly Words[] = [
  ENGLISH,
  // de
  {
    severities: 'DEBUG LOG INFO HINWEIS WARNUNG FEHLER FATAL PANIK',
    detail: 'DETAIL:  ',
    statement: 'ANWEISUNG:  ',
    others: ['TIPP:  ', 'ANFRAGE:  ', 'ZUSAMMENHANG:  ', 'ORT:  '],
    ofStatement: 'Anweisung: ',
    execute: ['Ausführen Fetch von ', 'Ausführen '],
    duration: ['Dauer: ', ' ms'],
  },
  // es
  {
    severities: 'DEBUG LOG INFO NOTICE WARNING ERROR FATAL PANIC',
    detail: 'DETALLE:  ',
    statement: 'SENTENCIA:  ',
    others: ['HINT:  ', 'CONSULTA:  ', 'CONTEXTO:  ', 'UBICACIÓN:  '],
    ofStatement: 'sentencia: ',
    execute: ['ejecutar fetch desde ', 'ejecutar '],
    duration: ['duración: ', ' ms'],
  },
  // fr
  {
    severities: 'DEBUG LOG INFO NOTICE ATTENTION ERREUR FATAL PANIC',
    detail: 'DÉTAIL:  ',
    statement: 'INSTRUCTION :  ',
    others: ['ASTUCE :  ', 'REQUÊTE :  ', 'CONTEXTE :  ', 'EMPLACEMENT :  ', "PILE D'APPEL : "],
    ofStatement: 'instruction : ',
    execute: ['exécute fetch à partir de ', 'exécute '],
    duration: ['durée : ', ' ms'],
    durationOf: ', instruction : ',
  },
  // it
  {
    severities: 'DEBUG LOG INFO NOTIFICA ATTENZIONE ERRORE FATALE PANICO',
    detail: 'DETTAGLI:  ',
    statement: 'ISTRUZIONE:  ',
    others: ['SUGGERIMENTO:  ', 'CONTESTO:  ', 'POSIZIONE:  '],
    ofStatement: 'istruzione: ',
    execute: ['esecuzione di fetch da ', 'esecuzione di '],
    duration: ['durata: ', ' ms'],
  },
  // ja
  {
    severities: 'DEBUG LOG INFO NOTICE WARNING ERROR FATAL PANIC',
    detail: '詳細:  ',
    statement: '文:  ',
    others: ['ヒント:  ', '問い合わせ:  ', '文脈:  ', '場所:  ', 'バックトレース:  '],
    ofStatement: '文: ',
    execute: ['取り出し実行 ', '実行 '],
    duration: ['期間: ', ' ミリ秒'],
  },
  // ka, whose NOTICE and WARNING are one word
  {
    severities: 'გამართვა ჟურნალი ინფორმაცია გაფრთხილება გაფრთხილება შეცდომა ფატალური პანიკა',
    detail: 'დეტალები:  ',
    statement: 'ოპერატორი:  ',
    others: ['მინიშნება:  ', 'მოთხოვნა:  ', 'კონტექსტი:  ', 'მდებარეობა:   ', 'სტეკი:  '],
    ofStatement: 'ოპერატორი: ',
    execute: ['გაშვება '],
    duration: ['ხანგრძლივობა: ', ' მწმ'],
    durationOf: '  გამოსახულება: ',
  },
  // ko
  {
    severities: '디버그 로그 정보 알림 경고 오류 치명적오류 손상',
    detail: '상세정보:  ',
    statement: '명령 구문:  ',
    others: ['힌트:  ', '쿼리:', '내용:  ', '위치: ', '역추적:  '],
    ofStatement: '명령 구문: ',
    execute: ['자료뽑기 ', '쿼리실행 '],
    duration: ['실행시간: ', ' ms'],
  },
  // ru
  {
    severities: 'ОТЛАДКА СООБЩЕНИЕ ИНФОРМАЦИЯ ЗАМЕЧАНИЕ ПРЕДУПРЕЖДЕНИЕ ОШИБКА ВАЖНО ПАНИКА',
    detail: 'ПОДРОБНОСТИ:  ',
    statement: 'ОПЕРАТОР:  ',
    others: ['ПОДСКАЗКА:  ', 'ЗАПРОС:  ', 'КОНТЕКСТ:  ', 'ПОЛОЖЕНИЕ: ', 'СТЕК:  '],
    ofStatement: 'оператор: ',
    execute: ['выборка из ', 'выполнение '],
    duration: ['продолжительность: ', ' мс'],
    durationOf: ', оператор: ',
  },
  // sv
  {
    severities: 'DEBUG LOGG INFO NOTIS VARNING FEL FATALT PANIK',
    detail: 'DETALJ:  ',
    statement: 'SATS:  ',
    others: ['TIPS:  ', 'FRÅGA:  ', 'KONTEXT:  ', 'PLATS:  '],
    ofStatement: 'sats: ',
    execute: ['kör hämtning från ', 'kör '],
    duration: ['varaktighet: ', ' ms'],
  },
  // uk
  {
    severities: 'НАЛАГОДЖЕННЯ ЗАПИСУВАННЯ ІНФОРМАЦІЯ ПОВІДОМЛЕННЯ ПОПЕРЕДЖЕННЯ ПОМИЛКА ФАТАЛЬНО ПАНІКА',
    detail: 'ВІДОМОСТІ:  ',
    statement: 'ІНСТРУКЦІЯ:  ',
    others: ['УКАЗІВКА:  ', 'ЗАПИТ:  ', 'КОНТЕКСТ:  ', 'РОЗТАШУВАННЯ:  ', 'ВІДСТЕЖУВАТИ:  '],
    ofStatement: 'оператор: ',
    execute: ['виконати витягнення з ', 'виконувати '],
    duration: ['тривалість: ', ' мс'],
    durationOf: ', оператор: ',
  },
  // zh_CN
  {
    severities: '调试 日志 信息 注意 警告 错误 致命错误 比致命错误还过分的错误',
    detail: '详细信息:  ',
    statement: '语句:  ',
    others: ['提示:  ', '查询:  ', '上下文:  ', '位置:  '],
    ofStatement: '语句: ',
    execute: ['执行FETCH操作 ', '执行 '],
    duration: ['执行时间: ', ' ms'],
    durationOf: ' 语句: ',
  },
];

const SEVERITIES = ENGLISH.severities.split(' ');

/** Severities in English by their words in all languages. */
const ENGLISH_OF = new Map<string, string>();
for (const { severities } of LANGUAGES) {
  for (const [i, word] of severities.split(' ').entries()) {
    if (!ENGLISH_OF.has(word)) ENGLISH_OF.set(word, SEVERITIES[i]);
  }
}

/** A severity in English; as it is where it is in no language that is known. */
export const severityOf = (word: string): string => ENGLISH_OF.get(word) ?? word;

/** What a line of the log is: the message itself, or more that belongs to the message before. */
export type LineKind = 'message' | 'detail' | 'statement' | 'other';

/** What lines begin with, and what they are then. */
const HEADS = new Map<string, { kind: LineKind; severity: string }>([
  ...Array.from(ENGLISH_OF, ([word, severity]) => [`${word}:  `, { kind: 'message', severity }] as const),
  ...LANGUAGES.flatMap(({ detail, statement, others }) => [
    [detail, { kind: 'detail', severity: '' }] as const,
    [statement, { kind: 'statement', severity: '' }] as const,
    ...others.map((other) => [other, { kind: 'other', severity: '' }] as const),
  ]),
]);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The longest first, for one may begin with another. */
const oneOf = (texts: Iterable<string>): string =>
  [...new Set(texts)]
    .sort((a, b) => b.length - a.length)
    .map(escaped)
    .join('|');

const HEAD = new RegExp(oneOf(HEADS.keys()), 'y');

/** What a line says from a place on that its prefix ends at; undefined where that is none of the server's. */
export function headAt(
  line: string,
  at: number,
): { kind: LineKind; severity: string; message: string } | undefined {
  HEAD.lastIndex = at;
  const found = HEAD.exec(line)?.[0];
  if (found === undefined) return undefined;
  return { ...HEADS.get(found)!, message: line.slice(at + found.length) };
}

/** How a statement is told of. */
export interface StatementTold {
  /** Undefined where only its duration is told. */
  text: string | undefined;
  /** Whether the client sent it in parts (Parse, Bind, Execute): its transaction ends later than it does. */
  isExtended: boolean;
  /** In milliseconds; told when it has ended. */
  duration: number | undefined;
}

const DURATION = new RegExp(
  `^(?:${oneOf(LANGUAGES.map(({ duration }) => duration[0]))})([\\d.]{1,20})(?:${oneOf(LANGUAGES.map(({ duration }) => duration[1]))})(?=\\P{L}|$)`,
  'u',
);
const STATEMENT = new RegExp(
  `^(?:${oneOf(LANGUAGES.flatMap(({ ofStatement, durationOf }) => [ofStatement, `  ${ofStatement}`, durationOf ?? ofStatement]))})`,
);
/** The name of a prepared statement, and with a slash of its portal. */
const EXECUTE = new RegExp(`^ {0,2}(?:${oneOf(LANGUAGES.flatMap(({ execute }) => execute))})[^:]{1,200}: `);

/**
 * What a message tells of a statement, as `log_statement`, `log_duration` and `log_min_duration_statement` have it told
 * (`exec_simple_query` and `exec_execute_message`, src/backend/tcop/postgres.c).
 */
export function statementOf(message: string): StatementTold | undefined {
  const timed = DURATION.exec(message);
  const duration = timed === null ? undefined : Number(timed[1]);
  const rest = timed === null ? message : message.slice(timed[0].length);
  const simple = STATEMENT.exec(rest);
  if (simple !== null) return { text: rest.slice(simple[0].length), isExtended: false, duration };
  const execute = EXECUTE.exec(rest);
  if (execute !== null) return { text: rest.slice(execute[0].length), isExtended: true, duration };
  // parsing and binding are told of like that as well, and do nothing
  return timed === null || rest !== '' ? undefined : { text: undefined, isExtended: false, duration };
}
