import { type Params, paramsIn } from '../route.js';
import { timeToIso } from './times.js';

/** `X/X`, as PostgreSQL writes LSNs. */
export const LSN_PATTERN = '[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}';
/** `relfilenode` or `tablespace/database/relfilenode`. */
export const RELATION_PATTERN = '(\\d{1,10}/\\d{1,10}/)?\\d{1,10}';
/** A text field with a label. */
export function Field({
  name,
  label,
  value,
  hint,
  pattern,
  title,
  isRequired = false,
}: {
  name: string;
  label: string;
  value: string | undefined;
  /** An example of what to write. */
  hint: string;
  pattern?: string;
  /** What the pattern asks for, in words. */
  title?: string;
  isRequired?: boolean;
}) {
  return (
    <label class="field">
      {label}
      <input
        type="text"
        name={name}
        defaultValue={value ?? ''}
        placeholder={hint}
        pattern={pattern}
        title={title}
        required={isRequired}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
      />
    </label>
  );
}

/** What a form says; empty fields are left out, and of several boxes of one name all that are ticked are told. */
export function valuesOf(event: Event): Params {
  const data = new FormData(event.currentTarget as HTMLFormElement);
  const { since, until, time, ...others } = paramsIn(data);
  return {
    ...others,
    rmgr: data.getAll('rmgr').join(','),
    since: timeToIso(since),
    until: timeToIso(until),
    time: timeToIso(time),
  };
}
