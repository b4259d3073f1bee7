import { type Platform, PORTABLE } from '../../questions/platform.js';

/** So much WAL at a time is in memory, and worked on before whoever cancels has a turn. */
const WINDOW_SIZE = 1024 * 1024;

/** What a page has: no paths, and one thread. */
export const PAGE: Platform = {
  ...PORTABLE,
  reading: { ...PORTABLE.reading, windowSize: WINDOW_SIZE },
  // as PostgreSQL's documentation writes it
  unknownFolder: '/path/to',
};

/** For single records out of segments that are read once and kept: whole ones of the usual size. */
export const CACHE_READING = PORTABLE.reading;
