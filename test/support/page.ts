import { createReadStream, mkdtempSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build } from 'vite';

/** Builds the page that opens WAL. @returns its file */
export async function buildPage(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'page-'));
  await build({
    configFile: 'vite.page.config.ts',
    configLoader: 'runner',
    logLevel: 'error',
    build: { outDir },
  });
  return join(outDir, 'index.html');
}

/** A web server that has the page alone. */
export async function servePage(file: string): Promise<{ url: string; close(): void }> {
  const server: Server = createServer((request, response) => {
    if (request.url !== '/walscan/') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html', 'content-length': statSync(file).size });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/walscan/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Files = Parameters<ReturnType<Page['locator']>['setInputFiles']>[0];

/** Chooses files, and waits until they are open. */
export async function chooseFiles(page: Page, files: Files): Promise<void> {
  await page.locator('input[type="file"]').first().setInputFiles(files);
  await page.locator('.opened, .opened-line, main > .notice').first().waitFor();
}

/** Goes to a view, and waits until nothing is being worked on. */
export async function visit(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.locator('.working').first().waitFor({ state: 'detached' });
}
