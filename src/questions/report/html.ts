import type { ReportJson } from './json.js';

/** What {@link renderReport} may be told. */
export interface RenderReportOptions {
  /** The language to begin with; otherwise the first of the reader's browser that there is. */
  language?: 'en' | 'es' | undefined;
}

/** Where the page has its data. */
const PLACE = '<script type="application/json" id="data">';

/**
 * Makes a report to look at: one file of HTML that needs nothing else and loads nothing, in English and Spanish. Whatever
 * names and values the report has, they are shown as text.
 */
export async function renderReport(
  report: ReportJson,
  { language }: RenderReportOptions = {},
): Promise<string> {
  // large, and of no use to those who never come here
  const { page } = await import('./page.js');
  const data = JSON.stringify({ language: language ?? null, report });
  return page.replace(PLACE, () => PLACE + inScript(data));
}

/** JSON of the same meaning, in which nothing ends a script, opens a comment or is a line's end to old parsers. */
const inScript = (json: string): string =>
  json.replace(/[<\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
