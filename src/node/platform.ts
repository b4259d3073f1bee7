import type { Platform } from '../questions/platform.js';
import { PageSpill } from './page-spill.js';
import { NODE_READING } from './reading.js';
import { offsetsAnywhere } from './timezone.js';
import { mapSegments, usefulJobs } from './worker-pool.js';

/** Node: paths, zlib, pages in a temporary file, and threads. */
export const NODE: Platform = {
  reading: NODE_READING,
  newPages: () => new PageSpill(),
  offsetAnywhere: (abbreviation, localSeconds) => {
    const offsets = [...offsetsAnywhere(abbreviation.toUpperCase(), localSeconds).keys()];
    return offsets.length === 1 ? offsets[0] : undefined;
  },
  threads: { useful: usefulJobs, map: mapSegments },
};
