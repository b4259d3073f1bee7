/**
 * What find-commit should say of each relation, worked out from the text that `pg_waldump` printed for the same
 * WAL: another program reads the records, and this adds up its lines.
 */
export interface ExpectedRelation {
  rows: Record<'committed' | 'aborted' | 'open', RowTotals>;
  /** Of a committed transaction, the last one in the WAL. `offset` is undefined where the text does not tell. */
  lastInsert: { lsn: string; xid: number; block: number; offset: number | undefined; commit: Commit } | null;
  /** Of the transaction that deleted rows and committed last. */
  lastDelete: { firstLsn: string; lsn: string; rows: number; commit: Commit } | null;
  /** `madeFiles`: by that transaction, for others to see. */
  removed: { commit: Commit; madeFiles: boolean } | null;
}

export interface RowTotals {
  inserted: number;
  updated: number;
  deleted: number;
  moved: number;
}

export interface Commit {
  xid: number;
  lsn: string;
  time: string;
}

/** A line that changes rows. */
interface Change {
  lsn: string;
  xid: number;
  relation: string;
  kind: keyof RowTotals | 'speculative';
  rows: number;
  block: number;
  offset: number | undefined;
}

/** What became of it. */
type Outcome = { status: 'committed'; commit: Commit } | { status: 'aborted' | 'open' };

interface Line {
  rmgr: string;
  xid: number;
  lsn: string;
  kind: string;
  /** The description without its first word. */
  text: string;
}

const LINE = /^rmgr: (\S+) .*? tx: +(\d+), lsn: (\S+), prev \S+, desc: (\S+) ?(.*)$/;

/** @param text what `pg_waldump` printed, with TZ=UTC */
export function expectedChanges(text: string): Map<string, ExpectedRelation> {
  const open = new Map<number, Change[]>();
  const ended: (Change & Outcome)[] = [];
  const prepared = new Set<number>();
  const created = new Map<number, string[]>();
  const removed = new Map<string, { commit: Commit; madeFiles: boolean }>();

  const end = (xids: Iterable<number>, outcome: Outcome): void => {
    for (const xid of xids) {
      for (const change of open.get(xid) ?? []) ended.push({ ...change, ...outcome });
      open.delete(xid);
    }
  };

  for (const line of linesOf(text)) {
    const { rmgr, xid, kind, lsn } = line;
    if (rmgr === 'Heap' || rmgr === 'Heap2') noteChange(open, line);
    else if (rmgr === 'Storage' && kind === 'CREATE')
      created.set(xid, [...(created.get(xid) ?? []), line.text]);
    else if (rmgr === 'XLOG' && (kind === 'CHECKPOINT_SHUTDOWN' || kind === 'END_OF_RECOVERY')) {
      end(
        [...open.keys()].filter((one) => !prepared.has(one)),
        { status: 'aborted' },
      );
    } else if (rmgr === 'Transaction') {
      const xids = transactionIds(line);
      if (kind.startsWith('PREPARE')) for (const one of xids) prepared.add(one);
      else if (kind.startsWith('ABORT')) end(xids, { status: 'aborted' });
      else if (kind.startsWith('COMMIT')) {
        const commit = { xid: xids[0], lsn, time: timeOf(line) };
        end(xids, { status: 'committed', commit });
        const dropped = listOf(line, 'rels');
        const made = xids.flatMap((one) => created.get(one) ?? []);
        const madeFiles = made.some((path) => !dropped.includes(path));
        for (const path of dropped) {
          if (!made.includes(path)) removed.set(relationOfPath(path), { commit, madeFiles });
        }
      }
    }
  }
  end([...open.keys()], { status: 'open' });
  return summarise(ended, removed);
}

function* linesOf(text: string): Generator<Line> {
  for (const line of text.split('\n')) {
    const [, rmgr, tx, lsn, kind, rest = ''] = LINE.exec(line) ?? [];
    if (rmgr !== undefined) yield { rmgr, xid: Number(tx), lsn, kind: kind.replace('+INIT', ''), text: rest };
  }
}

const INSERT_IS_SPECULATIVE = 0x04;
const DELETE_IS_SUPER = 0x08;
const DELETE_IS_PARTITION_MOVE = 0x10;

function noteChange(open: Map<number, Change[]>, { xid, lsn, kind, text }: Line): void {
  const [, relation, block] = /blkref #0: rel (\S+) blk (\d+)/.exec(text) ?? [];
  if (relation === undefined) return;
  const flags = Number.parseInt(/flags:? 0x([0-9A-F]+)/.exec(text)?.[1] ?? '0', 16);
  const changes = open.get(xid) ?? [];
  const speculative = changes.findLast((one) => one.relation === relation && one.kind === 'speculative');
  const add = (what: Change['kind'], rows = 1, offset = /^off:? (\d+)/.exec(text)?.[1]): void => {
    const place = { block: Number(block), offset: offset === undefined ? undefined : Number(offset) };
    changes.push({ lsn, xid, relation, kind: what, rows, ...place });
  };
  switch (kind) {
    case 'INSERT':
      add(flags & INSERT_IS_SPECULATIVE ? 'speculative' : 'inserted');
      break;
    case 'MULTI_INSERT':
      add('inserted', Number(/(?<=ntuples: )\d+|\d+(?= tuples)/.exec(text)?.[0]));
      break;
    case 'HEAP_CONFIRM':
      if (speculative) speculative.kind = 'inserted';
      break;
    case 'UPDATE':
    case 'HOT_UPDATE':
      add('updated');
      break;
    case 'DELETE':
      if (!(flags & DELETE_IS_SUPER)) add(flags & DELETE_IS_PARTITION_MOVE ? 'moved' : 'deleted');
      else if (speculative) changes.splice(changes.indexOf(speculative), 1);
      break;
  }
  open.set(xid, changes);
}

/** Of a record that ends or prepares a transaction: its own id first, then its subtransactions'. */
function transactionIds(line: Line): number[] {
  const own = line.kind.endsWith('_PREPARED') ? /^\d+/.exec(line.text)?.[0] : line.xid;
  return [Number(own), ...listOf(line, 'subxacts').map(Number)];
}

/** What follows `; name: ` up to the next `;`. */
function listOf({ text }: Line, name: string): string[] {
  return (new RegExp(`; ${name}: ([^;]*)`).exec(text)?.[1] ?? '').split(' ').filter(Boolean);
}

function timeOf({ text }: Line): string {
  const [, date, clock] = /(\d{4}-\d\d-\d\d) ([\d:.]+) UTC/.exec(text) ?? [];
  return `${date}T${clock}Z`;
}

function relationOfPath(path: string): string {
  const [kind, ...parts] = path.split('/');
  if (kind === 'base') return `1663/${parts[0]}/${parts[1]}`;
  if (kind === 'global') return `1664/0/${parts[0]}`;
  return `${parts[0]}/${parts[2]}/${parts[3]}`;
}

function summarise(
  changes: (Change & Outcome)[],
  removed: Map<string, { commit: Commit; madeFiles: boolean }>,
): Map<string, ExpectedRelation> {
  const byRelation = new Map<string, (Change & Outcome)[]>(
    [...removed.keys()].map((relation) => [relation, []]),
  );
  for (const change of changes.sort((a, b) => (a.lsn < b.lsn ? -1 : 1))) {
    if (change.kind === 'speculative') continue;
    const ofIt = byRelation.get(change.relation);
    if (ofIt) ofIt.push(change);
    else byRelation.set(change.relation, [change]);
  }
  const expected = new Map<string, ExpectedRelation>();
  for (const [relation, ofIt] of byRelation) {
    expected.set(relation, {
      rows: {
        committed: totals(ofIt, 'committed'),
        aborted: totals(ofIt, 'aborted'),
        open: totals(ofIt, 'open'),
      },
      lastInsert: lastInsertOf(ofIt),
      lastDelete: lastDeleteOf(ofIt),
      removed: removed.get(relation) ?? null,
    });
  }
  return expected;
}

function totals(changes: (Change & Outcome)[], status: Outcome['status']): RowTotals {
  const sum: RowTotals = { inserted: 0, updated: 0, deleted: 0, moved: 0 };
  for (const change of changes) {
    if (change.status === status && change.kind !== 'speculative') sum[change.kind] += change.rows;
  }
  return sum;
}

function lastInsertOf(changes: (Change & Outcome)[]): ExpectedRelation['lastInsert'] {
  const last = changes.findLast(({ kind, status }) => kind === 'inserted' && status === 'committed');
  if (last?.status !== 'committed') return null;
  const { lsn, xid, block, offset, commit } = last;
  return { lsn, xid, block, offset, commit };
}

function lastDeleteOf(changes: (Change & Outcome)[]): ExpectedRelation['lastDelete'] {
  let commit: Commit | undefined;
  for (const change of changes) {
    if (change.kind !== 'deleted' || change.status !== 'committed') continue;
    if (commit === undefined || change.commit.lsn > commit.lsn) commit = change.commit;
  }
  if (commit === undefined) return null;
  const ofIt = changes.filter(
    (change) => change.kind === 'deleted' && change.status === 'committed' && change.commit === commit,
  );
  return { firstLsn: ofIt[0].lsn, lsn: ofIt[ofIt.length - 1].lsn, rows: ofIt.length, commit };
}
