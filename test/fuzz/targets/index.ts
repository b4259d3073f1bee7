import type { Target } from '../target.js';
import { packedTargets } from './packed.js';
import { questionTargets } from './questions.js';
import { recordTargets } from './records.js';
import { fileTargets } from './small-files.js';
import { textTargets } from './texts.js';
import { typeTargets } from './types.js';

/** Every way into walscan, by the names that `npm run fuzz -- --target` takes. */
export const TARGETS: readonly Target[] = [
  ...recordTargets,
  ...questionTargets,
  ...typeTargets,
  ...packedTargets,
  ...fileTargets,
  ...textTargets,
];
