import { useState } from 'preact/hooks';
import { printable } from '../../../text/printable.js';
import type { TableName } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { go } from '../route.js';
import type { Asked } from '../session.js';
import { useAnswer, useSession } from '../session.js';
import { counted } from './counted.js';
import { valuesOf } from './field.js';
import { Outcome } from './outcome.js';

/** The tables of the backups; not asked for where there is no backup. */
export function useTables(isWanted = true): Asked<TableName[]> {
  const { opened } = useSession();
  return useAnswer(isWanted && opened.backups.length > 0 ? 'tables' : undefined, (engine, onProgress) =>
    engine.tables({}, onProgress),
  );
}

/** Asks a view about a table by its name. */
export function TableForm({
  view,
  label,
  database,
  table,
}: {
  view: 'find-commit' | 'plan';
  /** Of the button. */
  label: string;
  database: string | undefined;
  table: string | undefined;
}) {
  const tables = useTables();
  return (
    <form
      class="line-form"
      onSubmit={(event) => {
        event.preventDefault();
        const { database, table } = valuesOf(event);
        go(view, { database, table });
      }}
    >
      <TablePicker tables={tables} database={database} table={table} />
      {tables.state.kind === 'done' && tables.state.value.length > 0 && (
        <button type="submit">{label}</button>
      )}
    </form>
  );
}

/** Chooses a table by its database and name. */
export function TablePicker({
  tables,
  database,
  table,
}: {
  tables: Asked<TableName[]>;
  database: string | undefined;
  table: string | undefined;
}) {
  const { t, format } = useSettings();
  const { state } = tables;
  // a label alone is known as a backup, too
  if (state.kind === 'failed' && state.error.code === 'no-backup') {
    return <p class="muted">{t('page.needsBackup')}</p>;
  }
  return (
    <Outcome asked={tables} said={(all) => t('page.tables', counted(all.length, format))}>
      {(all) => <Selects all={all} database={database} table={table} />}
    </Outcome>
  );
}

function Selects({
  all,
  database,
  table,
}: {
  all: readonly TableName[];
  database: string | undefined;
  table: string | undefined;
}) {
  const { t } = useSettings();
  const databases = [...new Set(all.map((name) => name.database))];
  const [chosen, setChosen] = useState(database ?? all[0]?.database);
  if (all.length === 0) return <p>{t('page.noTables')}</p>;
  return (
    <>
      <Select
        name="database"
        label={t('page.database')}
        values={databases}
        chosen={chosen}
        onChoose={setChosen}
      />
      <Select
        key={chosen}
        name="table"
        label={t('page.table')}
        values={all.filter((name) => name.database === chosen).map((name) => name.table)}
        chosen={table}
      />
    </>
  );
}

function Select({
  name,
  label,
  values,
  chosen,
  onChoose,
}: {
  name: string;
  label: string;
  values: readonly string[];
  chosen: string | undefined;
  onChoose?: (value: string) => void;
}) {
  return (
    <label class="field">
      {label}
      <select name={name} onChange={({ currentTarget }) => onChoose?.(currentTarget.value)}>
        {values.map((value) => (
          <option key={value} value={value} selected={value === chosen}>
            {printable(value)}
          </option>
        ))}
      </select>
    </label>
  );
}
