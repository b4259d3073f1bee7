import { useRef, useState } from 'preact/hooks';
import type { EngineProgress } from '../../engine/api.js';
import { useSettings } from '../../settings.js';
import type { EngineClient, Outcome } from '../engine-client.js';
import type { Collected } from '../files.js';
import { announce } from '../parts/announce.js';
import type { Session } from '../session.js';

/** What the page has to work with. */
export type Stock =
  | { kind: 'none' }
  | { kind: 'opening'; progress: EngineProgress | undefined }
  | { kind: 'refused'; outcome: Exclude<Outcome<never>, { kind: 'done' }>; collected: Collected }
  | { kind: 'open'; session: Session; collected: Collected; number: number };

/** Opens what was dropped or chosen. */
export function useStock(client: EngineClient) {
  const { t, format } = useSettings();
  const [stock, setStock] = useState<Stock>({ kind: 'none' });
  const running = useRef<AbortController | undefined>(undefined);
  const number = useRef(0);

  const open = async (collected: Collected, passphrase?: string): Promise<void> => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    number.current++;
    setStock({ kind: 'opening', progress: undefined });
    announce(t('page.working'));
    const outcome = await client.open(
      { files: collected.files, passphrase },
      {
        onProgress: (progress) => {
          if (running.current === controller) setStock({ kind: 'opening', progress });
        },
        signal: controller.signal,
      },
    );
    // others have been dropped in the meantime
    if (running.current !== controller) return;
    running.current = undefined;
    if (outcome.kind !== 'done') {
      setStock({ kind: 'refused', outcome, collected });
      return;
    }
    const opened = outcome.value;
    announce(t('page.opened.said', { version: opened.postgres, number: format.number(opened.segments) }));
    setStock({
      kind: 'open',
      session: { client, opened, answers: new Map() },
      collected,
      number: number.current,
    });
  };
  return { stock, open, cancel: () => running.current?.abort() };
}
