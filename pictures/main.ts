import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';

/** Takes the pictures of the documents, of the program and the page as they have been built: `npm run pictures`. */
const WAL = 'testdata/rows/18';
const FOLDER = 'docs/pictures';

const scratch = mkdtempSync(join(tmpdir(), 'walscan-pictures-'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  // its sandbox needs a user who is not root
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  mkdirSync(FOLDER, { recursive: true });
  const report = join(scratch, 'report.html');
  execFileSync(process.execPath, [
    'dist/cli.js',
    'report',
    '--backup',
    `${WAL}/base.tar.gz`,
    '-o',
    report,
    WAL,
  ]);
  await take('report', report, async (page) => {
    await page.locator('.chart canvas').first().waitFor();
  });
  await take('page', 'build/web/index.html', async (page) => {
    const files = readdirSync(WAL, { withFileTypes: true }).filter((file) => file.isFile());
    await page
      .locator('input[type="file"]')
      .first()
      .setInputFiles(files.map(({ name }) => join(WAL, name)));
    await page.locator('.opened, .opened-line').first().waitFor();
    await page.evaluate(`location.hash = '#/records?rmgr=Heap&xid=809'`);
    await page.locator('[role=row][aria-rowindex="2"]').click();
    await page.locator('.hex').first().scrollIntoViewIfNeeded();
  });
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true });
}

async function take(name: string, file: string, prepare: (page: Page) => Promise<void>): Promise<void> {
  const page = await browser.newPage({
    viewport: { width: 1200, height: 1000 },
    locale: 'en-US',
    timezoneId: 'UTC',
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  await page.goto(pathToFileURL(resolve(file)).href);
  await prepare(page);
  // charts move into place
  await page.waitForTimeout(1500);
  await page.screenshot({ path: `${FOLDER}/${name}.png` });
}
