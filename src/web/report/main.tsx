import { render } from 'preact';
import type { ReportJson } from '../../index.js';
import type { Language } from '../i18n.js';
import { SettingsProvider } from '../settings.js';
import '../styles.css';
import { ReportPage } from './report-page.js';

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? '';

const { language, report } = JSON.parse(textOf('data')) as { language: Language | null; report: ReportJson };
render(
  <SettingsProvider language={language ?? undefined}>
    <ReportPage report={report} licenses={textOf('licenses')} />
  </SettingsProvider>,
  document.getElementById('report')!,
);
