import { useEffect } from 'preact/hooks';
import { Overview } from '../../report/overview.js';
import { useSettings } from '../../settings.js';
import { Field, valuesOf } from '../parts/field.js';
import { Outcome } from '../parts/outcome.js';
import { TimeFields } from '../parts/time-fields.js';
import { go, useRoute } from '../route.js';
import { useAnswer } from '../session.js';

/** The report's charts. */
export function OverviewView() {
  const { t } = useSettings();
  const { params } = useRoute();
  const { since, until } = params;
  const asked = useAnswer(`report ${since} ${until}`, (engine, onProgress) =>
    engine.report({ since, until }, onProgress),
  );
  useEffect(() => {
    addEventListener('click', goWithin);
    return () => removeEventListener('click', goWithin);
  }, []);
  return (
    <>
      <TimeBounds view="overview" />
      <Outcome asked={asked} said={() => t('page.overview.said')}>
        {(report) => <Overview report={report} isPart />}
      </Outcome>
    </>
  );
}

/** Links of the report to its own parts: the fragment of the address says which view it is. */
function goWithin(event: Event): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const fragment = link?.getAttribute('href');
  if (!fragment?.startsWith('#') || fragment.startsWith('#/')) return;
  event.preventDefault();
  document.getElementById(fragment.slice(1))?.scrollIntoView();
}

/** From when to when a view looks. */
export function TimeBounds({ view }: { view: 'overview' | 'incidents' }) {
  const { t } = useSettings();
  const { params } = useRoute();
  return (
    <form
      key={JSON.stringify(params)}
      class="line-form"
      onSubmit={(event) => {
        event.preventDefault();
        go(view, valuesOf(event));
      }}
    >
      <TimeFields {...params} />
      {view === 'incidents' && (
        <Field
          name="rows"
          label={t('page.incidents.minRows')}
          value={params.rows}
          hint="1"
          pattern="\d{1,9}"
          title={t('page.forms.number')}
        />
      )}
      <button type="submit">{t('page.forms.apply')}</button>
    </form>
  );
}
