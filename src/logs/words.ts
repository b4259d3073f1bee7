/** What the server says in a language, as its catalogs of messages have it (src/backend/po of PostgreSQL 13 to 19). */
interface Words {
  /** DEBUG, LOG, INFO, NOTICE, WARNING, ERROR, FATAL, PANIC, with `|` between them. */
  severities: string;
  /** What lines of further fields begin with, as they are: DETAIL, STATEMENT, and all others. */
  detail: string;
  statement: string;
  others: readonly string[];
  /** `statement: %s` */
  ofStatement: string;
  /** `execute`, `execute fetch from` */
  execute: readonly string[];
  /** `duration: %s ms`, of which some catalogs have several forms. */
  duration: readonly [before: readonly string[], after: readonly string[]];
  /** What stands between that and the statement, where it is others than two spaces and {@link ofStatement}. */
  durationOf?: string;
}

const ENGLISH: Words = {
  severities: 'DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC',
  detail: 'DETAIL:  ',
  statement: 'STATEMENT:  ',
  others: ['HINT:  ', 'QUERY:  ', 'CONTEXT:  ', 'LOCATION:  ', 'BACKTRACE:  '],
  ofStatement: 'statement: ',
  execute: ['execute fetch from ', 'execute '],
  duration: [['duration: '], [' ms']],
};

/** The languages that the server speaks. */
const LANGUAGES: readonly Words[] = [
  ENGLISH,
  // de
  {
    severities: 'DEBUG|LOG|INFO|HINWEIS|WARNUNG|FEHLER|FATAL|PANIK',
    detail: 'DETAIL:  ',
    statement: 'ANWEISUNG:  ',
    others: ['TIPP:  ', 'ANFRAGE:  ', 'ZUSAMMENHANG:  ', 'ORT:  '],
    ofStatement: 'Anweisung: ',
    execute: ['Ausführen Fetch von ', 'Ausführen '],
    duration: [['Dauer: '], [' ms']],
  },
  // es
  {
    severities: 'DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC',
    detail: 'DETALLE:  ',
    statement: 'SENTENCIA:  ',
    others: ['HINT:  ', 'CONSULTA:  ', 'CONTEXTO:  ', 'UBICACIÓN:  '],
    ofStatement: 'sentencia: ',
    execute: ['ejecutar fetch desde ', 'ejecutar '],
    duration: [['duración: '], [' ms']],
  },
  // fr
  {
    severities: 'DEBUG|LOG|INFO|NOTICE|ATTENTION|ERREUR|FATAL|PANIC',
    detail: 'DÉTAIL:  ',
    statement: 'INSTRUCTION :  ',
    others: ['ASTUCE :  ', 'REQUÊTE :  ', 'CONTEXTE :  ', 'EMPLACEMENT :  ', "PILE D'APPEL : "],
    ofStatement: 'instruction : ',
    execute: ['exécute fetch à partir de ', 'exécute '],
    duration: [['durée : '], [' ms']],
    durationOf: ', instruction : ',
  },
  // id
  {
    severities: 'DEBUG|LOG|INFO|NOTICE|PERINGATAN|ERROR|FATAL|PANIK',
    detail: 'DETIL:  ',
    statement: 'PERNYATAAN:  ',
    others: ['PETUNJUK :  ', 'QUERY :  ', 'KONTEKS:  ', 'LOKASI:  '],
    ofStatement: 'perintah: ',
    execute: ["menjalankan 'fetch' dari ", 'menjalankan '],
    duration: [['durasi: '], [' ms']],
    durationOf: ', perintah: ',
  },
  // it
  {
    severities: 'DEBUG|LOG|INFO|NOTIFICA|ATTENZIONE|ERRORE|FATALE|PANICO',
    detail: 'DETTAGLI:  ',
    statement: 'ISTRUZIONE:  ',
    others: ['SUGGERIMENTO:  ', 'CONTESTO:  ', 'POSIZIONE:  '],
    ofStatement: 'istruzione: ',
    execute: ['esecuzione di fetch da ', 'esecuzione di '],
    duration: [['durata: '], [' ms']],
  },
  // ja
  {
    severities: 'DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC',
    detail: '詳細:  ',
    statement: '文:  ',
    others: ['ヒント:  ', '問い合わせ:  ', '文脈:  ', '場所:  ', 'バックトレース:  '],
    ofStatement: '文: ',
    execute: ['取り出し実行 ', '実行 '],
    duration: [['期間: '], [' ミリ秒']],
  },
  // ka, whose NOTICE and WARNING are one word
  {
    severities: 'გამართვა|ჟურნალი|ინფორმაცია|გაფრთხილება|გაფრთხილება|შეცდომა|ფატალური|პანიკა',
    detail: 'დეტალები:  ',
    statement: 'ოპერატორი:  ',
    others: ['მინიშნება:  ', 'მოთხოვნა:  ', 'კონტექსტი:  ', 'მდებარეობა:   ', 'სტეკი:  '],
    ofStatement: 'ოპერატორი: ',
    execute: ['გაშვება '],
    duration: [['ხანგრძლივობა: '], [' მწმ', ' მწმs']],
    durationOf: '  გამოსახულება: ',
  },
  // ko
  {
    severities: '디버그|로그|정보|알림|경고|오류|치명적오류|손상',
    detail: '상세정보:  ',
    statement: '명령 구문:  ',
    others: ['힌트:  ', '쿼리:', '내용:  ', '위치: ', '역추적:  '],
    ofStatement: '명령 구문: ',
    execute: ['자료뽑기 ', '쿼리실행 '],
    duration: [['실행시간: ', '수행시간: '], [' ms']],
  },
  // pl
  {
    severities: 'DEBUG|DZIENNIK|INFORMACJA|UWAGA|OSTRZEŻENIE|BŁĄD|KATASTROFALNY|PANIKA',
    detail: 'SZCZEGÓŁY:  ',
    statement: 'WYRAŻENIE:  ',
    others: ['PODPOWIEDŹ:  ', 'ZAPYTANIE:  ', 'KONTEKST:  ', 'POZYCJA:  '],
    ofStatement: 'wyrażenie: ',
    execute: ['wykonanie pobrania z ', 'wykonanie '],
    duration: [['czas trwania: '], [' ms']],
  },
  // pt_BR
  {
    severities: 'DEPURAÇÃO|LOG|INFO|NOTA|AVISO|ERRO|FATAL|PÂNICO',
    detail: 'DETALHE:  ',
    statement: 'COMANDO:  ',
    others: ['DICA:  ', 'CONSULTA:  ', 'CONTEXTO:  ', 'LOCAL:  '],
    ofStatement: 'comando: ',
    execute: ['executar busca de ', 'executar '],
    duration: [['duração: '], [' ms']],
  },
  // ru
  {
    severities: 'ОТЛАДКА|СООБЩЕНИЕ|ИНФОРМАЦИЯ|ЗАМЕЧАНИЕ|ПРЕДУПРЕЖДЕНИЕ|ОШИБКА|ВАЖНО|ПАНИКА',
    detail: 'ПОДРОБНОСТИ:  ',
    statement: 'ОПЕРАТОР:  ',
    others: ['ПОДСКАЗКА:  ', 'ЗАПРОС:  ', 'КОНТЕКСТ:  ', 'ПОЛОЖЕНИЕ: ', 'СТЕК:  '],
    ofStatement: 'оператор: ',
    execute: ['выборка из ', 'выполнение '],
    duration: [['продолжительность: '], [' мс']],
    durationOf: ', оператор: ',
  },
  // sv
  {
    severities: 'DEBUG|LOGG|INFO|NOTIS|VARNING|FEL|FATALT|PANIK',
    detail: 'DETALJ:  ',
    statement: 'SATS:  ',
    others: ['TIPS:  ', 'FRÅGA:  ', 'KONTEXT:  ', 'PLATS:  '],
    ofStatement: 'sats: ',
    execute: ['kör hämtning från ', 'kör '],
    duration: [['varaktighet: ', 'varaktighet '], [' ms']],
  },
  // tr
  {
    severities: 'DEBUG|LOG|BİLGİ|NOT|UYARI|HATA|ÖLÜMCÜL (FATAL)|KRİTİK',
    detail: 'AYRINTI:',
    statement: 'KOMUT:  ',
    others: ['İPUCU:', 'SORGU:', 'ORTAM:', 'YER: '],
    ofStatement: 'komut: ',
    execute: ['execute fetch from ', 'execute '],
    duration: [['süre: '], [' milisaniye']],
  },
  // uk
  {
    severities: 'НАЛАГОДЖЕННЯ|ЗАПИСУВАННЯ|ІНФОРМАЦІЯ|ПОВІДОМЛЕННЯ|ПОПЕРЕДЖЕННЯ|ПОМИЛКА|ФАТАЛЬНО|ПАНІКА',
    detail: 'ВІДОМОСТІ:  ',
    statement: 'ІНСТРУКЦІЯ:  ',
    others: ['УКАЗІВКА:  ', 'ЗАПИТ:  ', 'КОНТЕКСТ:  ', 'РОЗТАШУВАННЯ:  ', 'ВІДСТЕЖУВАТИ:  '],
    ofStatement: 'оператор: ',
    execute: ['виконати витягнення з ', 'виконувати '],
    duration: [['тривалість: '], [' мс']],
    durationOf: ', оператор: ',
  },
  // zh_CN, up to 15
  {
    severities: '调试|日志|信息|注意|警告|错误|致命错误|比致命错误还过分的错误',
    detail: '详细信息:  ',
    statement: '语句:  ',
    others: ['提示:  ', '查询:  ', '上下文:  ', '位置:  '],
    ofStatement: '语句: ',
    // no space follows them where a duration goes before
    execute: ['执行FETCH操作 ', '执行 ', '执行FETCH操作', '执行'],
    duration: [['执行时间: '], [' ms']],
    durationOf: ' 语句: ',
  },
  // zh_CN, since 16
  {
    severities: '调试|日志|信息|注意|警告|错误|致命错误|灾难性错误',
    detail: '详情:  ',
    statement: '语句:  ',
    others: ['提示:  ', '查询:  ', '上下文:  ', '位置:  ', '回溯:  '],
    ofStatement: '语句: ',
    execute: ['执行提取，来源为 ', '执行 '],
    duration: [['耗时: '], [' ms']],
  },
  // zh_TW
  {
    severities: '除錯|日誌|資訊|注意|警告|錯誤|致命錯誤|嚴重錯誤',
    detail: '詳情:  ',
    statement: '陳述式:  ',
    others: ['提示:  ', '查詢:  ', '上下文:  ', '位置:  ', '回溯:  '],
    ofStatement: '陳述式: ',
    execute: ['執行擷取，來源為 ', '執行 '],
    duration: [['持續時間: '], [' 毫秒']],
  },
];

const SEVERITIES = ENGLISH.severities.split('|');

/** Severities in English by their words in all languages. */
const ENGLISH_OF = new Map<string, string>();
for (const { severities } of LANGUAGES) {
  for (const [i, word] of severities.split('|').entries()) {
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
  `^(?:${oneOf(LANGUAGES.flatMap(({ duration }) => duration[0]))})([\\d.]{1,20})(?:${oneOf(LANGUAGES.flatMap(({ duration }) => duration[1]))})(?=\\P{L}|$)`,
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
