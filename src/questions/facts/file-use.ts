import type { DatabaseUse } from '../../follow/database-use.js';
import type { FileContent, FileUse } from '../../follow/file-use.js';
import { Relations } from '../../follow/relation.js';
import type { XidHorizon } from '../../follow/xid-horizon.js';
import type { Lsn } from '../../wal/lsn.js';
import { message } from '../../wal/message.js';
import type { TablesAt } from './facts-at.js';
import type { FactRow } from './tables.js';

/** What the tables `files` and `checkpoints` say of files and databases. */
export interface FactFiles {
  files: FileUse;
  databases: DatabaseUse;
  /** Keys of relations that records of indexes and sequences go to. */
  indexes: string[];
}

/** @throws WalError `bad-facts` */
export async function readFiles(facts: TablesAt): Promise<FactFiles> {
  const horizons = await readHorizons(facts);
  const found: FactFiles = {
    files: { creations: [], namings: [], truncations: [], horizons, contents: new Map() },
    databases: { filesGone: [], marks: [] },
    indexes: [],
  };
  const relations = new Relations();
  for (const row of await facts.rows('files')) takeIn(found, row, relations, facts);
  return found;
}

/** Of what is made anew, what was written to a file of that number before says nothing any more. */
function takeIn(
  { files, databases, indexes }: FactFiles,
  row: FactRow<'files'>,
  relations: Relations,
  facts: TablesAt,
): void {
  const { lsn, xid, action, tablespace: spcOid, database: dbOid, relfilenode: relNumber } = row;
  const relation = relations.of({ spcOid, dbOid, relNumber });
  if (action === 'index') {
    indexes.push(relation.key);
    return;
  }
  facts.placeOf('files', lsn);
  switch (action) {
    case 'created':
      files.creations.push({ lsn, xid, relation, unlogged: row.unlogged, kind: row.kind });
      files.contents.delete(relation.key);
      break;
    case 'named':
    case 'rewritten':
      files.namings.push({ lsn, xid, relation, name: row.name ?? '' });
      break;
    case 'truncated':
      files.truncations.push({ lsn, xid, relation });
      break;
    case 'rows':
      contentOf(files, relation.key).row ??= lsn;
      break;
    case 'pages':
      contentOf(files, relation.key).other ??= lsn;
      break;
    case 'database-removed':
      databases.filesGone.push({ lsn, xid, dbOid });
      break;
    case 'database-marked':
      databases.marks.push({ lsn, dbOid: dbOid === 0 ? undefined : dbOid });
      break;
    case 'removed':
      break; // as the commit says
    default:
      throw facts.contradiction('files', message`there is no action ${JSON.stringify(action)}`);
  }
}

function contentOf({ contents }: FileUse, key: string): FileContent {
  const known = contents.get(key);
  if (known !== undefined) return known;
  const content: FileContent = { row: undefined, other: undefined };
  contents.set(key, content);
  return content;
}

async function readHorizons(facts: TablesAt): Promise<XidHorizon[]> {
  const { rows, columns } = await facts.columns('checkpoints', ['lsn', 'kind', 'next_xid']);
  const horizons: XidHorizon[] = [];
  for (let row = 0; row < rows; row++) {
    if (columns.kind[row] !== 'running') continue;
    const lsn = columns.lsn[row] as Lsn;
    facts.placeOf('checkpoints', lsn);
    horizons.push({ lsn, nextXid: columns.next_xid[row] as number });
  }
  return horizons;
}
