import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ReportJson, renderReport } from '../../src/index.js';
import { readReport, reportJson } from '../../src/node.js';
import { axeFaults, hasBrowser, overflowOf, screenshot, useBrowser } from '../support/browser.js';
import { folderOf } from '../support/folder.js';
import { madeReport } from './report-fixture.js';

const HOSTILE = '<img src=x onerror=alert(1)></script>\u202e$t(common.yes){{x}}\u0007';

async function fileOf(report: ReportJson, language?: 'en' | 'es'): Promise<{ url: string; size: number }> {
  const html = await renderReport(report, { language });
  const path = join(folderOf({}), 'report.html');
  writeFileSync(path, html);
  return { url: pathToFileURL(path).href, size: Buffer.byteLength(html) };
}

const title = hasBrowser ? 'a report' : 'a report (there is no Chromium)';
describe.skipIf(!hasBrowser)(title, () => {
  const { open } = useBrowser();

  it.each([
    ['wide', { viewport: { width: 1400, height: 900 } }],
    ['dark', { colorScheme: 'dark', locale: 'es-ES' }],
    ['phone', { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }],
  ] as const)('opens from a file, accessible and within its policy: %s', async (name, options) => {
    const { url } = await fileOf(madeReport());
    const { page, errors, requests } = await open(url, options);
    await page.waitForSelector('canvas');
    expect(await overflowOf(page)).toBe(0);
    expect(await axeFaults(page)).toEqual([]);
    await screenshot(page, `report-${name}`);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    expect(errors).toEqual([]);
    expect(requests.filter((one) => one !== url && !one.startsWith('data:'))).toEqual([]);
    expect(await page.getAttribute('html', 'lang')).toBe(name === 'dark' ? 'es' : 'en');
    expect(await page.getAttribute('html', 'data-theme')).toBe(name === 'dark' ? 'dark' : 'light');
  });

  it('shows the numbers of real WAL as the JSON has them', async () => {
    const json = reportJson(await readReport(['testdata/lab/17'], { minRows: 1 }));
    const { page, errors } = await open((await fileOf(json, 'en')).url);
    await page.locator('details.data').first().locator('summary').click();
    const rows = await page.locator('details.data').first().locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.replaceAll(',', '').trim().split(/\s+/))).toEqual(
      json.wal.rmgrs.map((one) => [one.rmgr, ...[one.records, one.recordBytes, one.imageBytes].map(String)]),
    );
    expect(await page.locator('.incident code').allInnerTexts()).toContain(
      json.incidents.incidents[0].command,
    );
    expect(errors).toEqual([]);
  });

  it.each(['testdata/two-timelines', 'testdata/clock'])('opens of %s', async (path) => {
    const { page, errors } = await open(
      (await fileOf(reportJson(await readReport([path], { minRows: 1 })), 'en')).url,
    );
    await page.waitForSelector('canvas');
    expect(errors).toEqual([]);
  });

  it('shows hostile names as text, with what a reader would not see', async () => {
    const name = { database: 'db', schema: 'public', name: HOSTILE };
    const report = madeReport({ name, label: HOSTILE, message: HOSTILE, restorePoint: HOSTILE });
    const { page, errors } = await open((await fileOf(report)).url);
    const text = await page.locator('main').innerText();
    expect(text).toContain('<img src=x onerror=alert(1)></script>\\u202e$t(common.yes){{x}}\\u0007');
    expect(text).not.toContain('\u202e');
    expect(await page.locator('img').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('zooms by keyboard, and to an incident', async () => {
    const { page, errors } = await open((await fileOf(madeReport(), 'en')).url);
    const shown = page.locator('.zoom [aria-live]');
    const whole = await shown.innerText();
    await page.locator('.over-time > [role=group]').focus();
    await page.keyboard.press('+');
    await expect.poll(() => shown.innerText()).not.toBe(whole);
    await page.keyboard.press('0');
    await expect.poll(() => shown.innerText()).toBe(whole);
    await page.locator('.incident .show').first().click();
    await expect.poll(() => shown.innerText()).not.toBe(whole);
    expect(await page.locator('.incident.selected').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('of a year has no more than 3 MB, and opens', async () => {
    const year = { steps: 1000, stepSeconds: 31_536, incidents: 1000, rmgrs: 22, relations: 100 };
    const { url, size } = await fileOf(madeReport({ ...year, checkpoints: 100 }));
    expect(size).toBeLessThanOrEqual(3_000_000);
    const { page, errors } = await open(url);
    await page.waitForSelector('canvas');
    expect(errors).toEqual([]);
  });
});
