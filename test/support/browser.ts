import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';
const SCREENSHOTS = 'build/screenshots';

/** Tests of pages are skipped without it, and their title says so. */
export const hasBrowser = existsSync(CHROMIUM);
export const titleOf = (title: string): string => (hasBrowser ? title : `${title} (there is no ${CHROMIUM})`);

/** A page, and all that went wrong while it was open. */
export interface OpenedPage {
  page: Page;
  /** What the console has of errors and warnings, what was thrown, what the content security policy did not allow. */
  wrong: string[];
  /** What was loaded beside the file itself and `data:` and `blob:`. */
  requests: string[];
}

/** A Chromium for one test file. */
export class TestBrowser {
  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<TestBrowser> {
    // root has no sandbox
    return new TestBrowser(await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] }));
  }

  close(): Promise<void> {
    return this.browser.close();
  }

  /** Opens a file in a window of its own: 1400 × 900 in English and UTC, unless told otherwise. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<OpenedPage> {
    const context = await this.browser.newContext({
      viewport: { width: 1400, height: 900 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      ...options,
    });
    const page = await context.newPage();
    const url = pathToFileURL(resolve(path)).href;
    const wrong: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
    });
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => {
      const own = request.url() === url || /^(?:data|blob):/.test(request.url());
      if (!own) requests.push(request.url());
    });
    await page.exposeBinding('tellViolation', (_, text: string) => wrong.push(text));
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        const { tellViolation } = window as unknown as { tellViolation: (text: string) => void };
        tellViolation(`${violatedDirective}: ${blockedURI} (${sourceFile}:${lineNumber})`);
      });
    });
    await page.goto(url);
    return { page, wrong, requests };
  }
}

/** Takes a picture of the whole page, which is kept with the run. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

/** @returns what axe finds wrong, rule by rule */
export async function axeViolations(page: Page): Promise<string[]> {
  // as the browser's tools would put it in: no policy of the page holds for it
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run();
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

/** By how much the page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
