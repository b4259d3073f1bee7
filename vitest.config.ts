import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import ServersFirst from './test/support/servers-first.js';

export default defineConfig({
  // the documents' examples import the package by its name
  resolve: {
    alias: {
      'walscan/node': resolve('src/node.ts'),
      'walscan/parts': resolve('src/parts.ts'),
      walscan: resolve('src/index.ts'),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/equal-bytes.ts',
    sequence: { sequencer: ServersFirst },
    // see test/support/native-sources.js
    server: { deps: { external: [new RegExp(`^${resolve('src').replace(/\W/g, '\\$&')}/`)] } },
    execArgv: [
      ...['--import', './test/support/native-sources.js', '--enable-source-maps'],
      // of the sources there is no file that worker threads could run
      '--disable-warning=WALSCAN_ONE_THREAD',
    ],
    // most of the time servers are waited for
    maxWorkers: 4,
    // no test file leaves anything behind in its process
    isolate: false,
    // a machine may be slow, and one that hangs is found all the same
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
