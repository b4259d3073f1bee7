import type { Catalog } from './catalog.js';

export const errors: Catalog = {};
