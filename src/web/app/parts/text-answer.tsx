import { formatSettings } from '../../../questions/plan/settings.js';
import { useSettings } from '../../settings.js';
import { Code } from './copy.js';

/** The answer as the command prints it. */
export function TextAnswer({ text, isOpen = false }: { text: string; isOpen?: boolean }) {
  const { t } = useSettings();
  return (
    <details class="text-answer" open={isOpen}>
      <summary>{t('page.asCommand')}</summary>
      <Code text={text} label={t('page.asCommand')} />
    </details>
  );
}

/** Settings, as a configuration file has them. */
export function SettingsCode({
  settings,
  label,
}: {
  settings: Readonly<Record<string, string>>;
  label: string;
}) {
  return <Code text={formatSettings(settings).join('\n')} label={label} />;
}
