import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // the documents' examples import the package by its name
  resolve: {
    alias: {
      'walscan/node': resolve('src/node.ts'),
      'walscan/parts': resolve('src/parts.ts'),
      walscan: resolve('src/index.ts'),
    },
  },
  test: { include: ['test/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
