import type { ByteView } from '../wal/byte-view.js';

/** `sizeof(SharedInvalidationMessage)` (src/include/storage/sinval.h). */
const MESSAGE_SIZE = 16;

/**
 * A message that tells backends to forget something cached (`SharedInvalidationMessage`,
 * src/include/storage/sinval.h). `id` is `msg.id`: the number of a catalog cache, or what other kind it is.
 */
export type InvalidationMessage =
  | { type: 'catcache'; id: number; dbId: number; hashValue: number }
  | { type: 'catalog'; id: number; dbId: number; catId: number }
  | { type: 'relcache'; id: number; dbId: number; relId: number }
  | { type: 'smgr'; id: number }
  | { type: 'relmap'; id: number; dbId: number }
  | { type: 'snapshot'; id: number; dbId: number; relId: number }
  /** Since 18. */
  | { type: 'relsync'; id: number; dbId: number; relId: number }
  | { type: 'unrecognized'; id: number };

/** The messages of a record with what belongs to them. */
export interface Invalidations {
  /** Database and tablespace of the relation cache's init file, where {@link relcacheInitFileInval} says so. */
  dbId: number;
  tsId: number;
  relcacheInitFileInval: boolean;
  msgs: InvalidationMessage[];
}

/** `count` messages from `offset`; none for a negative count, as PostgreSQL takes it. @throws OutOfBounds */
export function readInvalidationMessages(
  view: ByteView,
  offset: number,
  count: number,
  version: number,
): InvalidationMessage[] {
  if (count <= 0) return [];
  const within = view.slice(offset, count * MESSAGE_SIZE);
  const messages: InvalidationMessage[] = [];
  for (let i = 0; i < count; i++) messages.push(readMessage(within, i * MESSAGE_SIZE, version));
  return messages;
}

function readMessage(view: ByteView, at: number, version: number): InvalidationMessage {
  const id = view.i8(at);
  const dbId = view.u32(at + 4);
  const third = view.u32(at + 8);
  if (id >= 0) return { type: 'catcache', id, dbId, hashValue: third };
  switch (id) {
    case -1:
      return { type: 'catalog', id, dbId, catId: third };
    case -2:
      return { type: 'relcache', id, dbId, relId: third };
    case -3:
      return { type: 'smgr', id };
    case -4:
      return { type: 'relmap', id, dbId };
    case -5:
      return { type: 'snapshot', id, dbId, relId: third };
    case -6:
      if (version >= 18) return { type: 'relsync', id, dbId, relId: third };
  }
  return { type: 'unrecognized', id };
}

/** `standby_desc_invalidations` (src/backend/access/rmgrdesc/standbydesc.c). */
export function describeInvalidations(invalidations: Invalidations, version: number): string {
  // 10 … 12 leave it to the callers to have messages
  if (invalidations.msgs.length === 0 && version >= 13) return '';
  const { dbId, tsId } = invalidations;
  const initFile = invalidations.relcacheInitFileInval
    ? `; relcache init file inval dbid ${dbId} tsid ${tsId}`
    : '';
  return `${initFile}; inval msgs:${invalidations.msgs.map(messageText).join('')}`;
}

function messageText(message: InvalidationMessage): string {
  switch (message.type) {
    case 'catcache':
      return ` catcache ${message.id}`;
    case 'catalog':
      return ` catalog ${message.catId}`;
    case 'relcache':
      return ` relcache ${message.relId}`;
    case 'smgr':
      return ' smgr';
    case 'relmap':
      return ` relmap db ${message.dbId}`;
    case 'snapshot':
      return ` snapshot ${message.relId}`;
    case 'relsync':
      return ` relsync ${message.relId}`;
    case 'unrecognized':
      return ` unrecognized id ${message.id}`;
  }
}
