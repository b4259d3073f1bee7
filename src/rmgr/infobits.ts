import { flagNames } from './desc-text.js';

/** `XLHL_…` (src/include/access/heapam_xlog.h): what becomes of the tuple's infomask. */
const INFOBITS: readonly [number, string][] = [
  [0x01, 'IS_MULTI'],
  [0x02, 'LOCK_ONLY'],
  [0x04, 'EXCL_LOCK'],
  [0x08, 'KEYSHR_LOCK'],
  [0x10, 'KEYS_UPDATED'],
];

// every combination is made once: nearly each record of these kinds prints one
const NAMES = Array.from({ length: 32 }, (_, bits) => flagNames(bits, INFOBITS));

/** The infobits up to 15, by their number: a space, and each name with a space after it. */
export const INFOBITS_BEFORE_16 = NAMES.map((names) => ` ${names.map((name) => `${name} `).join('')}`);

/** The infobits since 16, by their number. */
export const INFOBITS_LISTS = NAMES.map((names) => names.join(', '));
