import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { printable } from '../../text/printable.js';
import EngineWorker from '../engine/worker.js?worker&inline';
import { SettingsBar, SettingsProvider, useSettings } from '../settings.js';
import { EngineClient } from './engine-client.js';
import { DropZone, useDrop } from './open/drop-zone.js';
import { OpenedFacts, Unread } from './open/opened-facts.js';
import { PassphraseForm } from './open/passphrase.js';
import { useStock } from './open/stock.js';
import { Announcer } from './parts/announce.js';
import { Failure, Working } from './parts/outcome.js';
import { RecordsView } from './records/records.js';
import { href, useRoute, VIEWS, type View, wrongNumber } from './route.js';
import { SessionContext } from './session.js';
import { FindCommitView } from './views/find-commit.js';
import { IncidentsView } from './views/incidents.js';
import { OverviewView } from './views/overview.js';
import { PlanView } from './views/plan.js';
import { RowsView } from './views/rows.js';

const client = new EngineClient(() => new EngineWorker());

const CONTENT: Record<View, () => ComponentChildren> = {
  overview: () => <OverviewView />,
  records: () => <RecordsView />,
  'find-commit': () => <FindCommitView />,
  incidents: () => <IncidentsView />,
  rows: () => <RowsView />,
  plan: () => <PlanView />,
};

export function App() {
  return (
    <SettingsProvider>
      <Page />
    </SettingsProvider>
  );
}

function Page() {
  const { t } = useSettings();
  const { view, params } = useRoute();
  const wrong = wrongNumber(params);
  const { stock, open, cancel } = useStock(client);
  const [isOpening, setIsOpening] = useState(false);
  const isOver = useDrop((collected) => {
    setIsOpening(false);
    open(collected);
  });
  useEffect(() => {
    document.title = `${t(`page.views.${view}`)} · walscan`;
  }, [view, t]);
  const main = useFocusOnChange(view, stock.kind);
  const isOpen = stock.kind === 'open';
  const showsDropZone = stock.kind !== 'opening' && (!isOpen || isOpening);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {t('report.skip')}
      </button>
      <header class="bar">
        <span class="brand">walscan</span>
        <nav aria-label={t('page.navigation')}>
          {VIEWS.map((name) => (
            <a key={name} href={href(name)} aria-current={name === view ? 'page' : undefined}>
              {t(`page.views.${name}`)}
            </a>
          ))}
        </nav>
        {isOpen && (
          <button type="button" aria-expanded={isOpening} onClick={() => setIsOpening(!isOpening)}>
            {t('page.drop.others')}
          </button>
        )}
        <SettingsBar />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {showsDropZone && (
          <DropZone
            isWelcome={!isOpen}
            awaiting={location.hash.length > 2 ? view : undefined}
            onCollected={(collected) => {
              setIsOpening(false);
              open(collected);
            }}
          />
        )}
        {stock.kind === 'opening' && <Working progress={stock.progress} cancel={cancel} />}
        {stock.kind === 'refused' && (
          <>
            <Failure state={stock.outcome} again={() => open(stock.collected)} />
            {stock.outcome.kind === 'failed' && stock.outcome.error.code === 'encrypted' && (
              <PassphraseForm open={(passphrase) => open(stock.collected, passphrase)} />
            )}
            <Unread collected={stock.collected} passedOver={[]} />
          </>
        )}
        {isOpen && (
          <SessionContext.Provider value={stock.session} key={stock.number}>
            <OpenedFacts
              opened={stock.session.opened}
              collected={stock.collected}
              isFull={view === 'overview'}
            />
            {wrong === undefined ? (
              CONTENT[view]()
            ) : (
              <p class="notice bad" role="alert">
                {t('page.wrongNumber', { value: printable(wrong) })}
              </p>
            )}
          </SessionContext.Provider>
        )}
      </main>
      {!showsDropZone && (
        <footer>
          <p>{t('page.privacy')}</p>
        </footer>
      )}
      {isOver && <div class="over">{t('page.drop.now')}</div>}
      <Announcer />
    </>
  );
}

/** Whoever goes to another view, or opens files, by the keyboard is at the beginning of what came of it. */
function useFocusOnChange(view: View, kind: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(view);
  useEffect(() => {
    if (before.current === view) return;
    before.current = view;
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [view]);
  useEffect(() => {
    // the button that was pressed has gone
    if (kind !== 'none' && document.activeElement === document.body) main.current?.focus();
  }, [kind]);
  return main;
}
