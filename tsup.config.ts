import { defineConfig } from 'tsup';

const shared = { target: 'node20', sourcemap: true, clean: false } as const;

export default defineConfig([
  {
    ...shared,
    entry: { index: 'src/index.ts', node: 'src/node.ts' },
    format: ['esm', 'cjs'],
    dts: true,
    // import.meta.url, by which the workers' file is found, in CommonJS, too
    shims: true,
  },
  {
    ...shared,
    entry: { cli: 'src/cli/main.ts', worker: 'src/node/worker.ts' },
    format: ['esm'],
    banner: { js: '#!/usr/bin/env node' },
  },
]);
