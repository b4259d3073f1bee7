import { useEffect, useState } from 'preact/hooks';
import { useSettings } from '../../settings.js';
import { announce } from './announce.js';

/** A button that copies text, and says that it did. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const { t } = useSettings();
  const [isDone, setIsDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setIsDone(false), 1600);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async (): Promise<void> => {
    const done = await copyText(text);
    setIsDone(done);
    announce(t(done ? 'common.copied' : 'page.notCopied'));
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      {isDone ? t('common.copied') : (label ?? t('common.copy'))}
    </button>
  );
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Text to be copied into a file or a terminal. */
export function Code({ text, shown, label }: { text: string; shown?: string; label: string }) {
  return (
    <div class="code">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: it is no part of a form */}
      <pre tabIndex={0} role="group" aria-label={label}>
        {shown ?? text}
      </pre>
      <Copy text={text} />
    </div>
  );
}
