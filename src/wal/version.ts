import { WalError } from './error.js';
import { message } from './message.js';

/**
 * The WAL page magic of each released major version (`XLOG_PAGE_MAGIC`,
 * src/include/access/xlog_internal.h). It changes with every change of the WAL format, which
 * within one major version happens before its release only.
 */
const VERSION_BY_MAGIC: ReadonlyMap<number, number> = new Map([
  [0xd097, 10],
  [0xd098, 11],
  [0xd101, 12],
  [0xd106, 13],
  [0xd10d, 14],
  [0xd110, 15],
  [0xd113, 16],
  [0xd116, 17],
  [0xd118, 18],
  [0xd122, 19],
]);

/** The oldest and the newest major version whose WAL walscan reads. */
export const OLDEST_VERSION = 10;
export const NEWEST_VERSION = 19;

/** The PostgreSQL major version that writes pages with this magic; undefined for any other. */
export function versionOfMagic(magic: number): number | undefined {
  return VERSION_BY_MAGIC.get(magic);
}

/** The page magic that a major version writes. */
export function magicOfVersion(version: number): number {
  for (const [magic, of] of VERSION_BY_MAGIC) if (of === version) return magic;
  throw new WalError('unknown-version', message`PostgreSQL ${version} is not known to walscan`);
}
