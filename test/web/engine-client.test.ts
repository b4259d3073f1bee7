import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type EndableWorker, EngineClient } from '../../src/web/app/engine-client.js';

it('is cancelled at once, whatever the worker does', async () => {
  // the time after which a worker is ended never comes
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port2.close());
  // one that never answers
  const client = new EngineClient(() => port1 as unknown as EndableWorker);
  const first = new AbortController();
  const second = new AbortController();
  const calls = [first, second].map(({ signal }) =>
    client.open({ files: [] }, { onProgress: () => {}, signal }),
  );
  second.abort();
  expect(await calls[1]).toEqual({ kind: 'cancelled' });
  first.abort();
  expect(await calls[0]).toEqual({ kind: 'cancelled' });
  const third = client.open({ files: [] }, { onProgress: () => {}, signal: first.signal });
  expect(await third).toEqual({ kind: 'cancelled' });
});
