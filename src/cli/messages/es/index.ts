import { answers } from './answers.js';
import type { Catalog } from './catalog.js';
import { errors } from './errors.js';
import { help } from './help.js';

export const es: Catalog = { ...help, ...answers, ...errors };
