import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WalWriter, type WriterOptions, type WrittenSegment } from './wal-writer.js';

export const MiB = 1024 * 1024;

/** A temporary folder with the given files, gone when the test is over. */
export function folderOf(files: Record<string, Uint8Array | string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'walscan-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

/** So many segments of 1 MiB, the last one with a little in it. */
export function segmentsOf(count: number, options: Partial<WriterOptions> = {}): WrittenSegment[] {
  const writer = new WalWriter({ version: 17, ...options });
  const main = new Uint8Array(15_000).map((_, i) => (i * 31 + (options.timeline ?? 1)) & 0xff);
  const noop = { rmid: 0, info: 0x20 };
  while (writer.segments.length < count) writer.append({ ...noop, main });
  for (let i = 0; i < 5; i++) writer.append({ ...noop, main });
  return writer.segments;
}

/** A promotion's new timeline: its first segment is the parent's up to `offset`, where its own WAL goes on. */
export function branchOf(
  parent: WrittenSegment,
  timeline: number,
  offset: number,
  last: Uint8Array,
): WrittenSegment {
  const bytes = parent.bytes.slice();
  bytes.set(last.subarray(offset), offset);
  const name = timeline.toString(16).toUpperCase().padStart(8, '0') + parent.name.slice(8);
  return { name, bytes };
}

export function filesOf(segments: WrittenSegment[]): Record<string, Uint8Array> {
  return Object.fromEntries(segments.map(({ name, bytes }) => [name, bytes]));
}
