import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { type ReportJson, renderReport } from '../../src/index.js';
import { readReport, reportJson } from '../../src/node.js';
import { axeFaults, hasBrowser, overflowOf, screenshot, useBrowser } from '../support/browser.js';
import { folderOf } from '../support/folder.js';
import { madeReport } from './report-fixture.js';
import { rowsIn, tablesIn } from './report-tables.js';

const HOSTILE = '<img src=x onerror=alert(1)></script>\u202e$t(common.yes){{x}}\u0007';
const SHOWN = '<img src=x onerror=alert(1)></script>\\u202e$t(common.yes){{x}}\\u0007';

async function fileOf(report: ReportJson, language?: 'en' | 'es'): Promise<{ url: string; size: number }> {
  const html = await renderReport(report, { language });
  const path = join(folderOf({}), 'report.html');
  writeFileSync(path, html);
  return { url: pathToFileURL(path).href, size: Buffer.byteLength(html) };
}

/** Small incidents, too, as those of the test data are. */
const reportOf = async (path: string, backup?: string): Promise<ReportJson> =>
  reportJson(await readReport([path], { minRows: 1, backup: backup === undefined ? undefined : [backup] }));

/** What all tables of a page say, by their headings; they are opened first. */
async function tablesOf(page: Page): Promise<Record<string, string[][]>> {
  await page.evaluate(`document.querySelectorAll('details.data').forEach((one) => { one.open = true; })`);
  await page.waitForFunction(`[...document.querySelectorAll('details.data')].every((one) =>
    one.querySelector('table, p') !== null)`);
  return page.evaluate(`Object.fromEntries([...document.querySelectorAll('details.data')].map((one) => [
    one.querySelector('summary span').textContent,
    [...one.querySelectorAll('tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent)),
  ]))`);
}

/** Where the mouse finds a tooltip: the middle of a chart's bars. */
async function tipAt(page: Page, heading: string, left: number, top: number): Promise<string> {
  const chart = page.locator('section', { has: page.getByRole('heading', { name: heading }) });
  await chart.locator('.chart').first().scrollIntoViewIfNeeded();
  const box = (await chart.locator('.chart').first().boundingBox())!;
  await page.mouse.move(box.x + left, box.y + top);
  await page.mouse.move(box.x + left + 1, box.y + top + 1);
  const tip = chart.locator('.tip').first();
  await tip.waitFor();
  return (await tip.textContent()) ?? '';
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

  it.each([
    ['testdata/lab/17'],
    ['testdata/two-timelines'],
    ['testdata/clock'],
    ['testdata/rows/18', 'testdata/rows/18/base.tar.gz'],
  ])('shows all of what the JSON has: %s', async (path, backup?: string) => {
    const json = await reportOf(path, backup);
    const { page, errors } = await open((await fileOf(json, 'en')).url);
    expect(await tablesOf(page)).toEqual(tablesIn(json));
    const { incidents } = json.incidents;
    const more = page.getByRole('button', { name: /^Show \d+ more$/ });
    if (await more.isVisible()) await more.click();
    expect(await page.locator('.incident').count()).toBe(incidents.length);
    for (const [i, incident] of incidents.entries()) {
      const shown = page.locator('.incident').nth(i);
      expect(await shown.locator('time').getAttribute('datetime')).toBe(incident.time);
      expect(await shown.locator('dd code').allTextContents()).toEqual(
        [incident.command, incident.rowsCommand, incident.undoCommand].filter((one) => one !== null),
      );
      const text = await shown.textContent();
      expect(text).toContain(`Transaction ${incident.xid} · LSN ${incident.lsn}`);
      expect(text).toContain(incident.name?.name ?? incident.relation ?? '');
      const rows = await shown.locator('.incident-head > span:not(.badge)').allTextContents();
      expect(rows).toEqual(incident.rows === null ? [] : [rowsIn(incident.rows)]);
    }
    expect(errors).toEqual([]);
  });

  it('speaks Spanish, also of real WAL', async () => {
    const { page, errors } = await open((await fileOf(await reportOf('testdata/lab/17'))).url, {
      locale: 'es-ES',
    });
    const text = (await page.locator('header, main').allTextContents()).join(' ');
    for (const word of [
      'Último incidente',
      '22/11/2026, 10:13:39 UTC',
      '11 filas eliminadas',
      'Sin huecos',
      'Líneas de tiempo',
      'Puntos de control',
      'Respaldos base',
    ]) {
      expect(text).toContain(word);
    }
    expect(text).not.toMatch(/\b(the|of|and|Timeline|Records|Checkpoints|Segments|Show|Copy)\b/);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'English' }).click();
    await expect.poll(() => page.title()).toMatch(/^WAL report: PostgreSQL 17/);
    expect(await page.getAttribute('html', 'lang')).toBe('en');
    expect(errors).toEqual([]);
  });

  it.each([
    ['en-US', '128,417 rows deleted', '03/02/2026, 01:28:48 UTC'],
    ['en-GB', '128,417 rows deleted', '02/03/2026, 01:28:48 UTC'],
    ['es-ES', '128.417 filas eliminadas', '02/03/2026, 01:28:48 UTC'],
    ['es-MX', '128,417 filas eliminadas', '02/03/2026, 01:28:48 UTC'],
  ])('writes numbers and times as in %s', async (locale, rows, time) => {
    const { page } = await open((await fileOf(madeReport())).url, { locale });
    const text = await page.locator('.tile').first().textContent();
    expect(text).toContain(rows);
    expect(text).toContain(time);
  });

  it('tells times of the reader’s zone when asked to', async () => {
    const { page, errors } = await open((await fileOf(madeReport(), 'en')).url, {
      timezoneId: 'America/Lima',
    });
    const time = page.locator('.tile .verdict').first();
    expect(await time.textContent()).toContain('03/02/2026, 01:28:48 UTC');
    await page.getByRole('button', { name: 'Local time' }).click();
    // five hours behind, all year
    await expect.poll(() => time.textContent()).toContain('03/01/2026, 20:28:48 GMT-5');
    expect(await page.locator('.zoom [aria-live]').textContent()).toContain('03/01/2026, 17:00:00 GMT-5');
    expect(errors).toEqual([]);
  });

  it('changes from light to dark and back, charts as well', async () => {
    const { page, errors } = await open((await fileOf(madeReport(), 'en')).url);
    const look = async () => ({
      ground: await page.evaluate('getComputedStyle(document.body).backgroundColor'),
      charts: await page.evaluate(`[...document.querySelectorAll('canvas')].map((one) => one.toDataURL())`),
    });
    const light = await look();
    await page.getByRole('button', { name: 'Dark' }).click();
    await expect.poll(() => page.getAttribute('html', 'data-theme')).toBe('dark');
    const dark = await look();
    expect(dark.ground).not.toEqual(light.ground);
    expect(dark.charts).not.toEqual(light.charts);
    expect(await axeFaults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Light' }).click();
    await expect.poll(look).toEqual(light);
    expect(errors).toEqual([]);
  });

  it('copies a command', async () => {
    const report = madeReport();
    const { page, errors } = await open((await fileOf(report, 'en')).url, {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const copy = page.locator('.incident').first().locator('.copy').nth(1);
    await copy.click();
    await expect.poll(() => copy.textContent()).toBe('Copied');
    const command = report.incidents.incidents[0].rowsCommand;
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(command);
    expect(errors).toEqual([]);
  });

  it('shows hostile names as text, with what a reader would not see', async () => {
    const name = { database: 'db', schema: 'public', name: HOSTILE };
    const report = madeReport({ name, label: HOSTILE, message: HOSTILE, restorePoint: HOSTILE });
    // what charts draw
    const { page, errors } = await open('about:blank', { viewport: { width: 1400, height: 900 } });
    await page.addInitScript(`{
      const fillText = CanvasRenderingContext2D.prototype.fillText;
      globalThis.drawn = new Set();
      CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        globalThis.drawn.add(text);
        return fillText.call(this, text, ...rest);
      };
    }`);
    await page.goto((await fileOf(report, 'en')).url);
    await page.waitForSelector('canvas');
    const text = await page.locator('main').textContent();
    expect(text).toContain(SHOWN);
    const tips = [
      await tipAt(page, 'Largest writers', 60, 50),
      await tipAt(page, 'Timelines and segments', 700, 56 + 3.5 * 46),
    ];
    for (const tip of tips) expect(tip).toContain(SHOWN);
    const drawn = (await page.evaluate('[...globalThis.drawn]')) as string[];
    expect(drawn.filter((one) => one.includes('<img src=x')).length).toBeGreaterThanOrEqual(2);
    for (const one of [text, ...tips, ...drawn]) {
      expect(one).not.toContain('\u202e');
      expect(one).not.toContain('\u0007');
    }
    expect(await page.locator('img').count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it('zooms by keyboard, and to an incident', async () => {
    const { page, errors } = await open((await fileOf(madeReport(), 'en')).url);
    const shown = page.locator('.zoom [aria-live]');
    const whole = await shown.textContent();
    await page.locator('.over-time > [role=group]').focus();
    await page.keyboard.press('+');
    await expect.poll(() => shown.textContent()).not.toBe(whole);
    await page.keyboard.press('0');
    await expect.poll(() => shown.textContent()).toBe(whole);
    await page.locator('.incident .show').first().click();
    await expect.poll(() => shown.textContent()).not.toBe(whole);
    expect(await page.locator('.incident.selected').count()).toBe(1);
    expect(errors).toEqual([]);
  });

  it('has all incidents and tables on paper', async () => {
    const report = madeReport({ incidents: 30, steps: 400 });
    const { page } = await open((await fileOf(report, 'en')).url);
    const seen = () =>
      page.evaluate(`({
        incidents: document.querySelectorAll('.incident').length,
        rows: document.querySelectorAll('details[open] tbody tr').length,
      })`);
    const before = await seen();
    const onPaper = await page.evaluate(`{
      dispatchEvent(new Event('beforeprint'));
      ({
        incidents: document.querySelectorAll('.incident').length,
        closed: document.querySelectorAll('details.data:not([open])').length,
        steps: Math.max(...[...document.querySelectorAll('tbody')].map((one) => one.rows.length)),
      });
    }`);
    const steps = report.wal.overTime?.records.filter((count) => count > 0).length;
    expect(onPaper).toEqual({ incidents: 30, closed: 0, steps });
    await page.evaluate(`dispatchEvent(new Event('afterprint'))`);
    await expect.poll(seen).toEqual(before);
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
