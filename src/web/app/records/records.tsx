import { useEffect, useState } from 'preact/hooks';
import type { RecordList } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import { announce } from '../parts/announce.js';
import { counted } from '../parts/counted.js';
import { Outcome } from '../parts/outcome.js';
import { Problems } from '../parts/problems.js';
import { go, goInstead, type Params, useRoute } from '../route.js';
import { useAnswer, useSession } from '../session.js';
import { RecordDetailPanel } from './detail.js';
import { Filters, GoTo } from './filters.js';
import { RecordGrid } from './grid.js';
import { queryOf, withoutPlace } from './record-params.js';

const KEY = 'records ';

/** All records of a timeline, or those that the filters let through. */
export function RecordsView() {
  const { t, format } = useSettings();
  const { opened, answers } = useSession();
  const { params } = useRoute();
  const query = queryOf(params);
  const asked = useAnswer<RecordList>(`${KEY}${JSON.stringify(query)}`, (engine, onProgress) => {
    // the engine has one list
    for (const key of answers.keys()) if (key.startsWith(KEY)) answers.delete(key);
    return engine.records(query, onProgress);
  });
  const countText = ({ count, timeline }: RecordList): string => {
    const records = t('page.records.count', counted(count, format));
    return opened.timelines.length > 1 ? t('page.records.countOf', { records, timeline }) : records;
  };
  return (
    <section class="records" aria-labelledby="records-title">
      <h1 id="records-title" class="hidden">
        {t('page.views.records')}
      </h1>
      <Filters key={JSON.stringify(withoutPlace(params))} params={params} opened={opened} />
      <Outcome asked={asked} said={countText}>
        {(list) => (
          <>
            <div class="above">
              <p>{countText(list)}</p>
              <GoTo params={params} />
            </div>
            <Problems problems={list.problems} />
            {list.count > 0 && (
              <ListAndRecord
                key={list.id}
                list={list}
                params={params}
                timeline={list.timeline}
                again={asked.again}
              />
            )}
          </>
        )}
      </Outcome>
    </section>
  );
}

function ListAndRecord({
  list,
  params,
  timeline,
  again,
}: {
  list: RecordList;
  params: Params;
  timeline: number;
  again: () => void;
}) {
  const { t } = useSettings();
  const { client } = useSession();
  const [active, setActive] = useState(0);
  const { record } = params;
  const place = record ?? params.lsn;

  // to where a link says
  useEffect(() => {
    if (place === undefined) return;
    let isWanted = true;
    client
      .lookUp((engine) => engine.indexOf(list.id, place))
      .then((outcome) => {
        if (!isWanted) return;
        if (outcome.kind === 'done') setActive(Math.min(outcome.value, list.count - 1));
        if (outcome.kind === 'failed') announce(outcome.error.message);
      });
    return () => {
      isWanted = false;
    };
  }, [list.id, place]);

  const close = (): void => {
    goInstead('records', { ...params, record: undefined, lsn: record });
    document.querySelector<HTMLElement>('.grid [role="row"][tabindex="0"]')?.focus();
    announce(t('page.records.closed'));
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape within it, beside the button that closes
    <div
      class={`pair ${record === undefined ? '' : 'has-record'}`}
      onKeyDown={({ key }) => {
        if (key === 'Escape' && record !== undefined) close();
      }}
    >
      <div class="pair-list">
        <RecordGrid
          list={list.id}
          count={list.count}
          active={active}
          opened={record}
          onActive={setActive}
          onOpen={({ lsn }) => go('records', { ...params, lsn: undefined, record: lsn })}
          again={again}
        />
      </div>
      {record !== undefined && (
        <RecordDetailPanel timeline={timeline} lsn={record} params={params} close={close} />
      )}
    </div>
  );
}
