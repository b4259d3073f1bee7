import { rmgrNames } from '../../../rmgr/index.js';
import { printable } from '../../../text/printable.js';
import type { Opened } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { Field, LSN_PATTERN, RELATION_PATTERN, valuesOf } from '../parts/field.js';
import { TimeFields } from '../parts/time-fields.js';
import { FILTERS, go, type Params } from '../route.js';

/** Chooses records; what it says stands in the link. */
export function Filters({ params, opened }: { params: Params; opened: Opened }) {
  const { t } = useSettings();
  const { timelines } = opened;
  const newest = String(Math.max(...timelines));
  const chosen = new Set(params.rmgr?.split(','));
  const given = FILTERS.filter((name) => params[name] !== undefined);
  const apply = (event: SubmitEvent): void => {
    event.preventDefault();
    go('records', { ...valuesOf(event), lsn: params.record ?? params.lsn });
  };
  return (
    <details class="card filters">
      <summary>
        {t('page.records.filters')}
        {given.map((name) => (
          <span key={name} class="pill">
            {name === 'fpi' ? t('page.records.fullPage') : printable(`${name}: ${params[name]}`)}
          </span>
        ))}
      </summary>
      <form onSubmit={apply}>
        <fieldset class="rmgrs">
          <legend>{t('page.records.rmgr')}</legend>
          {rmgrNames(opened.postgres).map((name) => (
            <label key={name}>
              <input type="checkbox" name="rmgr" value={name} defaultChecked={chosen.has(name)} />
              {name}
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <Field name="kind" label={t('common.kind')} value={params.kind} hint="INSERT+INIT" />
          <Field
            name="rel"
            label={t('common.relation')}
            value={params.rel}
            hint="16386"
            pattern={RELATION_PATTERN}
            title={t('page.forms.relation')}
          />
          <Field
            name="xid"
            label={t('common.transaction')}
            value={params.xid}
            hint="742"
            pattern="\d{1,10}"
            title={t('page.forms.number')}
          />
          <Field
            name="start"
            label={t('page.records.start')}
            value={params.start}
            hint="0/03000060"
            pattern={LSN_PATTERN}
            title={t('page.forms.lsn')}
          />
          <Field
            name="end"
            label={t('page.records.end')}
            value={params.end}
            hint="0/04000000"
            pattern={LSN_PATTERN}
            title={t('page.forms.lsn')}
          />
          <TimeFields {...params} />
          {timelines.length > 1 && (
            <label class="field">
              {t('common.timeline')}
              <select name="timeline">
                {timelines.map((timeline) => (
                  <option
                    key={timeline}
                    value={timeline}
                    selected={String(timeline) === (params.timeline ?? newest)}
                  >
                    {timeline}
                  </option>
                ))}
              </select>
            </label>
          )}
          <label class="check">
            <input type="checkbox" name="fpi" value="1" defaultChecked={params.fpi !== undefined} />
            {t('page.records.fullPage')}
          </label>
        </div>
        <p class="buttons">
          <button type="submit" class="main">
            {t('page.forms.apply')}
          </button>
          <button type="button" onClick={() => go('records')}>
            {t('page.forms.clear')}
          </button>
        </p>
      </form>
    </details>
  );
}

/** Goes to a place in the list. */
export function GoTo({ params }: { params: Params }) {
  const { t } = useSettings();
  return (
    <form
      class="go-to"
      onSubmit={(event) => {
        event.preventDefault();
        go('records', { ...params, record: undefined, lsn: valuesOf(event).lsn });
      }}
    >
      <Field
        name="lsn"
        label={t('page.records.goTo')}
        value={params.lsn}
        hint="0/03000060"
        pattern={LSN_PATTERN}
        title={t('page.forms.lsn')}
        isRequired
      />
      <button type="submit">{t('page.records.go')}</button>
    </form>
  );
}
