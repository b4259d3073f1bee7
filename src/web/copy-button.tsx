import { useEffect, useState } from 'preact/hooks';
import { useSettings } from './settings.js';

/** Copies a text. Where the browser does not allow it, nothing happens: the text beside it can be marked. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useSettings();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = () => {
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => {},
    );
  };
  return (
    <button type="button" class="copy" aria-label={label} onClick={copy}>
      <span aria-live="polite">{isCopied ? t('common.copied') : t('common.copy')}</span>
    </button>
  );
}
