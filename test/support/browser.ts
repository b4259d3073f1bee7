import { existsSync, mkdirSync } from 'node:fs';
import axe from 'axe-core';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

/** A machine may be slow. */
const PATIENCE_MS = 120_000;

const CHROMIUM = '/usr/bin/chromium';

/** Tests in a browser are skipped where there is none; `.ci/run` installs it where it can. */
export const hasBrowser = existsSync(CHROMIUM);

/** A page, and what happened in it. */
export interface WatchedPage {
  page: Page;
  /** Errors of the console, those that nobody caught, and what the page's policy forbade. */
  errors: string[];
  /** The addresses of all that was asked for. */
  requests: string[];
}

/** One Chromium for all tests of a file. What a test opens is closed after it: a page's worker may still be at work. */
export function useBrowser(): { open(url: string, options?: BrowserContextOptions): Promise<WatchedPage> } {
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  beforeAll(async () => {
    // its sandbox needs a user who is not root, or rights that containers do not give
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  beforeEach(() => {
    contexts = [];
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
  });
  afterAll(() => browser?.close());
  return {
    open: async (url, options = {}) => {
      const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      contexts.push(context);
      const page = await context.newPage();
      const errors: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') errors.push(message.text());
      });
      page.on('pageerror', (error) => void errors.push(String(error)));
      page.on('request', (request) => void requests.push(request.url()));
      await page.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
        console.error('policy', event.violatedDirective, event.blockedURI))`);
      await page.goto(url);
      return { page, errors, requests };
    },
  };
}

/** What axe finds fault with, by its rules for WCAG 2.2 and good practice: rule and element. */
export async function axeFaults(page: Page): Promise<string[]> {
  // beside the page's policy, which forbids scripts that are added
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => id + ' ' + target.join(' ') + ' ' + failureSummary)))`);
}

const SCREENSHOTS = 'build/screenshots';

/** Kept as a file of the run. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true });
}

/** By how many pixels a page is wider than its window. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
