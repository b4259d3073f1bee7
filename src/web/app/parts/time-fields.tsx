import { useSettings } from '../../settings.js';
import type { Params } from '../route.js';
import { Field } from './field.js';
import { TIME_PATTERN } from './times.js';

/** From when, and until when. */
export function TimeFields({ since, until }: Pick<Params, 'since' | 'until'>) {
  const { t } = useSettings();
  const [pattern, title] = [TIME_PATTERN, t('page.forms.time')];
  return (
    <>
      <Field
        {...{ name: 'since', value: since, pattern, title }}
        label={t('page.forms.since')}
        hint="2026-11-22 10:13:48"
      />
      <Field
        {...{ name: 'until', value: until, pattern, title }}
        label={t('page.forms.until')}
        hint="2026-11-22 10:14"
      />
    </>
  );
}
