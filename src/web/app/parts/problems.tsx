import { printable } from '../../../text/printable.js';
import type { Problem } from '../../../wal/error.js';
import { useSettings } from '../../settings.js';
import { href } from '../route.js';
import { counted } from './counted.js';

/** So many are listed. */
const LISTED = 100;

/** What could not be read, in walscan's own words. */
export function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t, format } = useSettings();
  if (problems.length === 0) return null;
  return (
    <section class="notice warn" aria-label={t('page.problems')}>
      <ul>
        {problems.slice(0, LISTED).map(({ code, message, lsn }, i) => (
          <li key={i}>
            <span lang="en">{printable(message)}</span> <code>{code}</code>{' '}
            {lsn && <a href={href('records', { lsn })}>{lsn}</a>}
          </li>
        ))}
      </ul>
      {problems.length > LISTED && <p>{t('page.more', counted(problems.length - LISTED, format))}</p>}
    </section>
  );
}
