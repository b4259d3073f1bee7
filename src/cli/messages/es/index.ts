import { answers } from './answers.js';
import type { Catalog } from './catalog.js';
import { errors } from './errors.js';
import { help } from './help.js';
import { reasons } from './reasons.js';

export const es: Catalog = { ...help, ...answers, ...errors, ...reasons };
