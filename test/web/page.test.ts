import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindCommitJson } from '../../src/questions/find-commit/json.js';
import { axeFaults, hasBrowser, screenshot, useBrowser, type WatchedPage } from '../support/browser.js';
import { runCli } from '../support/cli.js';
import { folderOf } from '../support/folder.js';
import { buildPage, chooseFiles, servePage, settled, visit } from '../support/page.js';

import { WalWriter } from '../support/wal-writer.js';

const VERSIONS = [13, 15, 17, 18, 19];
const ROWS = 'testdata/rows/18';

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => resolve(folder, name));

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const WIDE = { viewport: { width: 1600, height: 1000 } };

describe.skipIf(!hasBrowser)('the page that opens WAL', () => {
  const browser = useBrowser();
  let file = '';
  const opened: WatchedPage[] = [];

  beforeAll(async () => {
    file = await buildPage();
  });

  /** The page as a file, at a link. */
  const open = async (hash = '', options: BrowserContextOptions = WIDE): Promise<Page> => {
    const watched = await browser.open(pathToFileURL(file).href + hash, options);
    opened.push(watched);
    return watched.page;
  };

  // of all tests
  afterAll(() => {
    expect(opened.flatMap(({ errors }) => errors)).toEqual([]);
    const strange = opened
      .flatMap(({ requests }) => requests)
      .filter((url) => !/^(?:blob:|data:|file:.*\/index\.html)/.test(url));
    expect(strange).toEqual([]);
  });

  describe.each(VERSIONS)('with WAL of %i', (version) => {
    it('lists the records that pg_waldump lists, and decodes them as the command does', async () => {
      const folder = `testdata/broad/${version}`;
      const text = gunzipSync(readFileSync(`${folder}/expected/text.txt.gz`)).toString();
      const lines = text.split('\n').filter((line) => line.startsWith('rmgr: '));
      const page = await open('#/records');
      await chooseFiles(page, filesIn(folder));
      await settled(page);
      expect(await numberIn(page, '.above p')).toBe(lines.length);
      for (const line of [lines[0], lines[Math.floor(lines.length / 2)], lines.at(-1)!]) {
        const lsn = /lsn: ([^,]+)/.exec(line)![1];
        await visit(page, `#/records?record=${lsn}`);
        const shown = page.locator('.detail .code pre').first();
        // in place of the record before
        await expect.poll(() => shown.textContent(), { timeout: 120_000 }).toBe(line);
        await page.locator('.detail .hex').waitFor();
        const [segment] = filesIn(folder);
        const { stdout } = await runCli(['dump', '--json', '--start', lsn, '-n', '1', segment]);
        const { description } = JSON.parse(stdout) as { description: string };
        const leaf = page.locator('.detail > .tree > li', { hasText: /^description / });
        expect(await leaf.locator('.leaf').textContent()).toBe(description);
        // the row that is marked is that of the record
        const open = page.locator('.grid .row.open');
        expect(await open.locator('.lsn').textContent()).toMatch(new RegExp(`${lsn.split('/')[1]}$`));
      }
    });

    it('finds the commit that the command finds', async () => {
      const folder = `testdata/lab/${version}`;
      const files = filesIn(folder).filter((path) => !path.endsWith('.txt'));
      const [, rel] = /relfilenode=(\d+)/.exec(readFileSync(`${folder}/catalog.txt`, 'utf8'))!;
      const page = await open(`#/find-commit?rel=${rel}`);
      await chooseFiles(page, files);
      await settled(page);
      // the page takes the backup that is there
      const backup = files.flatMap((path) => (path.endsWith('/base.tar.gz') ? ['--backup', path] : []));
      const [json, text] = await Promise.all(
        [['--json'], []].map((more) => runCli(['find-commit', '--rel', rel, ...more, ...backup, ...files])),
      );
      const { relations } = JSON.parse(json.stdout) as FindCommitJson;
      expect(relations.length).toBeGreaterThan(0);
      for (const [i, { lastInsert, lastDelete, recoveryTarget }] of relations.entries()) {
        const card = page.locator('article.card').nth(i);
        const shown = (await card.textContent())!;
        for (const point of [lastInsert, lastDelete]) {
          if (point !== null) expect(shown).toContain(`${point.lsn}`);
          if (point !== null)
            expect(shown).toContain(`transaction ${point.commit.xid} · ${point.commit.lsn}`);
        }
        if (recoveryTarget !== null) {
          expect(shown).toContain(`recovery_target_lsn = '${recoveryTarget.lsn.recovery_target_lsn}'`);
        }
      }
      const pre = await page.locator('.text-answer pre').textContent();
      // where files are, only the command knows
      const known = (all: string): string[] =>
        all.split('\n').filter((line) => !line.includes('walscan undo'));
      expect(known(pre!)).toEqual(known(Buffer.from(text.stdout, 'latin1').toString()));
    });
  });

  it('gives rows back that a transaction deleted, and as a file', async () => {
    const page = await open('#/rows?database=ventas_db&table=ventas.inventarios&deleted=last');
    await chooseFiles(page, filesIn(ROWS));
    await settled(page);
    const question = ['--table', 'ventas.inventarios', '--database', 'ventas_db', '--deleted-by', 'last'];
    const { stdout } = await runCli([
      ...['rows', ...question, '--format', 'csv', '--backup', `${ROWS}/base.tar.gz`, ROWS],
    ]);
    const csv = Buffer.from(stdout, 'latin1').toString();
    expect(await page.locator('.data tbody tr').count()).toBe(11);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('ventas.inventarios.csv');
    expect(readFileSync(await download.path()).toString()).toBe(csv);
    expect(await axeFaults(page)).toEqual([]);
    await screenshot(page, 'page-rows');
    // by the form
    await page.getByLabel('as of the end of the WAL').check();
    await page.getByRole('button', { name: 'Show rows' }).click();
    await settled(page);
    expect(page.url()).toContain('at=end');
  });

  it('plans a recovery, and says why another is not reached', async () => {
    const page = await open('#/plan');
    await chooseFiles(page, filesIn(ROWS));
    await page.getByLabel('an LSN').check();
    await page.getByRole('textbox', { name: 'an LSN' }).fill('0/03100000');
    await page.getByRole('button', { name: 'Plan' }).click();
    await page.getByRole('heading', { name: 'Recovery reaches it' }).waitFor();
    const args = ['--backup', `${ROWS}/base.tar.gz`, '--json', ROWS];
    const { stdout } = await runCli(['plan', '--lsn', '0/03100000', ...args]);
    const { stopsAt, lastKept } = JSON.parse(stdout);
    const shown = await page.locator('article.card').textContent();
    expect(shown).toContain(stopsAt.lsn);
    expect(shown).toContain(`transaction ${lastKept.xid} · ${lastKept.lsn}`);
    expect(shown).toContain("recovery_target_lsn = '0/03100000'");
    await visit(page, '#/plan?lsn=1/0');
    await page.getByRole('heading', { name: 'Recovery does not reach it' }).waitFor();
    expect(await axeFaults(page)).toEqual([]);
    await screenshot(page, 'page-plan');
  });

  it('is used by the keyboard alone', async () => {
    const page = await open('#/records', WIDE);
    await chooseFiles(page, filesIn('testdata/broad/17'));
    await settled(page);
    const at = (): Promise<string> =>
      page.evaluate(`document.activeElement.getAttribute('aria-rowindex') ?? document.activeElement.id`);
    const count = await numberIn(page, '.above p');
    await page.getByRole('button', { name: 'Go', exact: true }).focus();
    await page.keyboard.press('Tab');
    expect(await at()).toBe('2');
    const steps = [
      ['ArrowDown', '3'],
      ['ArrowDown', '4'],
      ['ArrowUp', '3'],
      ['End', String(count + 1)],
      ['Home', '2'],
    ];
    for (const [key, row] of steps) {
      await page.keyboard.press(key);
      await expect.poll(at).toBe(row);
    }
    await page.keyboard.press('PageDown');
    await expect.poll(async () => Number(await at())).toBeGreaterThan(10);
    const row = await at();
    await page.keyboard.press('Enter');
    await expect.poll(at).toBe('record-title');
    await page.locator('.detail .hex').waitFor();
    // the fields of its bytes
    await page.locator('.field-button').first().focus();
    expect(await page.locator('.hex .active').first().textContent()).toMatch(
      /^[0-9a-f]{2}( [0-9a-f]{2}){3}$/,
    );
    // the next record takes the place of this one, and the button keeps the focus
    await page.getByRole('button', { name: 'Next record' }).focus();
    const shown = page.url();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).not.toBe(shown);
    await page.locator('.detail[aria-busy="false"]').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Next record');
    await page.keyboard.press('Escape');
    await page.locator('.detail').waitFor({ state: 'detached' });
    await expect.poll(at).toBe(String(Number(row) + 1));
  });

  it('shows which bytes a field is, and which field a byte belongs to', async () => {
    const page = await open('#/records?rmgr=Heap&kind=INSERT');
    await chooseFiles(page, filesIn('testdata/lab/17'));
    await settled(page);
    await page.locator('.window .row').first().click();
    const name = page.locator('.field-button', { hasText: 'xl_prev' });
    await name.hover();
    const marked = page.locator('.hex-bytes .active');
    expect(await marked.textContent()).toBe('28 00 00 03 00 00 00 00');
    await page.locator('.hex-bytes span').first().hover();
    expect(await page.locator('.field-button.active .field-name').textContent()).toBe('xl_tot_len');
    await page.locator('.hex-bytes span').nth(1).click();
    expect(await page.evaluate('document.activeElement.textContent')).toContain('xl_xid');
  });

  it('shows what a link says once there are files, and goes on by links', async () => {
    const page = await open('#/records?timeline=1&rmgr=Transaction&record=0/04000290');
    await page.getByText('This link shows “Records”').waitFor();
    await chooseFiles(page, filesIn('testdata/lab/17'));
    await page.locator('.detail h2', { hasText: '0/04000290 Transaction COMMIT' }).waitFor();
    expect(await page.locator('.grid .rmgr').allTextContents()).not.toContain('Heap');
    await page.locator('.detail .facts a', { hasText: '742' }).click();
    await settled(page);
    expect(page.url()).toContain('xid=742');
    await page.goBack();
    await page.locator('.detail h2', { hasText: 'COMMIT' }).waitFor();
  });

  it('lists what filters let through, as the command does', async () => {
    const page = await open('#/records');
    await chooseFiles(page, filesIn('testdata/broad/17'));
    await settled(page);
    const filters: [fill: Record<string, string>, tick: string[], args: string[]][] = [
      [{}, ['Heap', 'Btree'], ['-r', 'Heap', '-r', 'Btree']],
      [{ Relation: '1663/16384/16468' }, [], ['--relation', '1663/16384/16468']],
      [{ Transaction: '821' }, ['Transaction'], ['--xid', '821', '-r', 'Transaction']],
      [{}, ['With full-page images'], ['--fullpage']],
      [{ 'From LSN': '0/01540000', 'To LSN': '0/01580000' }, [], ['-s', '0/01540000', '-e', '0/01580000']],
    ];
    for (const [fill, tick, args] of filters) {
      await page.locator('.filters summary').click();
      for (const [label, value] of Object.entries(fill))
        await page.getByRole('textbox', { name: label, exact: true }).fill(value);
      for (const label of tick) await page.getByRole('checkbox', { name: label, exact: true }).check();
      await page.getByRole('button', { name: 'Apply' }).click();
      await settled(page);
      const { stdout } = await runCli(['dump', ...args, ...filesIn('testdata/broad/17')]);
      const count = stdout.split('\n').filter((line) => line.startsWith('rmgr: ')).length;
      expect(count).toBeGreaterThan(0);
      expect([args, await numberIn(page, '.above p')]).toEqual([args, count]);
      await page.locator('.filters summary').click();
      await page.getByRole('button', { name: 'Clear' }).click();
      await settled(page);
    }
    for (const wrong of ['xid=abc', 'timeline=1x', 'xid=<b>']) {
      await visit(page, `#/records?${wrong}`);
      expect(await page.getByRole('alert').textContent()).toContain(wrong.split('=')[1]);
    }
    await visit(page, '#/records?start=zz');
    expect(await page.getByRole('alert').textContent()).toContain('"zz" is no LSN');
    await visit(page, '#/records');
    // what is no LSN is not asked for
    await page.getByLabel('Go to LSN').fill('here');
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    expect(page.url()).not.toContain('here');
  });

  it('is the same from a web server, and asks for nothing else there', async () => {
    const server = await servePage(file);
    try {
      const { page, errors, requests } = await browser.open(`${server.url}#/records`, WIDE);
      await chooseFiles(page, [resolve('testdata/formats/000000010000000000000024.xz')]);
      await settled(page);
      expect(await numberIn(page, '.above p')).toBe(65);
      expect(requests.filter((url) => !url.startsWith('blob:'))).toEqual([server.url]);
      // what the policy is for
      await page.evaluate(`fetch('/walscan/').catch(() => {})`);
      await expect.poll(() => errors.join()).toContain('policy connect-src');
      expect(requests.filter((url) => !url.startsWith('blob:'))).toHaveLength(1);
    } finally {
      server.close();
    }
  });

  it('takes folders that are dropped on it', async () => {
    const page = await open('#/records');
    const session = await page.context().newCDPSession(page);
    const data = { items: [], files: [resolve('testdata/lab/17')], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', { type, x: 700, y: 300, data });
    }
    await page.locator('.opened-line').waitFor();
    await settled(page);
    expect(await numberIn(page, '.above p')).toBe(27);
  });

  it('says what is wrong with what is no WAL, and goes on with the next', async () => {
    const page = await open();
    const buffer = Buffer.from('this is no WAL'.repeat(1000));
    await chooseFiles(page, [{ name: 'garbage.bin', mimeType: '', buffer }]);
    const alert = page.getByRole('alert');
    expect(await alert.textContent()).toMatch(/no WAL segment.*no-wal/s);
    expect(await axeFaults(page)).toEqual([]);
    await screenshot(page, 'page-no-wal');
    await chooseFiles(page, filesIn('testdata/lab/17'));
    await page.locator('.opened').waitFor();
    expect(await alert.filter({ hasText: 'no-wal' }).count()).toBe(0);
  });

  it('shows hostile names as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>\u202e\u0007';
    const writer = new WalWriter({ version: 17 });
    const main = new Uint8Array(8 + 64);
    main.set(new TextEncoder().encode(hostile), 8);
    writer.append({ rmid: 0, info: 0x70, main });
    const [{ name, bytes }] = writer.segments;
    const page = await open('#/overview');
    await chooseFiles(page, [
      { name, mimeType: '', buffer: Buffer.from(bytes) },
      { name: 'no <b>WAL</b>\u202e.txt', mimeType: '', buffer: Buffer.from('x'.repeat(9000)) },
    ]);
    const shown = 'no <b>WAL</b>\\u202e.txt';
    await page.locator('.opened details summary').click();
    expect(await page.locator('.opened details').textContent()).toContain(shown);
    await visit(page, '#/records');
    const text = '<img src=x onerror=alert(1)>\\u202e\\u0007';
    expect(await page.locator('.window .row .text').first().textContent()).toContain(text);
    await page.locator('.window .row').first().click();
    await page.locator('.detail .tree').first().waitFor();
    expect(await page.locator('.detail').textContent()).toContain(text);
    expect(await page.locator('#app img, #app b').count()).toBe(0);
  });

  it('tells how far it is, and is cancelled', async () => {
    const files = manySegments(300);
    const page = await open('#/records');
    // what a quick reader would see, who presses Cancel as soon as it is there
    await page.evaluate(`
      window.seen = [];
      new MutationObserver((_, observer) => {
        const text = document.querySelector('.working p')?.textContent;
        if (text) seen.push(text);
        if (!/^Listing records: (?!0 B)/.test(text)) return;
        observer.disconnect();
        document.querySelector('.working button').click();
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    `);
    await chooseFiles(page, files);
    await page.getByText('Cancelled.').waitFor();
    const seen = (await page.evaluate('seen')) as string[];
    expect(seen.at(-1)).toMatch(/^Listing records: [\d.]+ \wB of 315 MB$/);
    await page.evaluate(`location.hash = '#/records?rmgr=Heap'`);
    await page.locator('.above', { hasText: '0 records' }).waitFor();
  });

  it('says that its worker ended, and starts another', async () => {
    const page = await open('#/plan');
    await chooseFiles(page, manySegments(150));
    const [worker] = page.workers();
    // at the next call
    await worker.evaluate(`addEventListener('message', () => { throw new Error('out of memory') })`);
    await page.evaluate(`location.hash = '#/records'`);
    await page.getByText('most likely for want of memory').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await settled(page);
    expect(await numberIn(page, '.above p')).toBeGreaterThan(1000);
  });

  it('ends a worker that does not listen, and goes on with another', async () => {
    const page = await open('#/plan');
    await chooseFiles(page, filesIn('testdata/lab/17'));
    const [worker] = page.workers();
    void worker.evaluate('for (;;);').catch(() => {});
    await page.evaluate(`location.hash = '#/records'`);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('Cancelled.').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('.above', { hasText: '27 records' }).waitFor();
  });

  describe.each([
    { name: 'wide-en-light', options: { ...WIDE, locale: 'en-GB' } },
    { name: 'wide-es-dark', options: { ...WIDE, locale: 'es-ES', colorScheme: 'dark' as const } },
    { name: 'phone-es-light', options: { ...PHONE, locale: 'es-MX' } },
    { name: 'phone-en-dark', options: { ...PHONE, locale: 'en-US', colorScheme: 'dark' as const } },
  ])('$name', ({ name, options }) => {
    it('keeps nobody out, and fits', async () => {
      const page = await open('', options);
      expect(await axeFaults(page)).toEqual([]);
      await screenshot(page, `page-start-${name}`);
      await chooseFiles(page, filesIn('testdata/lab/17'));
      const views = {
        overview: '#/overview',
        records: '#/records',
        record: '#/records?record=0/03000090',
        'find-commit': '#/find-commit?rel=16386',
        incidents: '#/incidents?rows=1',
        rows: '#/rows',
        plan: '#/plan?rel=16386',
      };
      for (const [view, hash] of Object.entries(views)) {
        await visit(page, hash);
        if (view === 'record') await page.locator('.detail .hex').waitFor();
        expect([view, ...(await axeFaults(page))]).toEqual([view]);
        const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
        expect([view, await page.evaluate(tooWide)]).toEqual([view, 0]);
        await screenshot(page, `page-${view}-${name}`);
      }
    });
  });

  it('speaks the language of the browser, and changes it', async () => {
    const page = await open('#/records', { ...WIDE, locale: 'es-AR' });
    await page.getByRole('heading', { name: 'Abrir WAL de PostgreSQL' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('es');
    await chooseFiles(page, filesIn('testdata/lab/17'));
    await page.locator('.above', { hasText: '27 registros' }).waitFor();
    await page.getByRole('button', { name: 'English' }).click();
    await page.locator('.above', { hasText: '27 records' }).waitFor();
    expect(await page.evaluate('document.documentElement.lang')).toBe('en');
  });
});

async function numberIn(page: Page, selector: string): Promise<number> {
  return Number(/[\d.,]+/.exec((await page.locator(selector).textContent())!)![0].replace(/\D/g, ''));
}

/** Paths of so many segments of 1 MiB. */
function manySegments(count: number): string[] {
  const writer = new WalWriter({ version: 17 });
  const main = new Uint8Array(8000);
  while (writer.segments.length < count) writer.append({ rmid: 0, info: 0x20, main });
  const folder = folderOf(Object.fromEntries(writer.segments.map(({ name, bytes }) => [name, bytes])));
  return filesIn(folder);
}
