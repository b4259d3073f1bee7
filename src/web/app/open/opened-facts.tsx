import { printable } from '../../../text/printable.js';
import type { Problem } from '../../../wal/error.js';
import type { Opened } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import type { Collected } from '../files.js';
import { counted } from '../parts/counted.js';
import { Problems } from '../parts/problems.js';
import { href } from '../route.js';

/** What was opened: in one line, or on the overview in full. */
export function OpenedFacts({
  opened,
  collected,
  isFull,
}: {
  opened: Opened;
  collected: Collected;
  isFull: boolean;
}) {
  const { t, format } = useSettings();
  const { postgres, systemIdentifier, segments, segmentSize, startLsn, endLsn, timelines, backups } = opened;
  const amount = `${t('page.opened.segments', counted(segments, format))} × ${segmentSize / 2 ** 20} MiB`;
  if (!isFull) {
    return (
      <p class="opened-line">
        PostgreSQL {postgres} · {amount} · <span class="mono">{startLsn}</span> –{' '}
        <span class="mono">{endLsn}</span>
        <Warnings problems={opened.problems} />
      </p>
    );
  }
  return (
    <section class="card opened" aria-labelledby="opened-title">
      <h1 id="opened-title">PostgreSQL {postgres}</h1>
      <dl class="facts">
        <Fact name={t('report.summary.systemIdentifier')} value={systemIdentifier} />
        <Fact name={t('report.timelines.segments')} value={amount} />
        <Fact name={t('report.summary.range')} value={`${startLsn} – ${endLsn}`} />
        <Fact name={t('common.timelines')} value={timelines.join(', ')} />
        <Fact
          name={t('report.summary.backups')}
          value={
            backups.length === 0 ? t('common.none') : backups.map(({ name }) => printable(name)).join(', ')
          }
        />
      </dl>
      <Problems problems={opened.problems} />
      <Unread collected={collected} passedOver={opened.passedOver} />
    </section>
  );
}

function Warnings({ problems }: { problems: readonly Problem[] }) {
  const { t, format } = useSettings();
  if (problems.length === 0) return null;
  return (
    <>
      {' · '}
      <a href={href('overview')}>{t('page.opened.problems', counted(problems.length, format))}</a>
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** So many are listed. */
const LISTED = 200;

/** Files that are of no use here, and those that the browser did not give. */
export function Unread({
  collected: { unreadable, isCut, files },
  passedOver,
}: {
  collected: Collected;
  passedOver: Opened['passedOver'];
}) {
  const { t, format } = useSettings();
  const all = [
    ...unreadable,
    ...passedOver.map(({ path, reason }) => ({ path, reason: t(`page.opened.reasons.${reason}`) })),
  ];
  return (
    <>
      {isCut && <p class="notice">{t('page.opened.tooMany', { number: format.number(files.length) })}</p>}
      {all.length > 0 && (
        <details>
          <summary>{t('page.opened.passedOver', counted(all.length, format))}</summary>
          <ul class="plain">
            {all.slice(0, LISTED).map(({ path, reason }) => (
              <li key={path}>
                <span class="mono">{printable(path)}</span> {printable(reason)}
              </li>
            ))}
          </ul>
          {all.length > LISTED && <p>{t('page.more', counted(all.length - LISTED, format))}</p>}
        </details>
      )}
    </>
  );
}
