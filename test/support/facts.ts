import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { UNFINISHED } from '../../src/questions/facts/layout.js';
import { WalWriter } from './wal-writer.js';
import { commit, insert } from './workload.js';

/** What a folder of facts holds: the path of each file, and a hash of its bytes. */
export function contentOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith(UNFINISHED) && statSync(join(folder, path)).isFile())
    .sort();
  return Object.fromEntries(
    files.map((path) => [
      path,
      createHash('sha256')
        .update(readFileSync(join(folder, path)))
        .digest('hex'),
    ]),
  );
}

/** The folders of facts, by their last names. */
export function foldersIn(folder: string): string[] {
  const paths = Object.keys(contentOf(folder)).filter((path) => path.endsWith('.parquet'));
  return [...new Set(paths.map((path) => path.split('/').at(-2)!.replace('segment=', '')))].sort();
}

/** A row, as hyparquet reads it. */
type Row = Record<string, unknown>;

/** All rows of a table in all folders, as hyparquet reads them. */
export async function rowsOf(folder: string, table: string): Promise<Row[]> {
  const rows: Row[] = [];
  for (const path of Object.keys(contentOf(folder))) {
    if (!path.endsWith(`/${table}.parquet`)) continue;
    const { buffer, byteOffset, byteLength } = new Uint8Array(readFileSync(join(folder, path)));
    const file = buffer.slice(byteOffset, byteOffset + byteLength);
    rows.push(...(await parquetReadObjects({ file })));
  }
  return rows;
}

/** A time of WAL. */
const TIME = 800_000_000_000_000n;

/**
 * WAL of segments of 1 MiB, over the end of each of which a COMMIT with many subtransactions runs, and in the middle of
 * which a record is longer than a segment.
 */
export function crossingWal(version: number): WalWriter {
  const writer = new WalWriter({ version });
  const { segmentSize } = writer;
  const noop = { rmid: 0, info: 0x20, main: new Uint8Array(100) };
  let xid = 1000;
  const cross = (): void => {
    const end = Math.ceil((writer.length + 1) / segmentSize) * segmentSize;
    writer.append(insert(xid));
    while (end - writer.length > 400) writer.append(noop);
    writer.append(
      commit(xid, TIME + BigInt(xid), { subxacts: Array.from({ length: 200 }, (_, i) => xid + 1 + i) }),
    );
    xid += 1000;
  };
  cross();
  cross();
  writer.append({ ...noop, main: new Uint8Array(2.1 * segmentSize) });
  cross();
  cross();
  writer.append(insert(xid));
  return writer;
}
