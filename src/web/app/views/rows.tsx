import { useEffect, useState } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import type { RowsFound, RowsQuery } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { counted } from '../parts/counted.js';
import { Field, LSN_PATTERN, valuesOf } from '../parts/field.js';
import { Outcome } from '../parts/outcome.js';
import { Problems } from '../parts/problems.js';
import { shortened } from '../parts/shortened.js';
import { TablePicker, useTables } from '../parts/table-picker.js';
import { TIME_PATTERN } from '../parts/times.js';
import { go, type Params, useRoute } from '../route.js';
import { useAnswer, useSession } from '../session.js';

const LIMIT = 1000;

/** A table's rows as of a moment, or those that a transaction deleted. */
export function RowsView() {
  const { t, format } = useSettings();
  const { opened } = useSession();
  const { params } = useRoute();
  const tables = useTables();
  const query = queryOf(params);
  const asked = useAnswer<RowsFound>(query && `rows ${JSON.stringify(query)}`, (engine, onProgress) =>
    engine.tableRows(query!, onProgress),
  );
  const countText = ({ rows, more }: RowsFound): string =>
    more
      ? t('page.rows.first', counted(rows.length, format))
      : t('page.rowsOf', counted(rows.length, format));
  return (
    <section aria-labelledby="rows-title">
      <h1 id="rows-title">{t('page.views.rows')}</h1>
      <p>{t('page.rows.intro')}</p>
      {opened.backups.length === 0 ? (
        <p class="notice">{t('page.rows.noBackup')}</p>
      ) : (
        <form
          key={JSON.stringify(params)}
          class="card"
          onSubmit={(event) => {
            event.preventDefault();
            go('rows', paramsOf(valuesOf(event)));
          }}
        >
          <div class="fields">
            <TablePicker tables={tables} database={params.database} table={params.table} />
          </div>
          <Question params={params} />
          <button type="submit" class="main" disabled={tables.state.kind !== 'done'}>
            {t('page.rows.show')}
          </button>
        </form>
      )}
      <Outcome asked={asked} said={countText}>
        {(found) => (
          <>
            <div class="above">
              <p>
                {countText(found)}
                {found.missing > 0 && ` · ${t('page.rows.missing', counted(found.missing, format))}`}
              </p>
              {query && <Download key={JSON.stringify(query)} query={query} table={query.table.table} />}
            </div>
            <Problems problems={found.problems} />
            <RowsTable found={found} name={params.table ?? ''} />
          </>
        )}
      </Outcome>
    </section>
  );
}

const QUESTIONS = ['last', 'deleted', 'time', 'lsn', 'end'] as const;
type QuestionName = (typeof QUESTIONS)[number];

function Question({ params }: { params: Params }) {
  const { t } = useSettings();
  const [question, setQuestion] = useState<QuestionName>(questionOf(params));
  return (
    <>
      <fieldset class="choices">
        <legend>{t('page.rows.which')}</legend>
        {QUESTIONS.map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="question"
              value={name}
              checked={name === question}
              onChange={() => setQuestion(name)}
            />
            {t(`page.rows.questions.${name}`)}
          </label>
        ))}
      </fieldset>
      {question === 'time' && (
        <Field
          name="time"
          label={t('common.time')}
          value={params.time}
          hint="2026-11-22 10:13:48.5"
          pattern={TIME_PATTERN}
          title={t('page.forms.time')}
          isRequired
        />
      )}
      {question === 'lsn' && (
        <Field
          name="lsn"
          label={t('common.lsn')}
          value={params.lsn}
          hint="0/03000060"
          pattern={LSN_PATTERN}
          title={t('page.forms.lsn')}
          isRequired
        />
      )}
      {question === 'deleted' && (
        <Field
          name="deleted"
          label={t('common.transaction')}
          value={params.deleted === 'last' ? undefined : params.deleted}
          hint="742"
          pattern="\d{1,10}"
          title={t('page.forms.number')}
          isRequired
        />
      )}
    </>
  );
}

function questionOf({ deleted, time, lsn, at }: Params): QuestionName {
  if (deleted !== undefined) return deleted === 'last' ? 'last' : 'deleted';
  if (time !== undefined) return 'time';
  if (lsn !== undefined) return 'lsn';
  return at === undefined ? 'last' : 'end';
}

/** What the form says as parameters of a link. */
function paramsOf(values: Params): Params {
  const { database, table, question, time, lsn, deleted } = values;
  return {
    database,
    table,
    time,
    lsn,
    deleted: question === 'last' ? 'last' : deleted,
    at: question === 'end' ? 'end' : undefined,
  };
}

/** What a link asks for; undefined where it names no table. */
function queryOf(params: Params): RowsQuery | undefined {
  const { database, table, time, lsn, deleted } = params;
  if (database === undefined || table === undefined) return undefined;
  const deletedBy = deleted === undefined || deleted === 'last' ? ('last' as const) : Number(deleted);
  const isDeleted = questionOf(params) === 'last' || deleted !== undefined;
  return {
    table: { database, table },
    question: isDeleted ? { kind: 'deleted-by', xid: deletedBy } : { kind: 'as-of', lsn, time },
    limit: LIMIT,
  };
}

function RowsTable({ found: { columns, rows }, name }: { found: RowsFound; name: string }) {
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scrolls" tabIndex={0} aria-label={printable(name)}>
      <table class="data">
        <thead>
          <tr>
            {columns.map(({ name, type }) => (
              <th key={name} scope="col">
                {printable(name)} <span class="type">{type !== null && printable(type)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((value, column) => (
                <td key={columns[column]?.name}>
                  {value === null ? <span class="null">NULL</span> : printable(shortened(value, MOST_SHOWN))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** So many characters of a value are shown; the file has all. */
const MOST_SHOWN = 400;

/** All rows as a file: those that are shown are the first ones. */
function Download({ query, table }: { query: RowsQuery; table: string }) {
  const { t } = useSettings();
  const [isWanted, setIsWanted] = useState(false);
  const { limit: _, ...all } = query;
  const asked = useAnswer<Blob>(
    isWanted ? `rows as a file ${JSON.stringify(all)}` : undefined,
    (engine, onProgress) => engine.rowsFile(all, onProgress),
  );
  const { state } = asked;
  const file = state.kind === 'done' ? state.value : undefined;
  useEffect(() => {
    if (file === undefined) return;
    save(file, `${table.replaceAll(/[^\p{L}\p{N}._-]/gu, '_')}.csv`);
    setIsWanted(false);
  }, [file]);
  return (
    <>
      <button type="button" onClick={() => setIsWanted(true)} disabled={state.kind === 'running'}>
        {t('page.rows.download')}
      </button>
      <Outcome asked={asked} said={() => t('page.rows.saved')}>
        {() => null}
      </Outcome>
    </>
  );
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
