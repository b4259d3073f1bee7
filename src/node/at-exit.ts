/** What ends a process unless it listens, and can be listened to. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const waiting = new Set<() => void>();

/**
 * Calls back before the process ends, also by a signal. Those that nobody else listens to end it as they would have.
 * @returns what calls back now, and never again
 */
export function atExit(work: () => void): () => void {
  if (waiting.size === 0) listen();
  waiting.add(work);
  return () => {
    if (!waiting.delete(work)) return;
    work();
    if (waiting.size === 0) stopListening();
  };
}

function listen(): void {
  process.on('exit', callAll);
  // first, while those who listen once are still listening
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
}

function stopListening(): void {
  process.off('exit', callAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function callAll(): void {
  for (const work of waiting) work();
}

function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  callAll();
  waiting.clear();
  stopListening();
  process.kill(process.pid, signal);
}
